// System instructions: invalidation of translations, address translation into PAR_EL1, caches, clearing of blocks.
//
// Relies on the names of spec/isa/arm64/system-operations.ts. Caches are not there, so their maintenance checks rights and
// does nothing else; every invalidation forgets at least what it names.

import { ZERO_BLOCK_BYTES } from "../../../spec/isa/arm64/privileged-identification.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import { FAULT } from "../../../spec/isa/arm64/privileged-translation.ts";
import { operationName } from "../../../spec/isa/arm64/system-operations.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { AccessKind, Memory } from "../../core/memory.ts";
import { faultTrap, type AccessTrap } from "../effect-machine.ts";
import type { FlushScope } from "../system.ts";
import {
  faultOf,
  ofMaintenance,
  statusParts,
  type AddressTranslation,
  type Regime,
} from "./address-translation.ts";
import { watchesNow } from "./debug-exceptions.ts";
import type { DebugMatch } from "./debug-match.ts";
import { bit, type ProcessorState } from "./processor-state.ts";
import { rulesFor, trapOf, undefinedHere } from "./register-traps.ts";
import { arm64Binding } from "./user.ts";

/** What the operations reach. */
export interface MaintenanceWorld {
  readonly state: ProcessorState;
  readonly translation: AddressTranslation;
  readonly debug: DebugMatch;
  readonly flush: (scope: FlushScope) => void;
  /** The page to forget for an address; null: all. */
  readonly pageToForget: (address: bigint) => bigint | null;
}

/** The operation that clears a block of memory. */
export const ZERO_BLOCK = "dc zva";

/** op1 of an operation says who may use it: 0 EL1, 3 everybody, 4 EL2; others are for levels that are not there. */
const lowestLevel: Readonly<Record<string, number>> = { 0: 1, 3: 0, 4: 2 };
const EL2_OPERATIONS = 4;

type Arguments = readonly bigint[];
type Operation = (world: MaintenanceWorld, value: bigint, call: OperationCall) => Trap | null;

interface OperationCall {
  readonly name: string;
  /** As the hart sees it. */
  readonly memory: Memory;
}

const PAGE_SHIFT = 12n;
const PAGE_NUMBER_BITS = 44;
const SUFFIX_EVERYWHERE = "is";
const byAddress = /^tlbi va/;

// A virtual address is in bits 43 to 0, without its page offset; everything else names no single page.
const invalidate: Operation = (world, value, { name }) => {
  const { state } = world;
  const isForced = state.level === 1 && bit(state.hypervisorControl(), FORCED_BROADCAST);
  const everywhere = name.endsWith(SUFFIX_EVERYWHERE) || isForced;
  const address = byAddress.test(name)
    ? world.pageToForget(BigInt.asUintN(PAGE_NUMBER_BITS, value) << PAGE_SHIFT)
    : null;
  world.flush({ address, everywhere });
  return null;
};
const FORCED_BROADCAST = 9;

const nothing: Operation = () => null;

const WORD_BYTES = 8;

// Clears the block around the address, which a fault names.
const zeroBlock: Operation = (world, address, { memory }) => {
  const start = address & BigInt.asUintN(64, -BigInt(ZERO_BLOCK_BYTES));
  const watched = watchedBlock(world, address, start);
  if (watched !== null) return watched;
  for (let i = 0; i < ZERO_BLOCK_BYTES; i += WORD_BYTES) {
    const fault = memory.store(start + BigInt(i), 0n, WORD_BYTES);
    if (fault !== null) return faultTrap(arm64Binding, { ...fault, address }, ZERO_BLOCK_BYTES);
  }
  return null;
};

// The first byte of the block that is watched, if the block can be stored to at all.
function watchedBlock(world: MaintenanceWorld, address: bigint, start: bigint): Trap | null {
  const { state, translation, debug } = world;
  if (!watchesNow(state)) return null;
  const block = { access: "store", address: start, bytes: ZERO_BLOCK_BYTES } as const;
  const byte = debug.hit(state.level, block);
  if (byte === null) return null;
  const mapped = translation.translate(address, "store", translation.current());
  if (mapped.kind === "walkFault") return null;
  const fault = { kind: "fault", access: "store", address: byte, reason: "watched" } as const;
  return faultTrap(arm64Binding, fault, ZERO_BLOCK_BYTES);
}

