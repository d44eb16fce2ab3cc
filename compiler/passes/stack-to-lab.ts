// Blocks become lines in the order of the code. The parts: stack-to-lab/.

import type * as lab from "../lang/lab/ast.ts";
import type * as stack from "../lang/stack/ast.ts";
import { bug } from "../source/bug.ts";
import { conventionNamed } from "../target/convention-named.ts";
import type { Convention } from "../target/convention.ts";
import { stackDepth } from "./analysis/stack-depth.ts";
import { bytesBelow, stackUser } from "./stack-frames/stack-user.ts";
import { orderBlocks, type BlockOrder } from "./stack-to-lab/chains.ts";
import { threadJumps } from "./stack-to-lab/thread-jumps.ts";

/**
 * stack-to-lab: StackLang → LabLang.  Upstream: stack_to_labScript.sml.
 *
 * One section a function: blocks in an order in which what runs often falls through (loop bodies together, a loop's
 * test below its body, ways to traps last), branches inverted to fit. Says how much stack each function needs.
 *
 * Needs:       explicit frames (stack-frames).
 * Establishes: L1 to L7 of compiler/lang/lab/check.ts.
 * Keeps:       every instruction of every block that can be reached, and their order inside a block.
 * Cost:        n log n.
 */
export function stackToLab(program: stack.Program): lab.Program {
  const convention = conventionNamed(program.isa);
  const users = program.functions.map((f) => {
    const use = { frameBytes: frameBytesOf(f), belowBytes: bytesBelow(f, convention) };
    return stackUser(f, use, convention);
  });
  return {
    isa: program.isa,
    sections: program.functions.map((f) => layOut(f, convention)),
    stackNeed: stackDepth(users).need,
    globalWords: program.globalWords,
    entry: program.entry,
  };
}

function frameBytesOf(f: stack.Function): number {
  return f.frameBytes ?? bug(`${f.name} has no frame yet`, f.span);
}

function layOut(f: stack.Function, convention: Convention): lab.Section {
  const order = orderBlocks(threadJumps(f.blocks));
  const lines = order.blocks.flatMap((block, i): lab.Line[] => {
    const next = order.blocks[i + 1]?.label ?? null;
    return [
      { kind: "label", label: block.label },
      ...block.body.map(lowerInstr),
      ...lowerEnd(block.end, next, { convention, order }),
    ];
  });
  const { name, exported, paramWords, resultWords, span } = f;
  return { name, exported, paramWords, resultWords, frameBytes: frameBytesOf(f), lines, span };
}

function lowerInstr(instr: stack.Instr): lab.Line {
  switch (instr.kind) {
    case "machine":
    case "address":
    case "foreignCall":
      return instr;
    case "call":
      return { kind: "call", callee: instr.callee, span: instr.span };
    case "slotLoad":
    case "slotStore":
    case "transferLoad":
    case "transferStore":
      return bug("stack-to-lab needs explicit frames", instr.span);
  }
}

interface EndContext {
  readonly convention: Convention;
  readonly order: BlockOrder;
}

// `next`: the block that follows in the code.
function lowerEnd(end: stack.Terminator, next: stack.Label | null, context: EndContext): lab.Line[] {
  switch (end.kind) {
    case "jump":
      return end.to === next ? [] : [end];
    case "machineBranch":
      return lowerBranch(end, next, context);
    case "tailCall":
      return [{ kind: "tailCall", callee: end.callee, span: end.span }];
    case "return":
    case "trap":
      return [end];
  }
}

// One branch if a side follows; else a branch to the side that runs more often and a jump to the other.
function lowerBranch(
  end: Extract<stack.Terminator, { kind: "machineBranch" }>,
  next: stack.Label | null,
  { convention, order }: EndContext,
): lab.Line[] {
  const { ins, operands, span } = end;
  const often = (label: stack.Label): number => order.frequency.get(label) ?? 0;
  const straight: lab.Line = { kind: "branch", ins, operands, to: end.then, span };
  if (end.else === next) return [straight];
  const negated = convention.negated({ ins, operands }) ?? bug(`no negation of \`${ins}\``, span);
  const turned: lab.Line = { kind: "branch", ...negated, to: end.else, span };
  if (end.then === next) return [turned];
  if (often(end.then) >= often(end.else)) return [straight, { kind: "jump", to: end.else, span }];
  return [turned, { kind: "jump", to: end.then, span }];
}
