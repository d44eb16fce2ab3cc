// Breakpoints and watchpoints of one hart: which instructions and accesses its debug registers are about (Arm DDI 0487,
// D2.8 and D2.9).
//
// Relies on the hart's state. What registers say is taken apart once and again after `changed`. Whether debug exceptions
// are enabled is not asked here: a hart has other modes while they are. There is one security state, so conditions about
// the other one never hold. What the manual leaves open is done as on QEMU 7.2: reserved values and links to breakpoints
// that compare no contexts match nothing, of several groups of selected bytes the first counts, and a mask hides them all.

import { DEBUG_CONTROL, DEBUG_UNITS } from "../../../spec/isa/arm64/privileged-state.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import type { GuestWatch } from "../../core/access-stops.ts";
import type { AccessKind } from "../../core/memory.ts";
import { EXECUTE, READ, WRITE } from "../../core/paged-memory.ts";
import { PAGE_SHIFT } from "../../core/ram.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";

interface Place {
  /** Without the byte that an address may carry as a tag. */
  readonly start: bigint;
  readonly bytes: bigint;
  /** The permissions that it is about. */
  readonly permissions: number;
  readonly levels: readonly Level[];
  /** The breakpoint that must compare the context too. */
  readonly link: number | null;
}

interface Places {
  readonly breakpoints: readonly Place[];
  readonly watchpoints: readonly Place[];
  /** Breakpoints that compare nothing but the context. */
  readonly contexts: readonly { readonly number: number; readonly levels: readonly Level[] }[];
}

const ADDRESS_BITS = 49;
const UNTAGGED_BITS = 56;
const UNTAGGED_PAGES = 2 ** (UNTAGGED_BITS - PAGE_SHIFT);
const PERMISSION = { fetch: EXECUTE, load: READ, store: WRITE } as const;
const WORD_BYTES = 4n;
const SECURE_ONLY = 2;
const levels = [0, 1, 2] as const;

/** Types of breakpoints; odd ones are linked. */
const TYPE = { address: 0, context: 2, machine: 8, contextAndMachine: 10 } as const;
const LINKED = 1;

export class DebugMatch {
  private readonly state: ProcessorState;
  private known: Places | null = null;

  constructor(state: ProcessorState) {
    this.state = state;
  }

  /** Debug registers are others now. */
  changed(): void {
    this.known = null;
  }

  /** What is watched at that level. */
  watchAt(level: Level): GuestWatch {
    return {
      withheld: (pageNumber) => this.withheld(level, pageNumber),
      hit: (access, address, bytes) => this.hit(level, { access, address, bytes }),
    };
  }

  /** The first watched byte that an access with the rights of `level` touches; null: none. */
  hit(
    level: Level,
    {
      access,
      address,
      bytes,
    }: { readonly access: AccessKind; readonly address: bigint; readonly bytes: number },
  ): bigint | null {
    const { breakpoints, watchpoints, contexts } = this.places();
    const first = untagged(address);
    if (access === "fetch") {
      const isContext = contexts.some((c) => c.levels.includes(level) && this.isContext(c.number));
      const isHere = breakpoints.some((place) => place.start === first && this.applies(place, level));
      return isContext || isHere ? address : null;
    }
    for (const place of watchpoints) {
      const { start, permissions } = place;
      if ((permissions & PERMISSION[access]) === 0 || !this.applies(place, level)) continue;
      if (first + BigInt(bytes) <= start || start + place.bytes <= first) continue;
      return start > first ? address + (start - first) : address;
    }
    return null;
  }

  private withheld(level: Level, pageNumber: number): number {
    const { breakpoints, watchpoints, contexts } = this.places();
    const page = pageNumber % UNTAGGED_PAGES;
    let permissions = contexts.some((c) => c.levels.includes(level)) ? EXECUTE : 0;
    for (const place of [...breakpoints, ...watchpoints]) {
      if (place.levels.includes(level) && isOn(place, page)) permissions |= place.permissions;
    }
    return permissions;
  }

  private applies({ levels: own, link }: Place, level: Level): boolean {
    return own.includes(level) && (link === null || this.isLinkedContext(link));
  }

  private isLinkedContext(number: number): boolean {
    const { breakpoints, firstContext } = DEBUG_UNITS;
    if (number < firstContext || number >= breakpoints) return false;
    const control = this.state.get(`dbgbcr${String(number)}_el1`);
    const isLinked = (part(control, DEBUG_CONTROL.breakpoint.type) & LINKED) !== 0;
    return isLinked && part(control, DEBUG_CONTROL.enable) === 1 && this.isContext(number);
  }

  // CONTEXTIDR_EL1 and the VMID are those of EL1 and EL0.
  private isContext(number: number): boolean {
    const { state } = this;
    if (state.level === 2) return false;
    const wanted = state.get(`dbgbvr${String(number)}_el1`);
    const type = part(state.get(`dbgbcr${String(number)}_el1`), DEBUG_CONTROL.breakpoint.type) & ~LINKED;
    const isContext = BigInt.asUintN(32, state.get("contextidr_el1")) === BigInt.asUintN(32, wanted);
    const machine = field(state.get("vttbr_el2"), MACHINE_AT, MACHINE_BITS);
    const isMachine = state.hasEl2 && !state.generalTraps() && machine === field(wanted, 32, MACHINE_BITS);
    if (type === TYPE.context) return isContext;
    if (type === TYPE.machine) return isMachine;
    return type === TYPE.contextAndMachine && isContext && isMachine;
  }

