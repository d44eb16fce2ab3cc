// Entry to trap handlers and the way back. Relies on privileged-state.ts.
// Source: privileged manual 1.12, 3.1.6 to 3.1.8, 3.1.14 to 3.1.16, 3.3.2, 4.1.

import { INTERRUPT_CAUSE, PRIVILEGE, STATUS, VECTOR } from "../../../spec/isa/riscv64/status.ts";
import { fieldMask, readField, type BitField } from "../../core/bit-field.ts";
import type { PrivilegedState } from "./privileged-state.ts";

/** What a handler is told. */
export interface TrapEntry {
  /** Cause without the interrupt bit. */
  readonly code: number;
  readonly isInterrupt: boolean;
  readonly value: bigint;
}

/** The registers and status fields that belong to a privilege with handlers. */
interface HandlerSet {
  readonly privilege: bigint;
  readonly vector: string;
  readonly epc: string;
  readonly cause: string;
  readonly value: string;
  readonly enabled: BitField;
  readonly wasEnabled: BitField;
  readonly previous: BitField;
}

const machine: HandlerSet = {
  privilege: PRIVILEGE.machine,
  vector: "mtvec",
  epc: "mepc",
  cause: "mcause",
  value: "mtval",
  enabled: STATUS.MIE,
  wasEnabled: STATUS.MPIE,
  previous: STATUS.MPP,
};

const supervisor: HandlerSet = {
  privilege: PRIVILEGE.supervisor,
  vector: "stvec",
  epc: "sepc",
  cause: "scause",
  value: "stval",
  enabled: STATUS.SIE,
  wasEnabled: STATUS.SPIE,
  previous: STATUS.SPP,
};

/** The privilege whose handler gets an exception raised in the present one. */
export function exceptionTarget(state: PrivilegedState, code: number): bigint {
  const isDelegated = ((state.get("medeleg") >> BigInt(code)) & 1n) === 1n;
  return state.privilege < PRIVILEGE.machine && isDelegated ? PRIVILEGE.supervisor : PRIVILEGE.machine;
}

/** Enters the handler of privilege `to`: saves pc, privilege and interrupt enable, and jumps. */
export function enterHandler(state: PrivilegedState, to: bigint, entry: TrapEntry): void {
  const set = to === PRIVILEGE.machine ? machine : supervisor;
  const code = BigInt(entry.code);
  state.set(set.epc, state.hart.pc);
  state.set(set.cause, entry.isInterrupt ? INTERRUPT_CAUSE | code : code);
  state.set(set.value, entry.value);
  state.setStatus(set.wasEnabled, state.status(set.enabled));
  state.setStatus(set.enabled, 0n);
  state.setStatus(set.previous, state.privilege);
  state.set("privilege", set.privilege);
  const vector = state.get(set.vector);
  const isVectored = entry.isInterrupt && readField(vector, VECTOR.mode) === VECTOR.vectored;
  state.hart.pc = (vector & ~fieldMask(VECTOR.mode)) + (isVectored ? code * VECTOR.causeBytes : 0n);
}

/** mret: back to the privilege before the trap; the result is where execution goes on. */
export function returnFromMachine(state: PrivilegedState): bigint {
  return leaveHandler(state, machine);
}

/** sret, likewise. */
export function returnFromSupervisor(state: PrivilegedState): bigint {
  return leaveHandler(state, supervisor);
}

function leaveHandler(state: PrivilegedState, set: HandlerSet): bigint {
  const to = state.status(set.previous);
  state.setStatus(set.enabled, state.status(set.wasEnabled));
  state.setStatus(set.wasEnabled, 1n);
  state.setStatus(set.previous, PRIVILEGE.user);
  if (to !== PRIVILEGE.machine) state.setStatus(STATUS.MPRV, 0n);
  state.set("privilege", to);
  return state.get(set.epc);
}
