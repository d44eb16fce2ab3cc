// Decoded guest code for the interpreter: one entry for every halfword of a page that holds executed code.
//
// Relies on core/ram.ts, the decoder and the handlers' shapes (handler-shapes.ts). Lives in areas of the Ram, by frame:
// an entry says nothing about its address, so it serves all addresses of the frame. Guarantees: an entry is right or has
// handler UNDECODED; instructions across a page border are never decoded here, so an entry depends on its frame alone.

import { immediateValue } from "../../spec/isa/immediate-codes.ts";
import { operandRole } from "../../spec/isa/isa.ts";
import type { Hart } from "../core/hart.ts";
import { EXECUTE, type PagedMemory } from "../core/paged-memory.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../core/ram.ts";
import { namedValues, type Decoded } from "../isa/decoder.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import type { AreaPool } from "./area-pool.ts";
import type { CodePageTable } from "./code-pages.ts";
import { FIRST_HANDLER, type HandlerShape, type HandlerTable } from "./handler-shapes.ts";
import type { CodePlace } from "./live-regions.ts";

/** Offsets in an entry: handler (u16), length in bytes (u16), register offsets (u16 each), numbers (i32 or i64). */
export const ENTRY = { handler: 0, length: 2, registers: 4, numbers: 12, bytes: 32 } as const;
export const MAX_ENTRY_REGISTERS = 4;

/** Handlers of entries that are not decoded yet, and of instructions that are executed outside. */
export const UNDECODED = 0;
export const OUTSIDE = 1;

/** Bytes of entries for one page. */
export const PREDECODED_BYTES = (PAGE_BYTES / 2) * ENTRY.bytes;
const MAX_NUMBER = 2 ** 31;
const MAX_REMEMBERED = 1 << 15;

// An instruction's entry. `words`: null if it is executed outside. `endsRun`: what follows it is not executed next.
interface Predecoded {
  readonly lengthBytes: number;
  readonly words: Uint32Array | null;
  readonly endsRun: boolean;
}

/** What predecoded code is made for. */
export interface PredecodedTables {
  readonly pages: CodePageTable;
  readonly areas: AreaPool;
  readonly handlers: HandlerTable;
}

export class PredecodedCode {
  private readonly context: HartContext;
  private readonly memory: PagedMemory;
  private readonly tables: PredecodedTables;
  // How many handlers the loop has that reads the entries, and whether an entry waits for a later one.
  private compiled = 0;
  private isWaiting = false;
  // Areas by frame.
  private readonly areas = new Map<number, number>();
  // Entries by the instruction's bits.
  private readonly made = new Map<number, Predecoded | null>();

  constructor(context: HartContext, memory: PagedMemory, tables: PredecodedTables) {
    this.context = context;
    this.memory = memory;
    this.tables = tables;
  }

  /** True if instructions are executed outside that a new loop would have handlers for. */
  get wantsMore(): boolean {
    return this.isWaiting;
  }

  /** A loop with the first `count` handlers reads the entries from now on. */
  setHandlers(count: number): void {
    this.compiled = count;
    this.isWaiting = false;
    this.made.clear();
    for (const frame of [...this.areas.keys()]) this.forget(frame);
  }

  /** Fetches at `pc` and lets the interpreter find its page; false if nothing can be fetched there. */
  enter(pc: bigint): boolean {
    // Such an address is never translated, so nothing may be remembered of its page.
    if (pc % BigInt(this.context.binding.instructionAlignment) !== 0n) return false;
    const page = this.memory.pageFor(pc, "fetch", 2);
    if ("kind" in page || (page.permissions & EXECUTE) === 0) return false;
    return this.link({ page: Number(pc >> BigInt(PAGE_SHIFT)), frame: page.frame });
  }

  /** Lets code find the page, which is executable. */
  link({ page, frame }: CodePlace): boolean {
    const code = this.areas.get(frame) ?? this.addFrame(frame);
    if (code !== null) this.tables.pages.link(page, { frame, code });
    return code !== null;
  }

  /** Decodes from `pc` to the next jump, or to the end of the page, which must have been entered. */
  decode(pc: bigint): void {
    const page = this.memory.knownPage(pc);
    const area = page === null ? undefined : this.areas.get(page.frame);
    if (page === null || area === undefined || (page.permissions & EXECUTE) === 0) return;
    const { frame } = page;
    const { u16, u32 } = this.memory.ram;
    for (let offset = Number(pc & BigInt(PAGE_BYTES - 1)); offset < PAGE_BYTES;) {
      const entry = area + (offset / 2) * ENTRY.bytes;
      if (u16[entry >>> 1] !== UNDECODED) return;
      const word = this.wordAt(frame, offset);
      const made = word === null ? null : this.entryFor(word);
      const lengthBytes = made?.lengthBytes ?? 2;
      if (made?.words == null) u16[entry >>> 1] = OUTSIDE;
      else u32.set(made.words, entry >>> 2);
      this.memory.code.mark(frame, offset, lengthBytes);
      if (made === null || made.endsRun) return;
      offset += lengthBytes;
    }
  }

