// Entering and leaving a function: moving the stack pointer, keeping registers, checking the stack limit.

import type { Instr, MachineOperand, Register } from "../../lang/stack/ast.ts";
import type { Span } from "../../source/span.ts";
import type { Convention } from "../../target/convention.ts";
import { keptOffset, type FrameLayout } from "./layout.ts";
import { plain, stackAccess } from "./stack-access.ts";

export function prologue(layout: FrameLayout, convention: Convention, span: Span): readonly Instr[] {
  const keep = layout.kept.map((register, i) =>
    stackAccess(convention.storeWord(register, convention.stackPointer, keptOffset(layout, i)), span),
  );
  return [...moveStackPointer(-layout.frameBytes, convention, span), ...keep];
}

export function epilogue(layout: FrameLayout, convention: Convention, span: Span): readonly Instr[] {
  const restore = layout.kept.map((register, i) =>
    stackAccess(convention.loadWord(register, convention.stackPointer, keptOffset(layout, i)), span),
  );
  const ordered = convention.restoresDownwards ? restore.toReversed() : restore;
  return [...ordered, ...moveStackPointer(layout.frameBytes, convention, span)];
}

function moveStackPointer(bytes: number, convention: Convention, span: Span): readonly Instr[] {
  const sp = convention.stackPointer;
  if (bytes === 0) return [];
  if (convention.constantFits(bytes)) return [plain(convention.addConstant(sp, sp, bytes), span)];
  const code = [
    ...convention.constant(convention.scratch, bytes),
    convention.add(sp, sp, convention.scratch),
  ];
  return code.map((c) => plain(c, span));
}

export interface StackCheck {
  readonly body: readonly Instr[];
  /** Taken if `bytes` more would go below the limit. */
  readonly branch: { readonly ins: string; readonly operands: readonly MachineOperand[] };
}

/** Runs before the frame; `free` is a register that holds no word there. */
export function stackCheck(
  bytes: number,
  free: Register,
  { convention, span }: { readonly convention: Convention; readonly span: Span },
): StackCheck {
  const { scratch, stackPointer } = convention;
  const below = convention.constantFits(-bytes)
    ? [convention.addConstant(free, stackPointer, -bytes)]
    : [...convention.constant(free, -bytes), convention.add(free, free, stackPointer)];
  const { compare, branch } = convention.branchLower(free, scratch);
  return {
    body: [
      { kind: "address", dest: scratch, place: "stackLimit", offset: 0n, span },
      stackAccess(convention.loadWord(scratch, scratch, 0), span),
      ...[...below, ...compare].map((c) => plain(c, span)),
    ],
    branch,
  };
}