// s1e1r: stage, level, read or write; s12 is both stages.
const translationName = /^at s(1|12)e([012])([rw])$/;
const PAR_LPAE = 1n << 11n;
const PAR_NON_SECURE = 1n << 9n;
const PAR_FAILED = 1n;
const PAR_STAGE2 = 1n << 9n;
const PAR_TABLE_ACCESS = 1n << 8n;
const PAGE_MASK = 0xfffn;
const ADDRESS_BITS = 48;

// PAR_EL1 tells the result; a fault of the second stage in a walk of the first is EL2's.
const translate: Operation = (world, value, { name }) => {
  const { state, translation } = world;
  const [, stages, level, direction] = translationName.exec(name) ?? [];
  const access: AccessKind = direction === "w" ? "store" : "load";
  const regime: Regime = {
    level: level === "2" ? 2 : 1,
    isUser: level === "0",
    withStage2: stages === "12",
  };
  const result = translation.translate(value, access, regime);
  if (result.kind === "mapping") {
    const address = BigInt.asUintN(ADDRESS_BITS, result.physical) & ~PAGE_MASK;
    const attributes = (BigInt(result.attributes) << 56n) | (BigInt(shareability(result)) << 7n);
    state.set("par_el1", attributes | address | PAR_LPAE | PAR_NON_SECURE);
    return null;
  }
  const fault = faultOf(result, value, access);
  const { code, isStage2, isTableAccess } = statusParts(fault.status);
  // A table that does not answer is no result but an abort (pseudocode of AArch64.AT).
  if (code >> 2 === FAULT.externalOnWalk >> 2) {
    const trap: AccessTrap = {
      kind: "trap",
      cause: "storeAccess",
      value,
      bytes: 1,
      fault: ofMaintenance(fault),
    };
    return trap;
  }
  const flags = (isStage2 ? PAR_STAGE2 : 0n) | (isTableAccess ? PAR_TABLE_ACCESS : 0n);
  state.set("par_el1", PAR_LPAE | PAR_FAILED | (BigInt(code) << 1n) | flags);
  return null;
};

// Device memory and memory that no cache holds are outer shareable (Arm DDI 0487, PAREncodeShareability).
function shareability(of: { readonly attributes: number; readonly shareability: number }): number {
  const { attributes } = of;
  return (attributes & 0xf0) === 0 || attributes === 0x44 || attributes === 0x40 ? 2 : of.shareability;
}

const operations: readonly (readonly [RegExp, Operation])[] = [
  [/^tlbi /, invalidate],
  [/^at /, translate],
  [new RegExp(`^${ZERO_BLOCK}$`), zeroBlock],
  [/^(dc|ic) /, nothing],
];

function operationOf(name: string): Operation | null {
  return operations.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** True if operations with this op1 are there at `level`. */
export function isForLevel(op1: number, level: Level, hasEl2: boolean): boolean {
  const lowest = lowestLevel[String(op1)];
  return lowest !== undefined && level >= lowest && (op1 !== EL2_OPERATIONS || hasEl2);
}

/** True for an operation that does nothing but check rights. */
export function isNothing(name: string): boolean {
  return operationOf(name) === nothing;
}

/** `sys`: the operation that op1, CRn, CRm and op2 name, with the register's value. */
export function systemOperation(world: MaintenanceWorld, args: Arguments, memory: Memory): Trap | null {
  const { state } = world;
  const [op1 = 0n, crn = 0n, crm = 0n, op2 = 0n, value = 0n] = args;
  const name = operationName(Number(op1), Number(crn), Number(crm), Number(op2));
  if (name === null || !isForLevel(Number(op1), state.level, state.hasEl2)) return undefinedHere;
  const operation = operationOf(name);
  if (operation === null) return undefinedHere;
  return trapOf(state, rulesFor(name), "write") ?? operation(world, value, { name, memory });
}
