// Guest code as translators see it: the instruction at an address, specialised and split. Relies on a hart's context.
// Guarantees: reading has no effect that the guest could see, because only pages that are known are read; it marks the
// bytes that instructions came from, so a later store to them is noticed.

import type { Stmt } from "../../spec/isa/effect.ts";
import { isFault, type MemoryFault } from "../core/memory.ts";
import { EXECUTE, type PagedMemory } from "../core/paged-memory.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import { namedValues } from "../isa/decoder.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import { fetchWord } from "../isa/reference-executor.ts";
import { boundEffect } from "../isa/bound-effect.ts";
import { specialise } from "./effect-specialise.ts";
import { lowerFloat, withoutIdle } from "./float-lowering.ts";
import { withInlineForms } from "./inline-system.ts";
import { flowOf, OUTSIDE, type Flow } from "./instruction-flow.ts";

/** Addresses as map keys: the signed 64-bit value. Exact for all canonical addresses. */
export type PcKey = number;

export function keyOf(pc: bigint): PcKey {
  return Number(BigInt.asIntN(64, pc));
}

export function pcOf(key: PcKey): bigint {
  return BigInt.asUintN(64, BigInt(key));
}

/** True if the key stands for exactly one address. */
export function isExact(key: PcKey): boolean {
  return Number.isSafeInteger(key);
}

export interface CodeInstruction {
  readonly key: PcKey;
  readonly next: PcKey;
  readonly straight: readonly Stmt[];
  readonly flow: Flow;
}

const MAX_REMEMBERED = 1 << 16;

export class CodeReader {
  private readonly context: HartContext;
  private readonly memory: PagedMemory;
  private readonly known = new Map<PcKey, CodeInstruction>();

  constructor(context: HartContext, memory: PagedMemory) {
    this.context = context;
    this.memory = memory;
  }

  /** The instruction at `key`; null if none can be fetched or decoded there. */
  read(key: PcKey): CodeInstruction | null {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (!isExact(key)) return null;
    const instruction = this.decode(key);
    if (instruction !== null) this.known.set(key, instruction);
    if (this.known.size > MAX_REMEMBERED) this.known.clear();
    return instruction;
  }

  /** Forgets what was read: code may have changed. */
  forget(): void {
    this.known.clear();
  }

  private decode(key: PcKey): CodeInstruction | null {
    const pc = pcOf(key);
    const word = fetchKnown(this.context, this.memory, pc);
    if (isFault(word)) return null;
    const { binding, port, guard } = this.context;
    const decoded = binding.decoder.decodeExpanded(word);
    if (decoded === null) return null;
    const { lengthBytes } = decoded;
    const effect = boundEffect(binding, decoded.instruction);
    const operands = namedValues(decoded);
    const special = specialise(effect, { operands, pc, lengthBytes });
    const body = lowerFloat(withoutIdle(withInlineForms(special, binding.inline), port.idleHelpers));
    const next = pc + BigInt(lengthBytes);
    this.mark(pc, lengthBytes);
    const parts = guard?.covers(decoded.instruction, operands) === true ? OUTSIDE : flowOf(body, next);
    return { key, next: keyOf(BigInt.asUintN(64, next)), ...parts };
  }

  private mark(pc: bigint, lengthBytes: number): void {
    const offset = Number(pc & BigInt(PAGE_BYTES - 1));
    const inPage = Math.min(lengthBytes, PAGE_BYTES - offset);
    this.markPart(pc, inPage);
    if (inPage < lengthBytes) this.markPart(pc + BigInt(inPage), lengthBytes - inPage);
  }

  // Within one page, which is known.
  private markPart(address: bigint, bytes: number): void {
    const page = this.memory.knownPage(address);
    if (page !== null) this.memory.code.mark(page.frame, Number(address & BigInt(PAGE_BYTES - 1)), bytes);
  }
}

/** The bits of the instruction at `pc` as `fetchWord` gives them; a fault if it is not in pages that are known. */
export function fetchKnown(context: HartContext, memory: PagedMemory, pc: bigint): number | MemoryFault {
  return fetchWord({ binding: context.binding, fetch: (at, bytes) => readKnown(memory, at, bytes) }, pc);
}

function readKnown(memory: PagedMemory, address: bigint, bytes: number): number | MemoryFault {
  const page = memory.knownPage(address);
  if (page === null || (page.permissions & EXECUTE) === 0) {
    return { kind: "fault", access: "fetch", address, reason: "unmapped" };
  }
  const offset = Number(address & BigInt(PAGE_BYTES - 1));
  const inPage = Math.min(bytes, PAGE_BYTES - offset);
  const low = Number(memory.ram.read(page.frame + offset, inPage));
  if (inPage === bytes) return low;
  const high = readKnown(memory, address + BigInt(inPage), bytes - inPage);
  return typeof high === "number" ? low + high * 2 ** (8 * inPage) : high;
}

/** The page number of an address, as the address space counts them. */
export function pageOf(key: PcKey): number {
  return key >= 0 ? Math.floor(key / PAGE_BYTES) : Number(pcOf(key) >> 12n);
}