  /** Forgets the frame: its bytes changed or it is gone. */
  forget(frame: number): void {
    const area = this.areas.get(frame);
    if (area === undefined) return;
    this.lose(frame);
    this.tables.areas.give(area);
  }

  private lose(frame: number): void {
    this.areas.delete(frame);
    this.tables.pages.unlinkFrame(frame);
  }

  private addFrame(frame: number): number | null {
    const area = this.tables.areas.take(() => {
      this.lose(frame);
    });
    if (area !== null) this.areas.set(frame, area);
    return area;
  }

  // The bits of the instruction there; null if some of them are in another page, or none can be there.
  private wordAt(frame: number, offset: number): number | null {
    const { decoder, instructionAlignment } = this.context.binding;
    if (offset % instructionAlignment !== 0) return null;
    const { u16 } = this.memory.ram;
    const at = (frame + offset) >>> 1;
    const half = u16[at] ?? 0;
    if (decoder.lengthOf(half) === 2) return half;
    return offset + 4 > PAGE_BYTES ? null : half + (u16[at + 1] ?? 0) * 2 ** 16;
  }

  // What the word's entries hold; null for no instruction.
  private entryFor(word: number): Predecoded | null {
    const known = this.made.get(word);
    if (known !== undefined) return known;
    const decoded = this.context.binding.decoder.decodeExpanded(word);
    const made = decoded === null ? null : this.predecode(decoded);
    if (this.made.size >= MAX_REMEMBERED) this.made.clear();
    this.made.set(word, made);
    return made;
  }

  private predecode(decoded: Decoded): Predecoded {
    const { lengthBytes } = decoded;
    const outside = { lengthBytes, words: null, endsRun: false };
    const { guard } = this.context;
    if (guard?.covers(decoded.instruction, namedValues(decoded)) === true) return outside;
    const shape = this.tables.handlers.shapeOf(decoded);
    if (shape === null) return outside;
    if (shape.handler - FIRST_HANDLER >= this.compiled) {
      this.isWaiting = true;
      return outside;
    }
    const words = this.wordsOf(decoded, shape);
    return { lengthBytes, words, endsRun: shape.body.at(-1)?.kind === "setPc" };
  }

  // Null if the operands are such as an entry cannot hold.
  private wordsOf(decoded: Decoded, shape: HandlerShape): Uint32Array | null {
    const u32 = new Uint32Array(ENTRY.bytes / 4);
    const u16 = new Uint16Array(u32.buffer);
    for (const [slot, name] of shape.registers.entries()) {
      const offset = this.registerOffset(decoded, name);
      if (offset === null) return null;
      u16[(ENTRY.registers + 2 * slot) >>> 1] = offset;
    }
    for (const { at, name, code } of shape.numbers) {
      const operand = valueOf(decoded, name);
      if (code === null && (operand < -MAX_NUMBER || operand >= MAX_NUMBER)) return null;
      const value = immediateValue(code, operand, 64);
      u32[at >>> 2] = Number(BigInt.asUintN(32, value));
      if (code !== null) u32[(at >>> 2) + 1] = Number(value >> 32n);
    }
    u16[ENTRY.length >>> 1] = decoded.lengthBytes;
    u16[ENTRY.handler >>> 1] = shape.handler;
    return u32;
  }

  // Offset of the register in the hart's area. One that reads as zero and ignores writes gets a word of its own for
  // either; an operand that does both cannot be expressed.
  private registerOffset(decoded: Decoded, name: string): number | null {
    const { isa } = this.context.binding;
    const { hart } = this.context;
    const operand = decoded.instruction.operands.find((o) => o.name === name);
    if (operand?.kind.kind !== "register") return null;
    const { special, file } = isa.registerClass(operand.kind.class);
    const index = valueOf(decoded, name);
    if (special?.index !== index) return placeOf(hart, file, index);
    if (special.file !== null) return placeOf(hart, special.file, 0);
    const role = operandRole(isa, decoded.instruction, name);
    if (role === "both") return null;
    return role === "def" ? hart.sinkAt : hart.zeroAt;
  }
}

function placeOf(hart: Hart, file: string, index: number): number | null {
  const place = hart.places.get(file);
  return place === undefined ? null : place.at + index * place.stride;
}

function valueOf(decoded: Decoded, name: string): number {
  const position = decoded.instruction.operands.findIndex((o) => o.name === name);
  return decoded.values[position] ?? 0;
}
