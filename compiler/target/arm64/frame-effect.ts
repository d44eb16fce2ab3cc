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

// Stores of one and of two registers; what stands before a colon is the instruction, behind it how the base moves.
const stores = /^(?:str|stur|stp)(:pre|:post)?$/;
const indexedLoads = /^(?:ldr|ldp):(?:pre|post)$/;

export function frameEffect(line: MachineLine): FrameEffect {
  const { ins, operands } = line;
  const [first, second, third] = operands;
  if (first?.kind !== "register" || second?.kind !== "register") return NO_EFFECT;
  const unit = units[ins];
  if (unit !== undefined && first.register === stackPointer) {
    const isConstant = second.register === stackPointer && third?.kind === "imm";
    return { moves: isConstant ? unit * Number(third.value) : "whole", stores: [] };
  }
  if (ins === "add:uxtx" && first.register === stackPointer) return { moves: "whole", stores: [] };
  const [offset, base, ...data] = operands.toReversed();
  if (offset?.kind !== "imm" || base?.kind !== "register" || base.register !== stackPointer) return NO_EFFECT;
  if (indexedLoads.test(ins)) return { moves: Number(offset.value), stores: [] };
  const [, moved] = stores.exec(ins) ?? [null];
  if (moved === null) return NO_EFFECT;
  const isMoved = moved !== undefined;
  return {
    moves: isMoved ? Number(offset.value) : 0,
    stores: data.reverse().flatMap((o, i) => {
      const at = (isMoved ? 0 : Number(offset.value)) + 8 * i;
      return o.kind === "register" ? [{ register: o.register, offset: at }] : [];
    }),
  };
}
