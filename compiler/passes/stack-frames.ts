// Makes frames explicit. The layout is drawn below; the parts: stack-frames/.

import type * as stack from "../lang/stack/ast.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Convention } from "../target/convention.ts";
import { stackDepth } from "./analysis/stack-depth.ts";
import { frameLayout, type FrameLayout } from "./stack-frames/layout.ts";
import { epilogue, prologue, stackCheck } from "./stack-frames/prologue.ts";
import { lowerStackInstr } from "./stack-frames/stack-access.ts";
import { stackUser } from "./stack-frames/stack-user.ts";

/**
 * stack-frames: StackLang → StackLang.  Upstream: stack_allocScript.sml, stack_removeScript.sml.
 *
 * Prologues and epilogues as instructions; slots and transfer words as loads and stores off the stack pointer.
 *
 *     higher   | own transfer words |  argument and result words beyond the registers
 *              | slots              |
 *     sp →     | ra, s0, s1 ...     |  what the function must restore
 *     lower    | callee's transfer  |
 *
 * A function that calls nobody and needs little leaves the stack pointer alone: its frame lies in the zone below it
 * that trap handlers skip. Functions on a cycle of calls check the stack limit first (analysis/stack-depth.ts).
 *
 * Needs:       S1 to S9, frames implicit.
 * Establishes: every `frameBytes`; no slots or transfer words (S4).
 * Keeps:       order of everything; every span.
 * Cost:        linear.
 */
export function stackFrames(program: stack.Program): stack.Program {
  const convention = conventionNamed(program.isa);
  const layouts = new Map(program.functions.map((f) => [f.name, frameLayout(f, convention)]));
  const users = program.functions.map((f) => stackUser(f, layouts.get(f.name)?.frameBytes ?? 0, convention));
  const { checked } = stackDepth(users);
  const functions = program.functions.map((f) => {
    const layout = layouts.get(f.name) ?? frameLayout(f, convention);
    return withCheck(frameFunction(f, layout, convention), checked.get(f.name) ?? null, convention);
  });
  return { ...program, functions };
}

function frameFunction(f: stack.Function, layout: FrameLayout, convention: Convention): stack.Function {
  const blocks = f.blocks.map((block, i): stack.Block => {
    const body = block.body.flatMap((instr) => lowerStackInstr(instr, layout, convention));
    const leaves = block.end.kind === "return" || block.end.kind === "tailCall";
    return {
      label: block.label,
      body: [
        ...(i === 0 ? prologue(layout, convention, f.span) : []),
        ...body,
        ...(leaves ? epilogue(layout, convention, block.end.span) : []),
      ],
      end: block.end,
    };
  });
  return { ...f, saved: layout.saved, blocks, frameBytes: layout.frameBytes };
}

// Two blocks in front: the comparison, and the trap that it leads to.
function withCheck(f: stack.Function, bytes: number | null, convention: Convention): stack.Function {
  const [entry] = f.blocks;
  if (bytes === null || entry === undefined) return f;
  const label = f.blocks.reduce((most, b) => Math.max(most, b.label), 0) + 1;
  const { body, branch } = stackCheck(bytes, convention, f.span);
  const span = f.span;
  const check: stack.Block = {
    label,
    body,
    end: { kind: "machineBranch", ...branch, then: label + 1, else: entry.label, span },
  };
  const trap: stack.Block = {
    label: label + 1,
    body: [],
    end: { kind: "trap", reason: "stackExhausted", span },
  };
  return { ...f, blocks: [check, ...f.blocks, trap] };
}
