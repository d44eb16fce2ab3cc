// Where the frame of a function changes, found from the moves of the stack pointer and the saves of registers.
//
// Relies on the shape that stack-frames gives prologues: the stack pointer moves by constants, and a callee-saved
// register is stored before it is written. Guarantees nothing about code; a wrong rule only spoils a backtrace.

import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import type * as lab from "../../lang/lab/ast.ts";
import type { FrameChange } from "../code-item.ts";
import { useOf } from "./absorb-address.ts";

const { stackPointer, link, calleeSaved } = riscv64Calls;
const savable = [link, ...calleeSaved];

const ENTRY: FrameChange = { cfaOffset: 0, saved: [] };

/** For each line the rule that holds after it if it differs from the one before it, else null. */
export function frameChanges(section: lab.Section): readonly (FrameChange | null)[] {
  const written = new Set<number>();
  const atLabel = new Map<lab.Label, FrameChange>();
  let state = ENTRY;
  let full = ENTRY;
  return section.lines.map((line, i) => {
    const before = state;
    if (line.kind === "machine")
      state = afterMachine(line, state, { written, frameBytes: section.frameBytes });
    if (state.cfaOffset >= full.cfaOffset) full = state;
    if (line.kind === "jump" || line.kind === "branch") {
      if (!atLabel.has(line.to)) atLabel.set(line.to, state);
    }
    const isLast = i === section.lines.length - 1;
    if (endsFlow(line) && !isLast) state = nextLabelState(section.lines, i + 1, atLabel) ?? full;
    return state === before ? null : state;
  });
}

function endsFlow(line: lab.Line): boolean {
  return line.kind === "jump" || line.kind === "return" || line.kind === "tailCall" || line.kind === "trap";
}

function nextLabelState(
  lines: readonly lab.Line[],
  from: number,
  atLabel: ReadonlyMap<lab.Label, FrameChange>,
): FrameChange | undefined {
  for (let i = from; i < lines.length; i += 1) {
    const line = lines[i];
    if (line?.kind !== "label") return undefined;
    const known = atLabel.get(line.label);
    if (known !== undefined) return known;
  }
  return undefined;
}

function afterMachine(
  line: Extract<lab.Line, { kind: "machine" }>,
  state: FrameChange,
  context: { readonly written: Set<number>; readonly frameBytes: number },
): FrameChange {
  const [first, second, third] = line.operands;
  if (first?.kind === "register" && first.register === stackPointer) {
    const isConstant = line.ins === "addi" && third?.kind === "imm";
    const shrinks = line.ins === "sub" || (isConstant && third.value < 0n);
    const cfaOffset = isConstant ? state.cfaOffset - Number(third.value) : shrinks ? context.frameBytes : 0;
    return cfaOffset <= 0 ? ENTRY : { cfaOffset, saved: state.saved };
  }
  const register = first?.kind === "register" ? first.register : -1;
  const isSave =
    line.ins === "sd" &&
    second?.kind === "imm" &&
    third?.kind === "register" &&
    third.register === stackPointer;
  if (isSave && savable.includes(register) && !context.written.has(register)) {
    context.written.add(register);
    const place = { register, cfaOffset: Number(second.value) - state.cfaOffset };
    return { cfaOffset: state.cfaOffset, saved: [...state.saved, place] };
  }
  if (savable.includes(register) && useOf(line, register) === "written") context.written.add(register);
  return state;
}
