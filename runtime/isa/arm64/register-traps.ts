// Which accesses and instructions trap, at the level that the hart is at: spec/isa/arm64/privileged-traps.ts applied.

import { isMeant, trapRules, type TrapRule } from "../../../spec/isa/arm64/privileged-traps.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { RoutedTrap } from "./exceptions.ts";
import type { ProcessorState } from "./processor-state.ts";

/** Undefined at this level. */
export const undefinedHere: Trap = { kind: "trap", cause: "illegalInstruction", value: 0n };

export type Direction = "read" | "write";

const rulesByName = new Map<string, readonly TrapRule[]>();

/** The rules that may trap what has this name. */
export function rulesFor(name: string): readonly TrapRule[] {
  const known = rulesByName.get(name);
  if (known !== undefined) return known;
  const found = trapRules.filter(({ what }) => what.some((pattern) => isMeant(name, pattern)));
  rulesByName.set(name, found);
  return found;
}

/**
 * Null, or the trap of the first rule that forbids what it is about at this level. `outside` gives controls that are not
 * the hart's own; null: it is.
 */
export function trapOf(
  state: ProcessorState,
  rules: readonly TrapRule[],
  direction: Direction,
  outside: (control: string) => bigint | null = () => null,
): Trap | null {
  const { level } = state;
  for (const { access, from, control, mask, equals, to } of rules) {
    if ((access !== "both" && access !== direction) || !from.includes(level)) continue;
    if (to === 2 && !state.hasEl2) continue;
    const own = (): bigint => (control === "hcr_el2" ? state.hypervisorControl() : state.get(control));
    if (((outside(control) ?? own()) & mask) !== equals) continue;
    const trap: RoutedTrap = { kind: "trap", cause: "systemRegister", value: 0n, target: to };
    return trap;
  }
  return null;
}