  private places(): Places {
    return (this.known ??= this.read());
  }

  private read(): Places {
    const { state } = this;
    const register = (kind: string, i: number): bigint => state.get(`dbg${kind}${String(i)}_el1`);
    const enabled = (kind: string, count: number): readonly number[] =>
      Array.from({ length: count }, (_, i) => i).filter(
        (i) => part(register(kind, i), DEBUG_CONTROL.enable) === 1,
      );
    const points = enabled("bcr", DEBUG_UNITS.breakpoints);
    const typeOf = (i: number): number => part(register("bcr", i), DEBUG_CONTROL.breakpoint.type);
    return {
      breakpoints: points.flatMap((i) => breakpoint(register("bcr", i), register("bvr", i))),
      watchpoints: enabled("wcr", DEBUG_UNITS.watchpoints).flatMap((i) =>
        watchpoint(register("wcr", i), register("wvr", i)),
      ),
      contexts: points
        .filter((i) => i >= DEBUG_UNITS.firstContext && contextTypes.includes(typeOf(i)))
        .map((number) => ({ number, levels: levelsOf(register("bcr", number)) })),
    };
  }
}

const contextTypes: readonly number[] = [TYPE.context, TYPE.machine, TYPE.contextAndMachine];
const MACHINE_AT = 48;
const MACHINE_BITS = 8;

function part(control: bigint, [low, width]: readonly [low: number, width: number]): number {
  return field(control, low, width);
}

function untagged(address: bigint): bigint {
  return BigInt.asUintN(UNTAGGED_BITS, address);
}

// The bits of a comparison's address above the 49th are copies of that one.
function comparedAddress(value: bigint): bigint {
  return untagged(BigInt.asIntN(ADDRESS_BITS, value) & ~(WORD_BYTES - 1n));
}

function levelsOf(control: bigint): readonly Level[] {
  if (part(control, DEBUG_CONTROL.security) === SECURE_ONLY) return [];
  const privilege = part(control, DEBUG_CONTROL.privilege);
  const matches = [(privilege & 2) !== 0, (privilege & 1) !== 0, part(control, DEBUG_CONTROL.higher) === 1];
  return levels.filter((level) => matches[level]);
}

// Bytes 2 and 3 alone are a 16-bit instruction's; there are none.
const UPPER_HALF = 0xc;

function breakpoint(control: bigint, value: bigint): readonly Place[] {
  const bytes = part(control, DEBUG_CONTROL.breakpoint.bytes);
  const type = part(control, DEBUG_CONTROL.breakpoint.type);
  if ((type & ~LINKED) !== TYPE.address || bytes === 0 || bytes === UPPER_HALF) return [];
  const link = (type & LINKED) === 0 ? null : part(control, DEBUG_CONTROL.linked);
  const start = comparedAddress(value);
  return [{ start, bytes: WORD_BYTES, permissions: EXECUTE, levels: levelsOf(control), link }];
}

function watchpoint(control: bigint, value: bigint): readonly Place[] {
  const { access, isLinked } = DEBUG_CONTROL.watchpoint;
  const kind = part(control, access);
  const permissions = ((kind & 1) === 0 ? 0 : READ) | ((kind & 2) === 0 ? 0 : WRITE);
  const range = watchedRange(control, comparedAddress(value));
  if (permissions === 0 || range === null) return [];
  const link = part(control, isLinked) === 0 ? null : part(control, DEBUG_CONTROL.linked);
  return [{ ...range, permissions, levels: levelsOf(control), link }];
}

function watchedRange(
  control: bigint,
  address: bigint,
): { readonly start: bigint; readonly bytes: bigint } | null {
  const mask = part(control, DEBUG_CONTROL.watchpoint.mask);
  if (mask !== 0) {
    const bytes = 1n << BigInt(mask);
    return mask < FIRST_MASK ? null : { start: address & -bytes, bytes };
  }
  // An address in the middle of a doubleword selects among four bytes.
  const all = part(control, DEBUG_CONTROL.watchpoint.bytes);
  const selected = bit(address, 2) ? all & 0xf : all;
  if (selected === 0) return null;
  let first = 0;
  while (((selected >> first) & 1) === 0) first += 1;
  let count = 0;
  while (((selected >> (first + count)) & 1) === 1) count += 1;
  return { start: address + BigInt(first), bytes: BigInt(count) };
}

// 1 and 2 are reserved.
const FIRST_MASK = 3;

function isOn({ start, bytes }: Place, page: number): boolean {
  const shift = BigInt(PAGE_SHIFT);
  return Number(start >> shift) <= page && page <= Number((start + bytes - 1n) >> shift);
}
