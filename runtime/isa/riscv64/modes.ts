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

// Bits of a mode's number between its privileges and its floating-point state.
const SUM = 2;
const MXR = 1;
const FLAGS = 4;
// Watched by the guest's own triggers, or not.
const WATCH_STATES = 2;

/** How many modes there are. */
export const MODE_COUNT = privileges.length ** 2 * FLAGS * floatUses.length * WATCH_STATES;

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
    const sum = data === PRIVILEGE.supervisor && state.status(STATUS.SUM) === 1n;
    const mxr = data !== PRIVILEGE.machine && state.status(STATUS.MXR) === 1n;
    let number = indexOf(state.privilege) * privileges.length + indexOf(data);
    number = number * FLAGS + (sum ? SUM : 0) + (mxr ? MXR : 0);
    number = number * floatUses.length + floatUses.indexOf(this.floatUse());
    return this.numbered(number * WATCH_STATES + (this.triggers.areArmed() ? 1 : 0));
  }

  /** The mode of that number. */
  numbered(number: number): HartMode {
    const isWatched = number % WATCH_STATES === 1;
    const withFloat = Math.floor(number / WATCH_STATES);
    const use = floatUses[withFloat % floatUses.length] ?? "off";
    const privilegesAndFlags = Math.floor(withFloat / floatUses.length);
    const own = Math.floor(privilegesAndFlags / FLAGS / privileges.length);
    return (this.made[number] ??= {
      number,
      name: nameOf(privilegesAndFlags),
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
}

function indexOf(privilege: bigint): number {
  return privileges.findIndex(({ code }) => code === privilege);
}

// `S`, `M data as U`, `S SUM`; the floating-point state does not matter to a reader.
function nameOf(number: number): string {
  const pair = Math.floor(number / FLAGS);
  const own = privileges[Math.floor(pair / privileges.length)]?.letter ?? "";
  const data = privileges[pair % privileges.length]?.letter ?? "";
  const flags = `${(number & SUM) === 0 ? "" : " SUM"}${(number & MXR) === 0 ? "" : " MXR"}`;
  return `${own}${data === own ? "" : ` data as ${data}`}${flags}`;
}
