// The privileged state of one Arm64 hart, read and written by name: system registers, PSTATE, stack pointers.
//
// Relies on core/hart.ts and spec/isa/arm64/privileged-state.ts. Guarantees: everything is in register files of the
// hart. The selected stack pointer is entry 31 of `x`; the file of its own name is stale while it is selected.

import { HCR, HCR_WITH_GENERAL, MASK, SPSR, stateFiles } from "../../../spec/isa/arm64/privileged-state.ts";
import { registerFiles, systemRegisters, type Level } from "../../../spec/isa/arm64/privileged.ts";
import { files } from "../../../spec/isa/arm64/registers.ts";
import type { RegisterFile } from "../../../spec/isa/schema.ts";
import type { Hart } from "../../core/hart.ts";

/** All register files of a hart. */
export const systemFiles: readonly RegisterFile[] = [...files, ...stateFiles, ...registerFiles];

const STACK_POINTER = 31;
const stackFiles = ["sp_el0", "sp_el1", "sp_el2"] as const;

/** True if bit `place` of `value` is set. */
export function bit(value: bigint, place: number): boolean {
  return ((value >> BigInt(place)) & 1n) === 1n;
}

/** Bits `low + width - 1 .. low`. */
export function field(value: bigint, low: number, width: number): number {
  return Number(BigInt.asUintN(width, value >> BigInt(low)));
}

export class ProcessorState {
  readonly hart: Hart;
  readonly hasEl2: boolean;

  constructor(hart: Hart, hasEl2: boolean) {
    this.hart = hart;
    this.hasEl2 = hasEl2;
  }

  /** The value of a file with one entry. */
  get(name: string): bigint {
    return this.hart.read(name, 0);
  }

  set(name: string, value: bigint): void {
    this.hart.write(name, 0, value);
  }

  get level(): Level {
    const level = Number(this.get("el"));
    return level === 0 ? 0 : level === 1 ? 1 : 2;
  }

  /** HCR_EL2 as it takes effect: zero without EL2, and with TGE some bits are forced. */
  hypervisorControl(): bigint {
    if (!this.hasEl2) return 0n;
    const value = this.get("hcr_el2");
    if (!bit(value, HCR.general)) return value;
    return (value | HCR_WITH_GENERAL.set) & ~HCR_WITH_GENERAL.clear;
  }

  /** True if what would go to EL1 goes to EL2: a hypervisor without a kernel between it and EL0. */
  generalTraps(): boolean {
    return bit(this.hypervisorControl(), HCR.general);
  }

  /** SCTLR of the translation regime of `level`. */
  controlOf(level: Level): bigint {
    return this.get(level === 2 ? "sctlr_el2" : "sctlr_el1");
  }

  private stackFile(): (typeof stackFiles)[number] {
    return this.get("spsel") === 0n ? "sp_el0" : stackFiles[this.level];
  }

  /** True if `name` is the stack pointer that entry 31 of `x` holds. */
  isSelectedStack(name: string): boolean {
    return this.stackFile() === name;
  }

  /** The stack pointer of that name, wherever it is now. */
  stackPointer(name: string): bigint {
    return this.isSelectedStack(name) ? this.hart.read("x", STACK_POINTER) : this.get(name);
  }

  setStackPointer(name: string, value: bigint): void {
    if (this.isSelectedStack(name)) this.hart.write("x", STACK_POINTER, value);
    else this.set(name, value);
  }

  /** Changes level and stack selection, and with them the stack pointer. */
  switchTo(level: Level, stackSelect: bigint): void {
    this.set(this.stackFile(), this.hart.read("x", STACK_POINTER));
    this.set("el", BigInt(level));
    this.set("spsel", stackSelect);
    this.hart.write("x", STACK_POINTER, this.get(this.stackFile()));
  }

  /** PSTATE.SS (debug-exceptions.ts). */
  stepState(): bigint {
    const kept = this.get("stepState");
    return kept !== 0n && this.get("stepFrom") === this.hart.retired ? kept : 0n;
  }

  /** PSTATE as SPSR_ELx holds it. */
  savedState(): bigint {
    const flags = SPSR.flags.reduce(
      (all, name, i) => all | (this.get(name) << BigInt(SPSR.firstFlag + i)),
      0n,
    );
    const level = (this.get("el") << BigInt(SPSR.level)) | this.get("spsel");
    const step = this.stepState() << BigInt(SPSR.step);
    return flags | step | (this.get("il") << BigInt(SPSR.illegal)) | this.get("daif") | level;
  }

  /** Flags and masks from an SPSR. */
  restoreFlags(saved: bigint): void {
    SPSR.flags.forEach((name, i) => {
      this.set(name, saved >> BigInt(SPSR.firstFlag + i));
    });
    this.set("daif", saved & MASK.all);
  }

  /** State after power-on at the highest level, or at EL1 if that is wanted. */
  reset(level: Level): void {
    for (const { name, count } of systemFiles) {
      for (let i = 0; i < count; i += 1) this.hart.write(name, i, 0n);
    }
    for (const { name, writable, reset } of systemRegisters) if (writable !== 0n) this.set(name, reset);
    this.set("el", BigInt(level));
    this.set("daif", MASK.all);
    this.hart.dropReservation();
  }
}
