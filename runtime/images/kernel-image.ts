// What a file that is to be booted is: an ELF executable, a Linux image, or plain bytes; and where it wants to be.
// Relies on elf-file.ts and spec/abi. Guarantees: a file that is none of its kind is a problem, never an exception.

import { IMAGE_HEADER, IMAGE_MAGIC } from "../../spec/abi/linux-image.ts";
import { ELF_MACHINES, ELF_MAGIC, FOREIGN_MACHINES, PT } from "../../spec/abi/elf.ts";
import { problem, type Problem } from "../problem.ts";
import { isProblem, readElf, type ElfFile } from "./elf-file.ts";

export type BootIsa = "riscv64" | "arm64";

/** Bytes for a physical address. */
export interface Load {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** elf: says itself where its parts go. linux: wants a text offset. raw: anything else. */
export type KernelImage =
  | { readonly kind: "elf"; readonly elf: ElfFile; readonly loads: readonly Load[]; readonly entry: bigint }
  | {
      readonly kind: "linux";
      readonly bytes: Uint8Array;
      readonly textOffset: bigint;
      readonly imageBytes: bigint;
    }
  | { readonly kind: "raw"; readonly bytes: Uint8Array };

/** Recognises `bytes`; a problem if it is a damaged ELF file, or one for another machine. */
export function readKernelImage(bytes: Uint8Array, isa: BootIsa): KernelImage | Problem {
  if (ELF_MAGIC.every((byte, i) => bytes[i] === byte)) return elfImage(bytes, isa);
  for (const known of ["riscv64", "arm64"] as const) {
    if (!hasMagic(bytes, known)) continue;
    if (known !== isa) return problem("R0004", { expected: isa, found: known });
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      kind: "linux",
      bytes,
      textOffset: view.getBigUint64(IMAGE_HEADER.textOffset, true),
      imageBytes: view.getBigUint64(IMAGE_HEADER.imageBytes, true),
    };
  }
  return { kind: "raw", bytes };
}

function elfImage(bytes: Uint8Array, isa: BootIsa): KernelImage | Problem {
  const elf = readElf(bytes);
  if (isProblem(elf)) return elf;
  const machine = Number(elf.header.machine);
  if (machine !== ELF_MACHINES[isa]) {
    const known = Object.entries(ELF_MACHINES).find(([, number]) => number === machine)?.[0];
    const found = known ?? FOREIGN_MACHINES[machine] ?? `machine number ${String(machine)}`;
    return problem("R0004", { expected: isa, found });
  }
  const loads: Load[] = [];
  for (const [index, segment] of elf.segments.entries()) {
    if (Number(segment.type) !== PT.LOAD || segment.memoryBytes === 0n) continue;
    if (segment.offset + segment.fileBytes > BigInt(bytes.length)) {
      return problem("R0010", { index, problem: "goes on after the end of the file" });
    }
    const start = Number(segment.offset);
    loads.push({
      address: segment.physicalAddress,
      bytes: bytes.subarray(start, start + Number(segment.fileBytes)),
    });
  }
  return loads.length === 0 ? problem("R0009", {}) : { kind: "elf", elf, loads, entry: elf.header.entry };
}

function hasMagic(bytes: Uint8Array, isa: BootIsa): boolean {
  const { at, text } = IMAGE_MAGIC[isa];
  if (bytes.length < IMAGE_HEADER.bytes) return false;
  return [...text].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));
}
