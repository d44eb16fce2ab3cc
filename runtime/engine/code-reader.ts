// Guest code as translators see it: the instruction at an address, specialised and split. Relies on a hart's context.
// Guarantees: reading marks the bytes that instructions came from, so a later store to them is noticed.

import type { Stmt } from "../../spec/isa/effect.ts";
import type { AddressSpace } from "../core/address-space.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import { isFault } from "../core/memory.ts";
import { namedValues } from "../isa/decoder.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import { fetchWord } from "../isa/reference-executor.ts";
import { userEffect } from "../isa/user-effect.ts";
import { specialise } from "./effect-specialise.ts";
import { lowerFloat, withoutIdle } from "./float-lowering.ts";
import { flowOf, type Flow } from "./instruction-flow.ts";

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
  private readonly memory: AddressSpace;
  private readonly known = new Map<PcKey, CodeInstruction>();

  constructor(context: HartContext, memory: AddressSpace) {
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
    const word = fetchWord(this.context, pc);
    if (isFault(word)) return null;
    const { binding, port } = this.context;
    const decoded = binding.decoder.decodeExpanded(word);
    if (decoded === null) return null;
    const { lengthBytes } = decoded;
    const effect = userEffect(binding, decoded.instruction);
    const special = specialise(effect, { operands: namedValues(decoded), pc, lengthBytes });
    const body = lowerFloat(withoutIdle(special, port.idleHelpers));
    const next = pc + BigInt(lengthBytes);
    this.mark(key, lengthBytes);
    return { key, next: keyOf(BigInt.asUintN(64, next)), ...flowOf(body, next) };
  }

  private mark(key: PcKey, lengthBytes: number): void {
    const page = pageOf(key);
    const offset = Number(pcOf(key) & BigInt(PAGE_BYTES - 1));
    const inPage = Math.min(lengthBytes, PAGE_BYTES - offset);
    this.memory.markCode(page, offset, inPage);
    if (inPage < lengthBytes) this.memory.markCode(pageOf(key + lengthBytes - 1), 0, lengthBytes - inPage);
  }
}

/** The page number of an address, as the address space counts them. */
export function pageOf(key: PcKey): number {
  return key >= 0 ? Math.floor(key / PAGE_BYTES) : Number(pcOf(key) >> 12n);
}
