// Makes frames explicit. The layout is drawn below; the parts: stack-frames/.

import type * as stack from "../lang/stack/ast.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Convention } from "../target/convention.ts";
import { hasRegister, registersLiveIn } from "./analysis/register-liveness.ts";
import { stackDepth } from "./analysis/stack-depth.ts";
import { frameLayout, type FrameLayout } from "./stack-frames/layout.ts";
import { epilogue, prologue, stackCheck } from "./stack-frames/prologue.ts";
import { retarget, wrapFrame, type Wrapped } from "./stack-frames/shrink-wrap.ts";
import { lowerStackInstr } from "./stack-frames/stack-access.ts";
import { stackUser } from "./stack-frames/stack-user.ts";

/**
 * stack-frames: StackLang → StackLang.  Upstream: stack_allocScript.sml, stack_removeScript.sml.
 *
 * Prologues and epilogues as instructions; slots and transfer words as loads and stores off the stack pointer.
 *
 *     higher   | own transfer words |  argument and result words beyond the registers
 *              | slots              |
 *              | spare              |  in big frames that need a third scratch register
 *     sp →     | link, saved ...    |  what the function must restore
 *     lower    | callee's transfer  |
 *
 * Tests at a function's start that may leave it without needing the frame come before the prologue (shrink-wrap.ts).
 * A function that calls nobody and needs little leaves the stack pointer alone: its frame lies in the zone below it
 * that trap handlers skip. Functions on a cycle of calls check the stack limit first (analysis/stack-depth.ts).
 *
 * Needs:       S1 to S10, frames implicit.
 * Establishes: every `frameBytes`; no slots or transfer words (S4).
 * Keeps:       order of everything; every span.
 * Cost:        linear.
 */
export function stackFrames(program: stack.Program): stack.Program {
  const convention = conventionNamed(program.isa);
  const layouts = new Map(program.functions.map((f) => [f.name, frameLayout(f, convention)]));
  const users = program.functions.map((f) =>
    stackUser(f, layouts.get(f.name) ?? frameLayout(f, convention), convention),
  );
  const { checked } = stackDepth(users);
  const functions = program.functions.map((f) =>
    frameFunction(f, layouts.get(f.name) ?? frameLayout(f, convention), {
      convention,
      checkedBytes: checked.get(f.name) ?? null,
    }),
  );
  return { ...program, functions };
}

interface FrameContext {
  readonly convention: Convention;
  /** Null: the function does not check the stack limit. */
  readonly checkedBytes: number | null;
}

function frameFunction(f: stack.Function, layout: FrameLayout, context: FrameContext): stack.Function {
  const { convention, checkedBytes } = context;
  const { blocks, frameLabel, unframed, free } = placeFrame(f, context);
  const framed = blocks.map((block): stack.Block => {
    if (unframed.has(block.label)) return block;
    const leaves = block.end.kind === "return" || block.end.kind === "tailCall";
    return {
      label: block.label,
      body: [
        ...(block.label === frameLabel ? prologue(layout, convention, f.span) : []),
        ...block.body.flatMap((instr) => lowerStackInstr(instr, layout, convention)),
        ...(leaves ? epilogue(layout, convention, block.end.span) : []),
      ],
      end: block.end,
    };
  });
  const result = { ...f, saved: layout.saved, blocks: framed, frameBytes: layout.frameBytes };
  return checkedBytes === null ? result : withCheck(result, checkedBytes, { frameLabel, free, convention });
}

// Wraps the frame if the stack check, where there is one, finds a free register at its beginning.
function placeFrame(f: stack.Function, context: FrameContext): Wrapped & { readonly free: stack.Register } {
  const { convention, checkedBytes } = context;
  const wrapped = wrapFrame(f, convention);
  const plain = { blocks: f.blocks, frameLabel: f.blocks[0]?.label ?? 0, unframed: new Set<stack.Label>() };
  const free = convention.entryScratch;
  if (checkedBytes === null || wrapped.unframed.size === 0) return { ...wrapped, free };
  const found = freeRegister({ ...f, blocks: wrapped.blocks }, wrapped.frameLabel, convention);
  return found === null ? { ...plain, free } : { ...wrapped, free: found };
}

// Two blocks in front of the frame: the comparison, and the trap that it leads to.
function withCheck(
  f: stack.Function,
  bytes: number,
  at: { readonly frameLabel: stack.Label; readonly free: stack.Register; readonly convention: Convention },
): stack.Function {
  const { frameLabel, free, convention } = at;
  const label = f.blocks.reduce((most, b) => Math.max(most, b.label), 0) + 1;
  const { body, branch } = stackCheck(bytes, free, { convention, span: f.span });
  const span = f.span;
  const check: stack.Block = {
    label,
    body,
    end: { kind: "machineBranch", ...branch, then: label + 1, else: frameLabel, span },
  };
  const trap: stack.Block = {
    label: label + 1,
    body: [],
    end: { kind: "trap", reason: "stackExhausted", span },
  };
  const blocks = f.blocks.flatMap((block): stack.Block[] => {
    const end = retarget(block.end, (to) => (to === frameLabel ? label : to));
    return block.label === frameLabel ? [check, block] : [{ ...block, end }];
  });
  return { ...f, blocks: [...blocks, trap] };
}

// A register without a word where the frame begins, if there is one.
function freeRegister(
  f: stack.Function,
  frameLabel: stack.Label,
  convention: Convention,
): stack.Register | null {
  const live = registersLiveIn(f, convention).get(frameLabel) ?? 0;
  const candidates = [convention.entryScratch, ...convention.callerSaved];
  const usable = candidates.filter((r) => r !== convention.link && r !== convention.scratch);
  return usable.find((r) => !hasRegister(live, r)) ?? null;
}
