// Debug triggers of one hart: registers, and which instructions and accesses they are about.
//
// Relies on privileged-state.ts and spec/isa/riscv64/status.ts. An access matches if any of its bytes is the one that
// tdata2 names, as the specification recommends; a size that the trigger names counts for loads and stores. Source: debug
// specification 1.0, chapter 5.

import { PRIVILEGE, TRIGGER, TRIGGER_TYPE, TRIGGERS } from "../../../spec/isa/riscv64/status.ts";
import type { GuestWatch } from "../../core/access-stops.ts";
import { fieldMask, readField } from "../../core/bit-field.ts";
import type { AccessKind } from "../../core/memory.ts";
import { EXECUTE, READ, WRITE } from "../../core/paged-memory.ts";
import { PAGE_SHIFT } from "../../core/ram.ts";
import type { PrivilegedState } from "./privileged-state.ts";

const accesses = [
  { field: TRIGGER.execute, permission: EXECUTE },
  { field: TRIGGER.load, permission: READ },
  { field: TRIGGER.store, permission: WRITE },
] as const;
const fieldOf = { fetch: TRIGGER.execute, load: TRIGGER.load, store: TRIGGER.store } as const;
const ANY_ACCESS = accesses.reduce((bits, { field }) => bits | fieldMask(field), 0n);
const numbers = Array.from({ length: TRIGGERS.count }, (_, i) => i);
const privilegeMasks = new Map<bigint, bigint>([
  [PRIVILEGE.user, fieldMask(TRIGGER.user)],
  [PRIVILEGE.supervisor, fieldMask(TRIGGER.supervisor)],
  [PRIVILEGE.machine, fieldMask(TRIGGER.machine)],
]);

/** What tselect, tdata1 and tdata2 show, by number. */
export function readTrigger(state: PrivilegedState, register: number): bigint {
  const selected = state.get("tselect");
  return register === 0 ? selected : state.hart.read(`tdata${String(register)}`, Number(selected));
}

/** Writes them: a trigger or a type that is not there leaves everything as it was. */
export function writeTrigger(state: PrivilegedState, register: number, value: bigint): void {
  const selected = Number(state.get("tselect"));
  if (register === 0) {
    if (value < BigInt(TRIGGERS.count)) state.set("tselect", value);
  } else if (register === 1) {
    const kind = TRIGGERS.kinds[String(readField(value, TRIGGER_TYPE))];
    if (kind === undefined) return;
    const isSize = TRIGGERS.sizes[sizeCode(value)] !== undefined;
    const size = kind.size.reduce((bits, field) => bits | fieldMask(field), 0n);
    const kept = kind.writable | fieldMask(TRIGGER_TYPE);
    state.hart.write("tdata1", selected, value & (isSize ? kept : kept & ~size));
  } else {
    state.hart.write("tdata2", selected, value);
  }
}

export class Triggers implements GuestWatch {
  private readonly state: PrivilegedState;

  constructor(state: PrivilegedState) {
    this.state = state;
  }

  /** True if a trigger may fire in the present privilege. */
  areArmed(): boolean {
    return numbers.some((i) => (this.controlOf(i) & ANY_ACCESS) !== 0n && this.isForPrivilege(i));
  }

  withheld(pageNumber: number): number {
    let permissions = 0;
    for (const i of numbers) {
      const page = Number(this.state.hart.read("tdata2", i) >> BigInt(PAGE_SHIFT));
      if (page !== pageNumber || !this.isForPrivilege(i)) continue;
      for (const { field, permission } of accesses) {
        if (readField(this.controlOf(i), field) === 1n) permissions |= permission;
      }
    }
    return permissions;
  }

  hit(access: AccessKind, address: bigint, bytes: number): bigint | null {
    for (const i of numbers) {
      if (readField(this.controlOf(i), fieldOf[access]) === 0n || !this.isForPrivilege(i)) continue;
      const wanted = this.state.hart.read("tdata2", i);
      const isIn = address <= wanted && wanted < address + BigInt(bytes);
      if (access === "fetch" ? wanted === address : isIn && this.isOfSize(i, bytes)) return wanted;
    }
    return null;
  }

  private controlOf(number: number): bigint {
    return this.state.hart.read("tdata1", number);
  }

  private isForPrivilege(number: number): boolean {
    return (this.controlOf(number) & (privilegeMasks.get(this.state.privilege) ?? 0n)) !== 0n;
  }

  private isOfSize(number: number, bytes: number): boolean {
    const size = TRIGGERS.sizes[sizeCode(this.controlOf(number))] ?? 0;
    return size === 0 || size === bytes;
  }
}

function sizeCode(control: bigint): string {
  const fields = TRIGGERS.kinds[String(readField(control, TRIGGER_TYPE))]?.size ?? [];
  let code = 0n;
  for (const field of [...fields].reverse()) {
    code = (code << BigInt(field.width)) | readField(control, field);
  }
  return String(code);
}
