// The ways in which a RISC-V hart executes: privileges of fetches and of data, SUM, MXR, the floating-point state, and
// whether triggers watch.
//
// Relies on privileged-state.ts, float-guard.ts and triggers.ts. Guarantees: two states of one mode translate and execute alike, but
// for what flushes. Numbers are dense; fields that mean nothing for a privilege do not tell modes apart.

import { FLOAT_STATE, PRIVILEGE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { Hart } from "../../core/hart.ts";
import type { IsaBinding } from "../binding.ts";
import type { HartMode } from "../system.ts";
import { floatGuards, type FloatGuards, type FloatUse } from "./float-guard.ts";
import { inlineForms } from "./inline-forms.ts";
import type { PrivilegedState } from "./privileged-state.ts";
import { Triggers } from "./triggers.ts";
import { riscv64Binding } from "./user.ts";

const privileges = [
  { code: PRIVILEGE.user, letter: "U" },
  { code: PRIVILEGE.supervisor, letter: "S" },
  { code: PRIVILEGE.machine, letter: "M" },
] as const;
const bindings = privileges.map(({ code }): IsaBinding => ({ ...riscv64Binding, inline: inlineForms(code) }));
const floatUses = ["off", "unmarked", "dirty"] as const satisfies readonly FloatUse[];

/** How many modes there are. */
export const MODE_COUNT = privileges.length ** 2 * 4 * floatUses.length * 2;

/** The modes of one hart, made when they are first met. */
export class Modes {
  private readonly state: PrivilegedState;
  private readonly guards: FloatGuards;
  private readonly triggers: Triggers;
  private readonly made: (HartMode | undefined)[] = [];

  /** `changed` hears of a change of mode that an instruction made by itself. */
  constructor(state: PrivilegedState, changed: () => void) {
    this.state = state;
    this.triggers = new Triggers(state);
    this.guards = floatGuards(state, changed);
  }

  /** The mode that the hart is in. */
  current(): HartMode {
    const { state } = this;
    const data = state.dataPrivilege();
    const own = privileges.findIndex(({ code }) => code === state.privilege);
    const sum = data === PRIVILEGE.supervisor && state.status(STATUS.SUM) === 1n;
    const mxr = data !== PRIVILEGE.machine && state.status(STATUS.MXR) === 1n;
    const use = this.floatUse();
    let number = own * privileges.length + privileges.findIndex(({ code }) => code === data);
    number = number * 4 + (sum ? 2 : 0) + (mxr ? 1 : 0);
    number = number * floatUses.length + floatUses.indexOf(use);
    const isWatched = this.triggers.areArmed();
    number = number * 2 + (isWatched ? 1 : 0);
    return (this.made[number] ??= {
      number,
      name: this.name(sum, mxr),
      binding: bindings[own] ?? riscv64Binding,
      guard: this.guards.byUse[use],
      watch: isWatched ? this.triggers : null,
      userWatch: null,
    });
  }

  /** The instruction at pc trapped; null: a state was put in place. */
  trapped(hart: Hart | null): void {
    this.guards.undo(hart);
  }

  private floatUse(): FloatUse {
    const float = this.state.status(STATUS.FS);
    if (float === FLOAT_STATE.off) return "off";
    return float === FLOAT_STATE.dirty ? "dirty" : "unmarked";
  }

  // `S`, `M data as U`, `S SUM`; the floating-point state does not matter to a reader.
  private name(sum: boolean, mxr: boolean): string {
    const letter = (privilege: bigint): string =>
      privileges.find(({ code }) => code === privilege)?.letter ?? "";
    const own = letter(this.state.privilege);
    const data = letter(this.state.dataPrivilege());
    return `${own}${data === own ? "" : ` data as ${data}`}${sum ? " SUM" : ""}${mxr ? " MXR" : ""}`;
  }
}
