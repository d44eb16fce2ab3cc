// Two Arm64 instructions that one can replace: pairs of loads and stores, and moves of a base register before or after
// an access (pre- and post-index). Relies on spec/isa/arm64 for what offsets fit.

import { inRange, immediateRange } from "../../../spec/isa/encoding.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import type { Code, CodeOperand, Join } from "../convention.ts";
import { accesses, namedAccesses, type NamedAccess } from "./accesses.ts";

const imm = (value: number): CodeOperand => ({ kind: "imm", value: BigInt(value) });

/** At an offset. */
interface PlacedAccess extends NamedAccess {
  readonly data: number;
  readonly base: number;
  readonly offset: number;
}

function placed({ ins, operands }: Code): PlacedAccess | null {
  const known = namedAccesses.get(ins);
  const [data, base, offset] = operands;
  if (known === undefined || data?.kind !== "register" || base?.kind !== "register") return null;
  if (offset?.kind !== "imm") return null;
  return { ...known, data: data.register, base: base.register, offset: Number(offset.value) };
}

const register = (number: number): CodeOperand => ({ kind: "register", register: number });

function fits(ins: string, value: number): boolean {
  return inRange(immediateRange(arm64, ins, "simm"), value);
}

/** Neighbours in memory. The first load must leave the base alone. */
const pair: Join = (first, second) => {
  const [a, b] = [placed(first), placed(second)];
  if (a === null || b === null || a.pair === null || a.pair !== b.pair || a.base !== b.base) return null;
  if (a.isLoad && (a.data === a.base || a.data === b.data)) return null;
  const [low, high] = a.offset < b.offset ? [a, b] : [b, a];
  if (high.offset - low.offset !== a.bytes || !fits(a.pair, low.offset)) return null;
  return {
    ins: a.pair,
    operands: [register(low.data), register(high.data), register(a.base), imm(low.offset)],
  };
};

/** What an addition of a constant to a register in place adds; null for anything else. */
function step({ ins, operands }: Code): { readonly register: number; readonly bytes: number } | null {
  const [dest, source, value] = operands;
  const sign = ins === "add:imm" ? 1 : ins === "sub:imm" ? -1 : 0;
  if (sign === 0 || dest?.kind !== "register" || source?.kind !== "register") return null;
  if (value?.kind !== "imm" || dest.register !== source.register) return null;
  return { register: dest.register, bytes: sign * Number(value.value) };
}

// An access of one or two registers at offset 0 from `base`, the data registers first.
function atBase({ ins, operands }: Code, base: number): string | null {
  const known = namedAccesses.get(ins);
  const name = known?.name ?? (pairNames.has(ins) ? ins : null);
  const [offset, place, ...data] = operands.toReversed();
  if (name === null || offset?.kind !== "imm" || offset.value !== 0n) return null;
  if (place?.kind !== "register" || place.register !== base) return null;
  return data.some((o) => o.kind === "register" && o.register === base) ? null : name;
}

const pairNames = new Set(accesses.flatMap(({ loadPair, storePair }) => [loadPair, storePair]));

/** The access with its base moved by `bytes`, before (`pre`) or after it (`post`). */
function indexed(code: Code, form: "pre" | "post", moved: ReturnType<typeof step>): Code | null {
  const name = moved === null ? null : atBase(code, moved.register);
  if (moved === null || name === null || !fits(`${name}:${form}`, moved.bytes)) return null;
  return { ins: `${name}:${form}`, operands: [...code.operands.slice(0, -1), imm(moved.bytes)] };
}

const preIndex: Join = (first, second) => indexed(second, "pre", step(first));
const postIndex: Join = (first, second) => indexed(first, "post", step(second));

export const arm64Joins: readonly Join[] = [pair, preIndex, postIndex];
