/**
 * crep-inline: CrepLang → CrepLang.  Upstream: crep_inlineScript.sml.
 *
 * Replaces calls by the bodies of their callees. A callee is taken if it is marked `inline`, or (from -O1 on) if it
 * is small, or called from one place only and not large (crep-inline/choose.ts has the numbers). Callees are expanded
 * before their callers; a call into a cycle of the call graph stays a call, so a function never contains itself.
 *
 * Returns that are not last become `break` out of a block around the body. A call with a handler is replaced too:
 * what the body raises itself becomes a jump to the handler; calls in the body get the handler. It stays a call where
 * an inner call with a handler of its own may raise the same exception, since a call has one handler only.
 *
 * Needs:       C1 to C11.
 * Establishes: nothing that later passes rely on; functions no longer called stay for crep-reach.
 * Keeps:       behaviour but for the clock; spans (those of the callee in its body).
 * Cost:        linear in its output, which the limits of choose.ts bound.
 */

import type { Block, Function, Program, Stmt } from "../lang/crep/ast.ts";
import { mapStmtBlocks } from "../lang/crep/children.ts";
import { mayRaiseCrep } from "./analysis/may-raise.ts";
import { calleesFirst, choose, measure, type Choice } from "./crep-inline/choose.ts";
import { canCatch, expandCall, type Expansion } from "./crep-inline/expand.ts";
import type { PassContext } from "./pass.ts";

export function crepInline(program: Program, context: PassContext): Program {
  const choice = choose(program, context.options.optimise);
  const raises = mayRaiseCrep(program);
  const done = new Map<string, Function>();
  for (const f of calleesFirst(program)) {
    done.set(f.name, inlineFunction(f, { choice, raises, done }));
  }
  return { ...program, functions: program.functions.map((f) => done.get(f.name) ?? f) };
}

interface Settings {
  readonly choice: Choice;
  readonly raises: Expansion["raises"];
  /** Functions already expanded. */
  readonly done: ReadonlyMap<string, Function>;
}

/** The function being expanded. */
interface Caller extends Settings {
  readonly original: Function;
  readonly expansion: Expansion;
  nodes: number;
}

function inlineFunction(f: Function, settings: Settings): Function {
  const { nodes, nextVar } = measure(f);
  const names = new Map(f.names);
  const caller: Caller = {
    ...settings,
    original: f,
    expansion: { nextVar, names, raises: settings.raises },
    nodes,
  };
  const body = inlineBlock(f.body, 0, caller);
  return { ...f, body, names };
}

function inlineBlock(block: Block, nesting: number, caller: Caller): Block {
  const out: Stmt[] = [];
  for (const stmt of block) {
    const inner = mapStmtBlocks(stmt, (b) => inlineBlock(b, nesting + 1, caller));
    if (inner.kind !== "call" && inner.kind !== "tailCall") {
      out.push(inner);
      continue;
    }
    const callee = wanted(inner, nesting, caller);
    if (callee === null) out.push(inner);
    else for (const s of expandCall(inner, callee, caller.expansion)) out.push(s);
  }
  return out;
}

/** The callee, if this call is to be replaced; counts its size. */
function wanted(
  call: Extract<Stmt, { readonly kind: "call" | "tailCall" }>,
  nesting: number,
  caller: Caller,
): Function | null {
  const callee = caller.done.get(call.callee);
  if (callee === undefined || !caller.choice.takes(callee, call, caller.original)) return null;
  const size = measure(callee);
  if (!caller.choice.fits(caller.nodes + size.nodes, nesting + size.nesting)) return null;
  if (call.kind === "call" && call.handler !== null && !canCatch(callee, call.handler, caller.raises))
    return null;
  caller.nodes += size.nodes;
  return callee;
}
