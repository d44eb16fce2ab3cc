// What ESR_EL2 says about the load or store that the second stage refused: size, sign, register (Arm DDI 0487,
// D17.2.37, "ISS encoding for an exception from a Data Abort"). Derived from the instruction's effect.
//
// Relies on spec/isa. Valid for one access of one general register without writeback; everything else gives 0.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { forEachExpr, forEachStmt, stmtExprs, type Effect, type Expr } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import { arm64Binding } from "./user.ts";

const VALID = 1 << 24;
const SIZE_AT = 22;
const SIGNED = 1 << 21;
const REGISTER_AT = 16;
const WIDE = 1 << 15;
const ORDERED = 1 << 14;
// Rt of all loads and stores.
const REGISTER_MASK = 0x1f;

const known = new Map<Instruction, number>();

/** ISV, SAS, SSE, SRT, SF and AR for the instruction in `word`. */
export function accessSyndrome(word: number): number {
  const decoded = arm64Binding.decoder.decode(word);
  if (decoded === null) return 0;
  const { instruction } = decoded;
  const fixed = known.get(instruction) ?? describe(instruction);
  known.set(instruction, fixed);
  return fixed === 0 ? 0 : fixed | ((word & REGISTER_MASK) << REGISTER_AT);
}

interface Found {
  readonly accesses: { readonly kind: string; readonly bytes: number; readonly isOrdered: boolean }[];
  readonly written: { readonly file: string; readonly width: number }[];
  isSigned: boolean;
}

function look(effect: Effect): Found {
  const found: Found = { accesses: [], written: [], isSigned: false };
  const visit = (e: Expr): void => {
    if (e.kind === "extend" && e.signed && e.arg.kind === "load") found.isSigned = true;
    if ("access" in e)
      found.accesses.push({ kind: e.kind, bytes: e.access.bytes, isOrdered: e.access.order !== null });
  };
  forEachStmt(effect.body, (s) => {
    if (s.kind === "store") {
      found.accesses.push({ kind: "store", bytes: s.access.bytes, isOrdered: s.access.order !== null });
    }
    if (s.kind === "setRegister") found.written.push(s.register.class);
    for (const e of stmtExprs(s)) forEachExpr(e, visit);
  });
  return found;
}

function describe(instruction: Instruction): number {
  const { accesses, written, isSigned } = look(effectOf(arm64, instruction));
  const [access, ...more] = accesses;
  if (access === undefined || more.length > 0 || access.bytes > 8) return 0;
  const isLoad = access.kind === "load";
  if (!isLoad && access.kind !== "store") return 0;
  const [target, ...others] = written;
  if (others.length > 0 || (target === undefined) === isLoad) return 0;
  if (target !== undefined && target.file !== "x") return 0;
  const transferred = instruction.operands.find(({ name }) => name === "xt" || name === "wt");
  if (transferred === undefined) return 0;
  const isWide = transferred.name === "xt";
  const flags = (isSigned ? SIGNED : 0) | (isWide ? WIDE : 0) | (access.isOrdered ? ORDERED : 0);
  return VALID | (Math.log2(access.bytes) << SIZE_AT) | flags;
}
