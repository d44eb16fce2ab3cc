// A section of debugging tables being made: bytes, and relocations to symbols by name. Relies on byte-writer.ts.

import { ByteWriter } from "../byte-writer.ts";
import type { MachineFormat } from "../machine/machine-format.ts";
import { SECTION_FLAGS, type ObjectSection, type Relocation } from "../object-file.ts";

/** Finds or makes the number of a symbol. */
export type SymbolNumber = (name: string) => number;

export class TableWriter {
  readonly out = new ByteWriter();
  readonly #relocations: Relocation[] = [];
  readonly #types: MachineFormat["addressRelocations"];
  readonly #symbol: SymbolNumber;

  constructor(types: MachineFormat["addressRelocations"], symbol: SymbolNumber) {
    this.#types = types;
    this.#symbol = symbol;
  }

  /** `symbol + addend` in `bytes` bytes. */
  reference(symbol: string, addend: number, bytes: 4 | 8): void {
    const offset = this.out.length;
    const number = this.#symbol(symbol);
    this.#relocations.push({ offset, type: this.#types[bytes], symbol: number, addend: BigInt(addend) });
    this.out.unsigned(0, bytes);
  }

  /**
   * Writes `body` after its own length in four bytes, as tables of the 32-bit format begin. `fill`: bytes of this value
   * after it, until the whole is a multiple of `alignment`.
   */
  counted(body: (table: this) => void, alignment = 1, fill = 0): void {
    const start = this.out.length;
    this.out.u32(0);
    body(this);
    while ((this.out.length - start) % alignment !== 0) this.out.u8(fill);
    this.out.patchU32(start, this.out.length - start - 4);
  }

  finish(name: string, alignment = 1): ObjectSection {
    const bytes = this.out.finish();
    return {
      name,
      kind: "progbits",
      flags: SECTION_FLAGS.tool,
      alignment,
      bytes,
      sizeBytes: bytes.length,
      relocations: this.#relocations,
      lines: [],
      frames: [],
    };
  }
}
