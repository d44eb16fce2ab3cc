// What an Arm64 instruction does to the frame. Relies on the instructions that convention.ts makes frames of.

import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import type * as lab from "../../lang/lab/ast.ts";
import { NO_EFFECT, type FrameEffect } from "../frame-changes.ts";

type MachineLine = Extract<lab.Line, { kind: "machine" }>;

const { stackPointer } = arm64Calls;

// What one unit of the immediate adds to the stack pointer.
const units: Readonly<Record<string, number>> = {
  "add:imm": 1,
  "sub:imm": -1,
  "add:imm12": 4096,
  "sub:imm12": -4096,
};

export function frameEffect(line: MachineLine): FrameEffect {
  const [first, second, third] = line.operands;
  if (first?.kind !== "register" || second?.kind !== "register") return NO_EFFECT;
  const unit = units[line.ins];
  if (unit !== undefined && first.register === stackPointer) {
    const isConstant = second.register === stackPointer && third?.kind === "imm";
    return { moves: isConstant ? unit * Number(third.value) : "whole", stores: [] };
  }
  if (line.ins === "add:uxtx" && first.register === stackPointer) return { moves: "whole", stores: [] };
  if ((line.ins !== "str" && line.ins !== "stur") || second.register !== stackPointer) return NO_EFFECT;
  if (third?.kind !== "imm") return NO_EFFECT;
  return { moves: 0, stores: [{ register: first.register, offset: Number(third.value) }] };
}
