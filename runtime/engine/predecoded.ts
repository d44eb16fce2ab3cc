// Decoded guest code for the interpreter: one entry for every halfword of a page that holds executed code.
//
// Relies on core/ram.ts, the decoder and the handlers' shapes (handler-shapes.ts). Lives in areas of the Ram, by frame:
// an entry says nothing about its address, so it serves all addresses of the frame. Guarantees: an entry is right or has
// handler UNDECODED; instructions across a page border are never decoded here, so an entry depends on its frame alone.

import { immediateValue } from "../../spec/isa/immediate-codes.ts";
import { operandRole } from "../../spec/isa/isa.ts";
import type { Hart } from "../core/hart.ts";
import { isFault } from "../core/memory.ts";
import { EXECUTE, type PagedMemory } from "../core/paged-memory.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../core/ram.ts";
import type { Decoded } from "../isa/decoder.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import type { AreaPool } from "./area-pool.ts";
import type { CodePageTable } from "./code-pages.ts";
import { fetchKnown } from "./code-reader.ts";
import { FIRST_HANDLER, type HandlerTable } from "./handler-shapes.ts";
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
    for (const frame of [...this.areas.keys()]) this.forget(frame);
  }

  /** Fetches at `pc` and lets the interpreter find its page; false if nothing can be fetched there. */
  enter(pc: bigint): boolean {
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

  /** Decodes from `pc` to the end of the straight run or of its page; the page must have been entered. */
  decode(pc: bigint): void {
    const frame = this.memory.knownPage(pc)?.frame;
    const area = frame === undefined ? undefined : this.areas.get(frame);
    if (frame === undefined || area === undefined) return;
    const { u16 } = this.memory.ram;
    for (let offset = Number(pc & BigInt(PAGE_BYTES - 1)); offset < PAGE_BYTES;) {
      const entry = area + (offset / 2) * ENTRY.bytes;
      if (u16[entry >> 1] !== UNDECODED) return;
      const decoded = this.decodeAt((pc & ~BigInt(PAGE_BYTES - 1)) + BigInt(offset));
      if (decoded === null || offset + decoded.lengthBytes > PAGE_BYTES) {
        u16[entry >> 1] = OUTSIDE;
        this.memory.code.mark(frame, offset, 2);
        return;
      }
      if (!this.write(entry, decoded)) u16[entry >> 1] = OUTSIDE;
      this.memory.code.mark(frame, offset, decoded.lengthBytes);
      offset += decoded.lengthBytes;
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

  // Null also for an instruction over the page's end whose rest is not known.
  private decodeAt(address: bigint): Decoded | null {
    const word = fetchKnown(this.context, this.memory, address);
    return isFault(word) ? null : this.context.binding.decoder.decodeExpanded(word);
  }

  // False if the instruction has no handler, or operands that an entry cannot hold.
  private write(entry: number, decoded: Decoded): boolean {
    if (this.context.guard?.covers(decoded.instruction) === true) return false;
    const shape = this.tables.handlers.shapeOf(decoded.instruction);
    if (shape === null) return false;
    if (shape.handler - FIRST_HANDLER >= this.compiled) {
      this.isWaiting = true;
      return false;
    }
    const offsets = shape.registers.map((name) => this.registerOffset(decoded, name));
    const numbers = shape.numbers.map((slot) => ({ slot, operand: valueOf(decoded, slot.name) }));
    const fit = numbers.every(
      ({ slot: { code }, operand: n }) => code !== null || (n >= -MAX_NUMBER && n < MAX_NUMBER),
    );
    if (offsets.includes(null) || !fit) return false;
    const { u16, u32 } = this.memory.ram;
    offsets.forEach((offset, slot) => {
      u16[(entry + ENTRY.registers + 2 * slot) >> 1] = offset ?? 0;
    });
    for (const { slot, operand } of numbers) {
      const at = (entry + slot.at) >> 2;
      const value = immediateValue(slot.code, operand, 64);
      u32[at] = Number(BigInt.asUintN(32, value));
      if (slot.code !== null) u32[at + 1] = Number(value >> 32n);
    }
    u16[(entry + ENTRY.length) >> 1] = decoded.lengthBytes;
    u16[(entry + ENTRY.handler) >> 1] = shape.handler;
    return true;
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
