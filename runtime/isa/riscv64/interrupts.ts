// Which interrupt a hart takes next. Relies on privileged-state.ts. Source: privileged manual 1.12, 3.1.9 and 4.1.3.

import { INTERRUPT_PRIORITY, PRIVILEGE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { PrivilegedState } from "./privileged-state.ts";

/** An interrupt and the privilege whose handler it enters. */
export interface DeliverableInterrupt {
  readonly code: number;
  readonly to: bigint;
}

/** True if an interrupt is pending and enabled by itself, whatever the status says: it ends a wait. */
export function wakes(state: PrivilegedState): boolean {
  return (state.pending() & state.get("mie")) !== 0n;
}

/** The interrupt to take before the next instruction; null if none may be. Those of machine mode come first. */
export function nextInterrupt(state: PrivilegedState): DeliverableInterrupt | null {
  const ready = state.pending() & state.get("mie");
  if (ready === 0n) return null;
  const { privilege } = state;
  const delegated = state.get("mideleg");
  const machine = PRIVILEGE.machine;
  if (privilege < machine || state.status(STATUS.MIE) === 1n) {
    const code = firstOf(ready & ~delegated);
    if (code !== null) return { code, to: machine };
  }
  const { supervisor } = PRIVILEGE;
  const reachesSupervisor =
    privilege < supervisor || (privilege === supervisor && state.status(STATUS.SIE) === 1n);
  const code = reachesSupervisor ? firstOf(ready & delegated) : null;
  return code === null ? null : { code, to: supervisor };
}

function firstOf(ready: bigint): number | null {
  return INTERRUPT_PRIORITY.find((code) => ((ready >> BigInt(code)) & 1n) === 1n) ?? null;
}
