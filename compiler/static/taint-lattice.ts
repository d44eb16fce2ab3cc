// The values of the address analysis (taint.ts), their order and join, and the warnings that they lead to.

import type { AccessBytes, Exp } from "../syntax/tree.ts";
import { complain, type CheckContext } from "./context.ts";

/** Of one word: 0 NotBased, 1 Trusted, 2 NotTrusted, 3 Based. */
export type Level = 0 | 1 | 2 | 3;

/** One level for all words of a value, or one taint per component, by position or by field name. */
export type Taint =
  | Level
  | { readonly kind: "raw"; readonly parts: readonly Taint[] }
  | { readonly kind: "named"; readonly parts: ReadonlyMap<string, Taint> };

/** Surely not an address of local memory: literals, comparisons, `@biw`. */
export const NOT_BASED = 0;
/** Not known to us, and taken on trust: parameters, globals, results, anything loaded. */
export const TRUSTED = 1;
/** Depends on the path. */
export const NOT_TRUSTED = 2;
/** Derived from `@base` or `@top`. */
export const TAINTED = 3;

export function maximum(a: Level, b: Level): Level {
  return a > b ? a : b;
}

/** The level of a word; a struct has none, and its use as a word is reported elsewhere. */
export function level(taint: Taint): Level {
  return typeof taint === "number" ? taint : TRUSTED;
}

/** What is known where two paths meet: the same, or NotTrusted for every word. */
export function join(a: Taint, b: Taint): Taint {
  return equal(a, b) ? a : NOT_TRUSTED;
}

function equal(a: Taint, b: Taint): boolean {
  if (a === b) return true;
  if (typeof a === "number") return typeof b !== "number" && parts(b).every((part) => equal(a, part));
  if (typeof b === "number") return equal(b, a);
  const [partsA, partsB] = [parts(a), parts(b)];
  return partsA.length === partsB.length && partsA.every((part, i) => equal(part, partsB[i] ?? TRUSTED));
}

/** Components in an order that does not depend on how a named literal was written. */
function parts(taint: Exclude<Taint, Level>): readonly Taint[] {
  if (taint.kind === "raw") return taint.parts;
  return [...taint.parts.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}

/** The taint of component `at`, a position or a field name, of a struct. */
export function partOf(taint: Taint, at: number | string): Taint {
  if (typeof taint === "number") return taint;
  if (taint.kind === "raw") return typeof at === "number" ? (taint.parts[at] ?? TRUSTED) : TRUSTED;
  return typeof at === "string" ? (taint.parts.get(at) ?? TRUSTED) : TRUSTED;
}

/** A load or store; `bytes` null: a whole value (`lds`, `st`). */
export interface Access {
  readonly access: "ld" | "st";
  readonly bytes: AccessBytes | null;
  readonly shared: boolean;
}

/** Warns if the taint of `address` does not fit the access. */
export function warnOfAddress(
  access: Access,
  address: Exp,
  { taint, ctx }: { readonly taint: Taint; readonly ctx: CheckContext },
): void {
  if (typeof taint !== "number") return;
  const code = access.shared ? sharedWarnings[taint] : localWarnings[taint];
  if (code === null) return;
  const parameters = { keyword: keywordOf(access), shared: sharedOf(access), local: localOf(access) };
  const noLocal = code === "S0405" && access.bytes === 2;
  complain(ctx, code, address.span, {
    with: parameters,
    ...(noLocal ? { help: "local memory has no 16-bit access: use two accesses of 8 bits" } : {}),
  });
}

const localWarnings = ["S0403", null, "S0404", null] as const;
const sharedWarnings = [null, null, "S0406", "S0405"] as const;

function keywordOf(access: Access): string {
  if (access.shared) return `!${sharedOf(access)}`;
  if (access.bytes === null) return access.access === "ld" ? "lds" : "st";
  return `${access.access}${String(access.bytes * 8)}`;
}

function sharedOf({ access, bytes }: Access): string {
  return bytes === null || bytes === 8 ? `${access}w` : `${access}${String(bytes * 8)}`;
}

function localOf({ access, bytes }: Access): string {
  if (bytes === 1 || bytes === 4) return `${access}${String(bytes * 8)}`;
  return access === "ld" ? "lds 1" : "st";
}
