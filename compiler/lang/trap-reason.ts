// Why a program of Word, Stack or Lab stops by itself.

import { TRAP_REASONS, type TrapReasonName } from "../../spec/abi/program-symbols.ts";
import type { TextReader } from "./text-reader.ts";

/** The operand of `trap`. */
export type TrapReason = TrapReasonName;

/** What evaluators say about it. */
export const trapText: Readonly<Record<TrapReason, string>> = {
  uncaughtException: "uncaught exception",
  stackExhausted: "stack exhausted",
  unreachable: "unreachable code was reached",
};

/** After `trap` in the text forms. */
export function parseTrapReason(r: TextReader): TrapReason {
  const token = r.next();
  return TRAP_REASONS.find((reason) => reason === token.text) ?? r.fail(`no trap \`${token.text}\``, token);
}
