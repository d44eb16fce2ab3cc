// One hart's privileged registers by meaning: privilege, status fields, interrupts that are pending, time.
//
// Relies on spec/isa/riscv64/privileged.ts and status.ts. Guarantees: everything is in the hart's register files, so
// nothing has to be rebuilt after a snapshot. Source: privileged manual 1.12, 3.1 and 4.1; Sstc 1.0.

import { privilegedReset } from "../../../spec/isa/riscv64/privileged.ts";
import { ENVIRONMENT, INTERRUPT, PRIVILEGE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import { readField, withField, type BitField } from "../../core/bit-field.ts";
import type { Hart } from "../../core/hart.ts";
import type { Timeline } from "../../core/timeline.ts";
import { NS_PER_TIME_TICK } from "./time.ts";

/** Contents of file `waiting`; a hart that is off waits for `reset`, one that firmware suspended for an interrupt. */
export const WAITING = { no: 0n, forInterrupt: 1n, off: 2n, suspended: 3n } as const;

const SUPERVISOR_TIMER = 1n << BigInt(INTERRUPT.STI);

export class PrivilegedState {
  readonly hart: Hart;
  readonly index: number;
  private readonly timeline: Timeline;

  constructor(hart: Hart, index: number, timeline: Timeline) {
    this.hart = hart;
    this.index = index;
    this.timeline = timeline;
  }

  /** As after power-on, all privileged files. */
  reset(files: readonly { readonly name: string; readonly count: number }[]): void {
    for (const { name, count } of files) {
      for (let i = 0; i < count; i += 1) this.hart.write(name, i, privilegedReset[name] ?? 0n);
    }
  }

  get(file: string): bigint {
    return this.hart.read(file, 0);
  }

  set(file: string, value: bigint): void {
    this.hart.write(file, 0, value);
  }

  get privilege(): bigint {
    return this.get("privilege");
  }

  /** A field of mstatus. */
  status(field: BitField): bigint {
    return readField(this.get("mstatus"), field);
  }

  setStatus(field: BitField, value: bigint): void {
    this.set("mstatus", withField(this.get("mstatus"), field, value));
  }

  /** The privilege that loads and stores have: that of the mode before the trap while MPRV says so. */
  dataPrivilege(): bigint {
    const { privilege } = this;
    const isModified = privilege === PRIVILEGE.machine && this.status(STATUS.MPRV) === 1n;
    return isModified ? this.status(STATUS.MPP) : privilege;
  }

  /** What register `time` shows. */
  time(): bigint {
    return this.timeline.now() / NS_PER_TIME_TICK;
  }

  /** True if stimecmp drives the supervisor's timer interrupt. */
  hasSupervisorTimer(): boolean {
    return readField(this.get("menvcfg"), ENVIRONMENT.STCE) === 1n;
  }

  /** Whether stimecmp holds the supervisor's timer interrupt up: a level among those of the inputs. */
  setTimerLevel(level: boolean): void {
    const others = this.get("inputs") & ~SUPERVISOR_TIMER;
    this.set("inputs", level ? others | SUPERVISOR_TIMER : others);
  }

  /** What register mip shows. */
  pending(): bigint {
    const wires = this.get("mip") | this.get("inputs");
    if (!this.hasSupervisorTimer()) return wires;
    return (wires & ~SUPERVISOR_TIMER) | (this.get("inputs") & SUPERVISOR_TIMER);
  }
}
