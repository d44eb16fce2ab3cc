// What an RV64 instruction does to the frame. Relies on the instructions that convention.ts makes frames of.

import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import type * as lab from "../../lang/lab/ast.ts";
import { NO_EFFECT, type FrameEffect } from "../frame-changes.ts";

const { stackPointer } = riscv64Calls;

export function frameEffect({ ins, operands }: Extract<lab.Line, { kind: "machine" }>): FrameEffect {
  const [first, second, third] = operands;
  if (first?.kind !== "register") return NO_EFFECT;
  if (first.register === stackPointer) {
    const isConstant = ins === "addi" && third?.kind === "imm";
    return { moves: isConstant ? Number(third.value) : "whole", stores: [] };
  }
  const isOnStack = third?.kind === "register" && third.register === stackPointer;
  if (ins !== "sd" || second?.kind !== "imm" || !isOnStack) return NO_EFFECT;
  return { moves: 0, stores: [{ register: first.register, offset: Number(second.value) }] };
}
