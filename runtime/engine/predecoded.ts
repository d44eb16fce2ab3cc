// Decoded guest code for the interpreter: one entry for every halfword of a page that holds executed code.
//
// Relies on core/ram.ts, the decoder and the handlers' shapes (handler-shapes.ts). Lives in the
// Ram, with a table from page to entries that the interpreter looks up itself. Guarantees: an entry is right or has
// handler UNDECODED; instructions across a page border are never decoded here, so an entry depends on its page alone.

import { immediateValue } from "../../spec/isa/immediate-codes.ts";
import { operandRole } from "../../spec/isa/isa.ts";
import type { AddressSpace } from "../core/address-space.ts";
import type { Hart } from "../core/hart.ts";
import { isFault } from "../core/memory.ts";
import { PAGE_BYTES, PAGE_SHIFT } from "../core/ram.ts";
import type { Decoded } from "../isa/decoder.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import { fetchWord } from "../isa/reference-executor.ts";
import { FIRST_HANDLER, type HandlerTable } from "./handler-shapes.ts";

/** Offsets in an entry: handler (u16), length in bytes (u16), register offsets (u16 each), numbers (i32 or i64). */
export const ENTRY = { handler: 0, length: 2, registers: 4, numbers: 12, bytes: 32 } as const;
export const MAX_ENTRY_REGISTERS = 4;

/** Handlers of entries that are not decoded yet, and of instructions that are executed outside. */
export const UNDECODED = 0;
export const OUTSIDE = 1;

/** The page table: entries of 16 bytes with the page's guest address (i64) and the host address of its code (i32). */
export const PAGE_ENTRY = { tag: 0, code: 8, bytes: 16 } as const;
export const PAGE_ENTRIES = 256;
export const PAGE_TABLE_BYTES = PAGE_ENTRIES * PAGE_ENTRY.bytes;

const SLOTS = PAGE_BYTES / 2;
const MAX_PAGES = 1024;
const MAX_NUMBER = 2 ** 31;

/** What predecoded code is made for. */
export interface PredecodedTables {
  readonly pageTableAt: number;
  readonly handlers: HandlerTable;
}

export class PredecodedCode {
  private readonly pageTableAt: number;
  private readonly context: HartContext;
  private readonly memory: AddressSpace;
  private readonly handlers: HandlerTable;
  // How many handlers the loop has that reads the entries, and whether an entry waits for a later one.
  private compiled = 0;
  private isWaiting = false;
  private readonly pages = new Map<number, number>();
  private readonly freeAreas: number[] = [];

  /** `pageTableAt`: byte offset of PAGE_TABLE_BYTES in the Ram. */
  constructor(context: HartContext, memory: AddressSpace, tables: PredecodedTables) {
    this.pageTableAt = tables.pageTableAt;
    this.context = context;
    this.memory = memory;
    this.handlers = tables.handlers;
    for (let page = 0; page < PAGE_ENTRIES; page += 1) this.unlink(page);
  }

  /** True if instructions are executed outside that a new loop would have handlers for. */
  get wantsMore(): boolean {
    return this.isWaiting;
  }

  /** A loop with the first `count` handlers reads the entries from now on. */
  setHandlers(count: number): void {
    this.compiled = count;
    this.isWaiting = false;
    for (const page of [...this.pages.keys()]) this.forget(page);
  }

  /** Lets the interpreter find the page of `pc`; false if nothing can be fetched there. */
  enter(pc: bigint): boolean {
    if ("kind" in this.memory.pageFor(pc, "fetch")) return false;
    const number = Number(pc >> BigInt(PAGE_SHIFT));
    const area = this.pages.get(number) ?? this.addPage(number);
    if (area === null) return false;
    const { u32, u64 } = this.memory.ram;
    const at = this.linkOf(number);
    u64[at >> 3] = BigInt(number) << BigInt(PAGE_SHIFT);
    u32[(at + PAGE_ENTRY.code) >> 2] = area;
    return true;
  }

  /** Decodes from `pc` to the end of the straight run or of its page; the page must have been entered. */
  decode(pc: bigint): void {
    const area = this.pages.get(Number(pc >> BigInt(PAGE_SHIFT)));
    if (area === undefined) return;
    for (let offset = Number(pc & BigInt(PAGE_BYTES - 1)); offset < PAGE_BYTES;) {
      const entry = area + (offset / 2) * ENTRY.bytes;
      if (this.memory.ram.u16[entry >> 1] !== UNDECODED) return;
      const address = (pc & ~BigInt(PAGE_BYTES - 1)) + BigInt(offset);
      const word = fetchWord(this.context, address);
      const decoded = isFault(word) ? null : this.context.binding.decoder.decodeExpanded(word);
      if (decoded === null || offset + decoded.lengthBytes > PAGE_BYTES) {
        this.memory.ram.u16[entry >> 1] = OUTSIDE;
        this.memory.markCode(Number(pc >> BigInt(PAGE_SHIFT)), offset, 2);
        return;
      }
      if (!this.write(entry, decoded)) this.memory.ram.u16[entry >> 1] = OUTSIDE;
      this.memory.markCode(Number(pc >> BigInt(PAGE_SHIFT)), offset, decoded.lengthBytes);
      offset += decoded.lengthBytes;
    }
  }

  /** Forgets the page: its bytes changed or it is gone. */
  forget(pageNumber: number): void {
    const area = this.pages.get(pageNumber);
    if (area === undefined) return;
    this.pages.delete(pageNumber);
    this.freeAreas.push(area);
    this.unlink(pageNumber);
  }

  private addPage(number: number): number | null {
    if (this.pages.size >= MAX_PAGES) for (const page of [...this.pages.keys()]) this.forget(page);
    const bytes = SLOTS * ENTRY.bytes;
    const reused = this.freeAreas.pop();
    const area = reused ?? this.memory.ram.allocateArea(bytes, 64);
    if (area === null) return null;
    if (reused !== undefined) this.memory.ram.u8.fill(0, area, area + bytes);
    this.pages.set(number, area);
    return area;
  }

  private linkOf(pageNumber: number): number {
    return this.pageTableAt + (pageNumber & (PAGE_ENTRIES - 1)) * PAGE_ENTRY.bytes;
  }

  // An empty place's tag is a page that belongs to the neighbouring place, so nothing that looks here matches it.
  private unlink(pageNumber: number): void {
    const nobody = ((pageNumber & (PAGE_ENTRIES - 1)) ^ 1) << PAGE_SHIFT;
    this.memory.ram.u64[this.linkOf(pageNumber) >> 3] = BigInt(nobody);
  }

  // False if the instruction has no handler, or operands that an entry cannot hold.
  private write(entry: number, decoded: Decoded): boolean {
    const shape = this.handlers.shapeOf(decoded.instruction);
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
