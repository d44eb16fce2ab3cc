// What an Arm64 instruction does to the frame. Relies on the instructions that convention.ts makes frames of.

import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import type * as lab from "../../lang/lab/ast.ts";
import { NO_EFFECT, type FrameEffect } from "../frame-changes.ts";
import { wordAccess } from "./accesses.ts";

type MachineLine = Extract<lab.Line, { kind: "machine" }>;

const { stackPointer } = arm64Calls;

// What one unit of the immediate adds to the stack pointer.
const units: Readonly<Record<string, number>> = {
  "add:imm": 1,
  "sub:imm": -1,
  "add:imm12": 4096,
  "sub:imm12": -4096,
};

// Stores of a word and of two, as they are or with the base moved; loads matter only if they move the base.
const stores = new Set([wordAccess.store, wordAccess.nearStore, wordAccess.storePair]);
const loads = new Set([wordAccess.load, wordAccess.loadPair]);

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
  const name = ins.replace(/:(?:pre|post)$/, "");
  const isMoved = name !== ins;
  if (isMoved && loads.has(name)) return { moves: Number(offset.value), stores: [] };
  if (!stores.has(name)) return NO_EFFECT;
  return {
    moves: isMoved ? Number(offset.value) : 0,
    stores: data.reverse().flatMap((o, i) => {
      const at = (isMoved ? 0 : Number(offset.value)) + 8 * i;
      return o.kind === "register" ? [{ register: o.register, offset: at }] : [];
    }),
  };
}
