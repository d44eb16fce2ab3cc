// The translation regimes of Arm64: EL1&0 with its two halves and an optional second stage, and EL2 (Arm DDI 0487, D8).
//
// Relies on table-walk.ts and the hart's state. Nothing is remembered here: who asks keeps the answers until a flush.

import { HCR, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import {
  DESCRIPTOR,
  FAULT,
  PHYSICAL_BITS,
  translationControls,
} from "../../../spec/isa/arm64/privileged-translation.ts";
import { EXECUTE, PERMISSION, READ, WRITE } from "../../core/paged-memory.ts";
import { isFault, type AccessKind, type Memory, type MemoryFault } from "../../core/memory.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";
import { walkFault, walkTables, type Leaf, type Stage, type WalkFault } from "./table-walk.ts";

/** Whose tables and rights count. */
export interface Regime {
  /** 1: EL1&0; 2: EL2. */
  readonly level: 1 | 2;
  /** With the rights of EL0. */
  readonly isUser: boolean;
  /** False: the first stage alone, whatever HCR_EL2 says. */
  readonly withStage2: boolean;
}

/** Where an address leads. */
export interface Mapping {
  readonly kind: "mapping";
  readonly physical: bigint;
  /** READ, WRITE, EXECUTE. */
  readonly permissions: number;
  /** Bytes around the address that the first stage maps alike: an invalidation of one address is for all of them. */
  readonly sizeBytes: bigint;
  /** Attributes as MAIR_ELx and PAR_EL1 hold them, and shareability. */
  readonly attributes: number;
  readonly shareability: number;
}

/** What a stage with tables says; faults that its attributes cause name its level. */
interface StagedMapping extends Mapping {
  readonly level: number;
}

/** `Mapping.sizeBytes` where the first stage is off. */
export const UNTRANSLATED_BYTES = 1n << 64n;

const TABLE_ACCESS = 1 << 7;
const STAGE2 = 1 << 8;
const MAINTENANCE = 1 << 9;
const STATUS_BITS = 0x3f;
/** The bit of an address that selects the half of EL1&0 and its table base: 0 the lower, TTBR0_EL1. */
export const SELECTS_HALF = 55;
const NO_CHECKS = READ | WRITE | EXECUTE;
// Shareability of device memory and of memory that is not cached.
const OUTER_SHAREABLE = 2;
const NORMAL_WRITE_BACK = 0xff;

/** A fault that a system instruction met, which its syndrome tells. */
export function ofMaintenance(fault: MemoryFault): MemoryFault {
  return { ...fault, status: (fault.status ?? 0) | MAINTENANCE };
}

/** `MemoryFault.status` of a walk's fault: fault status, table access at bit 7, second stage at bit 8. */
export function faultOf(fault: WalkFault, address: bigint, access: AccessKind): MemoryFault {
  const flags = (fault.isTableAccess ? TABLE_ACCESS : 0) | (fault.isStage2 ? STAGE2 : 0);
  const known = {
    kind: "fault",
    access,
    address,
    reason: "translation",
    status: fault.status | flags,
  } as const;
  return fault.intermediate === null ? known : { ...known, intermediate: fault.intermediate };
}

/** Takes `MemoryFault.status` apart; a fault that no walk made has none. */
export function statusParts(status: number | undefined): {
  readonly code: number;
  readonly isTableAccess: boolean;
  readonly isStage2: boolean;
  readonly isMaintenance: boolean;
} {
  const all = status ?? FAULT.external;
  return {
    code: all & STATUS_BITS,
    isTableAccess: (all & TABLE_ACCESS) !== 0,
    isStage2: (all & STAGE2) !== 0,
    isMaintenance: (all & MAINTENANCE) !== 0,
  };
}

export class AddressTranslation {
  private readonly state: ProcessorState;
  private readonly physical: Memory;

  constructor(state: ProcessorState, physical: Memory) {
    this.state = state;
    this.physical = physical;
  }

  /** The regime of what executes now. */
  current(): Regime {
    const { level } = this.state;
    return { level: level === 2 ? 2 : 1, isUser: level === 0, withStage2: true };
  }

  /** What a branch to `address` leaves in pc: the top byte is dropped where it is ignored (BranchAddr in the manual). */
  branchTarget(address: bigint): bigint {
    const regime = this.current();
    const { control, controlValue } = this.stageOf(address, regime);
    if (control.ignoreTop === null || !bit(controlValue, control.ignoreTop)) return address;
    const kept = BigInt.asIntN(SELECTS_HALF + 1, address);
    return BigInt.asUintN(regime.level === 2 ? SELECTS_HALF + 1 : 64, kept);
  }

  /** Translates, and checks that `access` is allowed. */
  translate(address: bigint, access: AccessKind, regime: Regime): Mapping | WalkFault {
    const first = this.firstStage(address, access, regime);
    if (first.kind === "walkFault" || !this.hasStage2(regime)) return first;
    const second = this.secondStage(first.physical, access);
    if (second.kind === "walkFault") return second;
    return {
      ...first,
      physical: second.physical,
      permissions: first.permissions & second.permissions,
      attributes: combineAttributes(first.attributes, second.attributes),
      shareability: combineShareability(first.shareability, second.shareability),
    };
  }

  private hasStage2({ level, withStage2 }: Regime): boolean {
    const control = this.state.hypervisorControl();
    return level === 1 && withStage2 && (bit(control, HCR.stage2) || bit(control, HCR.cacheable));
  }

  private firstStageIsOff({ level }: Regime): boolean {
    const control = this.state.hypervisorControl();
    const isForced = level === 1 && (bit(control, HCR.general) || bit(control, HCR.cacheable));
    return isForced || !bit(this.state.controlOf(level), SCTLR.mmu);
  }

  private firstStage(address: bigint, access: AccessKind, regime: Regime): Mapping | WalkFault {
    if (this.firstStageIsOff(regime)) return this.untranslated(address, regime);
    const stage = this.stageOf(address, regime);
    const leaf = walkTables(stage, address);
    if (leaf.kind === "walkFault") return leaf;
    const permissions = this.firstStagePermissions(leaf, regime);
    if ((permissions & PERMISSION[access]) === 0) return walkFault(FAULT.permission + leaf.level, false);
    const index = field(leaf.attributes, DESCRIPTOR.attributeIndex, 3);
    const attributes = field(this.state.get(regime.level === 2 ? "mair_el2" : "mair_el1"), 8 * index, 8);
    const shareability = field(leaf.attributes, DESCRIPTOR.shareability, 2);
    return { ...mappingOf(leaf, permissions), attributes, shareability };
  }

  // Addresses are physical ones; what is above those is an address size fault, the top byte aside if it is ignored.
  private untranslated(address: bigint, regime: Regime): Mapping | WalkFault {
    const { control, controlValue } = this.stageOf(address, regime);
    const ignored = control.ignoreTop !== null && bit(controlValue, control.ignoreTop) ? 8 : 0;
    if (field(address, PHYSICAL_BITS, 64 - ignored - PHYSICAL_BITS) !== 0)
      return walkFault(FAULT.addressSize, false);
    const isCacheable = regime.level === 1 && bit(this.state.hypervisorControl(), HCR.cacheable);
    return {
      kind: "mapping",
      physical: BigInt.asUintN(PHYSICAL_BITS, address),
      permissions: NO_CHECKS,
      sizeBytes: UNTRANSLATED_BYTES,
      attributes: isCacheable ? NORMAL_WRITE_BACK : 0,
      shareability: isCacheable ? 0 : OUTER_SHAREABLE,
    };
  }

  private stageOf(address: bigint, regime: Regime): Stage {
    const { state } = this;
    if (regime.level === 2) {
      return {
        control: translationControls.el2,
        controlValue: state.get("tcr_el2"),
        base: state.get("ttbr0_el2"),
        upper: false,
        isStage2: false,
        readDescriptor: (at) => this.readDescriptor(at, false),
      };
    }
    const upper = bit(address, SELECTS_HALF);
    return {
      control: upper ? translationControls.el1Upper : translationControls.el1Lower,
      controlValue: state.get("tcr_el1"),
      base: state.get(upper ? "ttbr1_el1" : "ttbr0_el1"),
      upper,
      isStage2: false,
      readDescriptor: (at) => this.readGuestDescriptor(at, regime),
    };
  }

  private readDescriptor(at: bigint, isStage2: boolean): bigint | WalkFault {
    const value = this.physical.load(at, 8);
    return isFault(value) ? walkFault(FAULT.externalOnWalk, isStage2) : value;
  }

  // Tables of EL1 are themselves behind the second stage.
  private readGuestDescriptor(at: bigint, regime: Regime): bigint | WalkFault {
    if (!this.hasStage2({ ...regime, withStage2: true })) return this.readDescriptor(at, false);
    const mapped = this.secondStage(at, "load");
    if (mapped.kind === "walkFault") return { ...mapped, isTableAccess: true };
    const isDevice = (mapped.attributes & 0xf0) === 0;
    if (isDevice && bit(this.state.hypervisorControl(), HCR.walkDevice)) {
      return { ...walkFault(FAULT.permission + mapped.level, true), isTableAccess: true, intermediate: at };
    }
    return this.readDescriptor(mapped.physical, false);
  }

  private secondStage(address: bigint, access: AccessKind): StagedMapping | WalkFault {
    const { state } = this;
    const stage: Stage = {
      control: translationControls.stage2,
      controlValue: state.get("vtcr_el2"),
      base: state.get("vttbr_el2"),
      upper: false,
      isStage2: true,
      readDescriptor: (at) => this.readDescriptor(at, true),
    };
    const leaf = walkTables(stage, address);
    if (leaf.kind === "walkFault") return { ...leaf, intermediate: address };
    const permissions = secondStagePermissions(leaf);
    if ((permissions & PERMISSION[access]) === 0) {
      return { ...walkFault(FAULT.permission + leaf.level, true), intermediate: address };
    }
    const attributes = secondStageAttributes(field(leaf.attributes, DESCRIPTOR.attributeIndex, 4));
    const shareability = field(leaf.attributes, DESCRIPTOR.shareability, 2);
    return { ...mappingOf(leaf, permissions), attributes, shareability, level: leaf.level };
  }

  private firstStagePermissions({ attributes, limits }: Leaf, { level, isUser }: Regime): number {
    const noUser = bit(limits, DESCRIPTOR.tableNoUserAccess);
    const isUserPage = bit(attributes, DESCRIPTOR.accessRights) && !noUser;
    const isReadOnly = bit(attributes, DESCRIPTOR.accessRights + 1) || bit(limits, DESCRIPTOR.tableNoWrites);
    const userRights = isUserPage ? (isReadOnly ? READ : READ | WRITE) : 0;
    const rights = isUser ? userRights : isReadOnly ? READ : READ | WRITE;
    const has = (place: number, table: number): boolean => bit(attributes, place) || bit(limits, table);
    const userNever = has(DESCRIPTOR.neverExecutes, DESCRIPTOR.tableNeverExecutes);
    const privilegedNever = has(DESCRIPTOR.privilegedNeverExecutes, DESCRIPTOR.tablePrivilegedNeverExecutes);
    // What EL0 may write, EL1 may not execute.
    const never = level === 2 || isUser ? userNever : privilegedNever || (userRights & WRITE) !== 0;
    const isWritable = (rights & WRITE) !== 0;
    const writeNever = bit(this.state.controlOf(level), SCTLR.writeNeverExecutes) && isWritable;
    return never || writeNever ? rights : rights | EXECUTE;
  }
}

function mappingOf(
  leaf: Leaf,
  permissions: number,
): Pick<Mapping, "kind" | "physical" | "permissions" | "sizeBytes"> {
  return { kind: "mapping", physical: leaf.output, permissions, sizeBytes: leaf.sizeBytes };
}

function secondStagePermissions({ attributes }: Leaf): number {
  const read = bit(attributes, DESCRIPTOR.accessRights) ? READ : 0;
  const write = bit(attributes, DESCRIPTOR.accessRights + 1) ? WRITE : 0;
  return read | write | (bit(attributes, DESCRIPTOR.neverExecutes) ? 0 : EXECUTE);
}

// MemAttr[3:0] of a second stage as MAIR_ELx writes attributes, with all allocation hints.
function secondStageAttributes(memory: number): number {
  const [outer, inner] = [memory >> 2, memory & 3];
  if (outer === 0) return inner << 2;
  const nibble = (kind: number): number => (kind << 2) | (kind === 1 ? 0 : 3);
  return (nibble(outer) << 4) | nibble(inner);
}

// Two stages together (Arm DDI 0487, D8.6.6): device memory wins over normal memory and the stricter over the laxer, no
// cache over write-through over write-back; hints for allocation are the first stage's.
function combineAttributes(first: number, second: number): number {
  const isDevice = first >> 4 === 0 || second >> 4 === 0;
  if (isDevice) return Math.min(deviceOrder(first), deviceOrder(second));
  return (combineCaches(first >> 4, second >> 4) << 4) | combineCaches(first & 0xf, second & 0xf);
}

// nGnRnE, nGnRE, nGRE, GRE are 0, 4, 8, 12; normal memory leaves what the other stage says.
function deviceOrder(attributes: number): number {
  return attributes >> 4 === 0 ? attributes & 0xf : 0xc;
}

const NOT_CACHED = 4;
const WRITE_THROUGH = 8;

function combineCaches(first: number, second: number): number {
  if (first === NOT_CACHED || second === NOT_CACHED) return NOT_CACHED;
  const isThrough = first >> 2 === 0 || first >> 2 === 2;
  return !isThrough && second >> 2 === 2 ? WRITE_THROUGH | (first & 3) : first;
}

// 0: not, 2: outer, 3: inner.
function combineShareability(first: number, second: number): number {
  if (first === 2 || second === 2) return 2;
  return first === 3 || second === 3 ? 3 : 0;
}
