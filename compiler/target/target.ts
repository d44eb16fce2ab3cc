// What instruction selection asks of a target: rules, constants, addresses. A target's data: <isa>/target.ts.
// Registers and calls are convention.ts.

import type { Isa } from "../../spec/isa/schema.ts";
import type { ImmediateFunctions, RuleText } from "./pattern.ts";

/** One instruction of building a constant; `previous` is the result of the step before. */
export interface ConstantStep {
  readonly ins: string;
  /** In spec/isa's order, the result left out. A result that is read, too, starts as the result of the step before. */
  readonly operands: readonly (
    | { readonly kind: "previous" }
    | { readonly kind: "fixed"; readonly register: number }
    | { readonly kind: "imm"; readonly value: bigint }
  )[];
}

export interface Target {
  readonly isa: Isa;
  readonly rules: readonly RuleText[];
  readonly functions: ImmediateFunctions;
  /**
   * Which choices by a condition are one instruction once the condition is known. `zero`: a value or 0, written
   * `x & -test` and `x & (test - 1)`; `any`: between two values as well, written `y ^ ((x ^ y) & -test)`.
   */
  choices(has: (extension: string) => boolean): "none" | "zero" | "any";
  /** The shortest way to build a word that we know of; at least one step. `has`: which extensions there are. */
  constant(value: bigint, has: (extension: string) => boolean): readonly ConstantStep[];
  /** `offset = high + low` where accesses of `bytes` take `low`, and `high` is cheap or shared by neighbours. */
  splitOffset(offset: bigint, bytes: number): { readonly high: bigint; readonly low: bigint };
}
