// One stage of VMSAv8-64: walks tables of descriptors from an input address to an output address (Arm DDI 0487, D8.2).
//
// Relies on spec/isa/arm64/privileged-translation.ts. Faults are values with the architecture's status; the access flag
// is never set by hardware (Armv8.0). Where Armv8.0 leaves a choice, it is QEMU's.

import {
  DESCRIPTOR,
  FAULT,
  INPUT_SIZE,
  outputBits,
  PHYSICAL_BITS,
  START_LEVEL,
  startLevels,
  supportedGranules,
  type TranslationControl,
} from "../../../spec/isa/arm64/privileged-translation.ts";
import { bit, field } from "./processor-state.ts";

/** What a walk needs to know of its stage. */
export interface Stage {
  readonly control: TranslationControl;
  /** TCR_ELx or VTCR_EL2, and the table's base register. */
  readonly controlValue: bigint;
  readonly base: bigint;
  /** Bit 55 of addresses that this half translates; null: only zeros. */
  readonly upper: boolean;
  readonly isStage2: boolean;
  /** Reads a descriptor at an address that this stage's tables are in. */
  readonly readDescriptor: (address: bigint) => bigint | WalkFault;
}

/** Why there is no translation: status with its level; for stage 1 tables that stage 2 does not map, the address. */
export interface WalkFault {
  readonly kind: "walkFault";
  readonly status: number;
  readonly isStage2: boolean;
  /** The fault is of a table access of stage 1 in stage 2. */
  readonly isTableAccess: boolean;
  /** What stage 2 was asked for. */
  readonly intermediate: bigint | null;
}

/** A page or block: where `address` leads, and the descriptor's attributes. */
export interface Leaf {
  readonly kind: "leaf";
  readonly output: bigint;
  /** Bytes that are mapped alike, a power of two. */
  readonly sizeBytes: bigint;
  readonly level: number;
  readonly attributes: bigint;
  /** All table descriptors on the way, ored together (bits 63 to 59). */
  readonly limits: bigint;
}

export function walkFault(status: number, isStage2: boolean): WalkFault {
  return { kind: "walkFault", status, isStage2, isTableAccess: false, intermediate: null };
}

const DESCRIPTOR_BYTES_LOG2 = 3;
const ADDRESS_BITS = 48;
const TOP_BYTE = 8;
const LIMIT_BITS = 0x1fn << 59n;

interface Geometry {
  readonly granuleBits: number;
  readonly inputBits: number;
  readonly outputBits: number;
  readonly startLevel: number;
}

function ones(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** True if `address` belongs to the half: all bits above its input are those of the half, the top byte aside if ignored. */
function isInRange(stage: Stage, address: bigint, inputBits: number): boolean {
  const { control, controlValue, upper } = stage;
  const ignored = control.ignoreTop !== null && bit(controlValue, control.ignoreTop) ? TOP_BYTE : 0;
  const width = 64 - ignored - inputBits;
  if (width <= 0) return true;
  const top = BigInt.asUintN(width, address >> BigInt(inputBits));
  return top === (upper ? ones(width) : 0n);
}

// Null: the fields make no sense, which is a translation fault of level 0.
function geometryOf(stage: Stage): Geometry | null {
  const { control, controlValue, isStage2 } = stage;
  const size = field(controlValue, control.size, 6);
  if (size < INPUT_SIZE.least || size > INPUT_SIZE.greatest) return null;
  const wanted = control.granules[field(controlValue, control.granule, 2)];
  const granuleBits = supportedGranules.find((g) => g === wanted) ?? supportedGranules[0];
  const inputBits = 64 - size;
  const output = Math.min(
    PHYSICAL_BITS,
    outputBits[field(controlValue, control.outputSize, 3)] ?? PHYSICAL_BITS,
  );
  const stride = granuleBits - DESCRIPTOR_BYTES_LOG2;
  if (!isStage2) {
    const startLevel = 4 - Math.floor((inputBits - 4) / stride);
    return { granuleBits, inputBits, outputBits: output, startLevel };
  }
  const startLevel = startLevels[granuleBits]?.[field(controlValue, START_LEVEL, 2)] ?? null;
  if (startLevel === null) return null;
  // Up to sixteen tables may stand side by side at the first level. More input than output: we choose the fault.
  const least = (3 - startLevel) * stride + granuleBits + 1;
  if (inputBits < least || inputBits > least + stride - 1 + 4 || inputBits > output) return null;
  return { granuleBits, inputBits, outputBits: output, startLevel };
}

/** Walks from the stage's base register. */
export function walkTables(stage: Stage, address: bigint): Leaf | WalkFault {
  const { control, controlValue, isStage2 } = stage;
  const geometry = geometryOf(stage);
  const noTranslation = walkFault(FAULT.translation, isStage2);
  if (geometry === null || !isInRange(stage, address, geometry.inputBits)) return noTranslation;
  if (control.noWalks !== null && bit(controlValue, control.noWalks)) return noTranslation;
  const base = BigInt.asUintN(ADDRESS_BITS, stage.base);
  if (base >> BigInt(geometry.outputBits) !== 0n) return walkFault(FAULT.addressSize, isStage2);
  return walkLevels(stage, address, geometry, base);
}

function walkLevels(stage: Stage, address: bigint, geometry: Geometry, base: bigint): Leaf | WalkFault {
  const { granuleBits, inputBits, startLevel } = geometry;
  const stride = granuleBits - DESCRIPTOR_BYTES_LOG2;
  const addressMask = ones(ADDRESS_BITS) & ~ones(granuleBits);
  let indexMask = ones(inputBits - stride * (4 - startLevel));
  let table = base & ~indexMask;
  let limits = 0n;
  for (let level = startLevel; ; level += 1) {
    const fault = (status: number): WalkFault => walkFault(status + level, stage.isStage2);
    const shift = stride * (4 - level);
    const at = (table | ((address >> BigInt(shift)) & indexMask)) & ~7n;
    const descriptor = stage.readDescriptor(at);
    if (typeof descriptor !== "bigint") return atLevel(descriptor, level);
    const isTable = bit(descriptor, DESCRIPTOR.table);
    if (!bit(descriptor, DESCRIPTOR.valid) || (!isTable && level === 3)) return fault(FAULT.translation);
    const next = descriptor & addressMask;
    if (next >> BigInt(geometry.outputBits) !== 0n) return fault(FAULT.addressSize);
    if (!isTable || level === 3) {
      if (!bit(descriptor, DESCRIPTOR.accessed)) return fault(FAULT.accessFlag);
      const sizeBytes = 1n << BigInt(shift + DESCRIPTOR_BYTES_LOG2);
      const output = (next & ~(sizeBytes - 1n)) | (address & (sizeBytes - 1n));
      return { kind: "leaf", output, sizeBytes, level, attributes: descriptor, limits };
    }
    limits |= descriptor & LIMIT_BITS;
    table = next;
    indexMask = ones(granuleBits);
  }
}

// A table that cannot be read is a fault of the level that it belongs to; the second stage has levels of its own.
function atLevel(fault: WalkFault, level: number): WalkFault {
  return fault.isTableAccess ? fault : { ...fault, status: fault.status + level };
}
