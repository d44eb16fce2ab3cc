// Diagnostics with the letter A (assembler). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticEntry, DiagnosticTable } from "./registry.ts";

function error(message: string, help: string | null = null): DiagnosticEntry {
  return { severity: "error", message, help };
}

// prettier-ignore
export const assemblerDiagnostics = {
  A0001: error("this {what} has no end, expected `{close}`", "close it"),
  A0002: error("expected {expected}, found {found}"),
  A0003: error("there is no label `{label}:` before `{name}`", "write `{label}f` for the next one after this line"),
  A0004: error("division by zero"),
  A0005: error("expected a constant or a difference of two labels of one section, found an expression that the linker would have to compute", "use `symbol`, `symbol + number` or a difference of labels"),
  A0006: error("unknown instruction `{name}`"),
  A0007: error("`{name}` takes `{expected}`, found `{found}`"),
  A0008: error("`{operand}` of `{name}` must be {range}, found {found}"),
  A0009: error("unknown directive `{name}`"),
  A0010: error("`{name}` reaches from {min} to {max} bytes, but its target is {distance} bytes away", "move the target nearer, or jump through a register (RISC-V: `jump symbol, t0`)"),
  A0011: error("`{name}` is defined twice", "rename one of the two, or use a numeric label such as `1:`"),
  A0012: error("`{name}` needs the extension {extension}, which is not enabled", "add it to `--march`"),
  A0013: error("`{name}` expects {expected}, found {found}"),
  A0014: error("expected an instruction, a directive or a label, found `{found}`"),
  A0015: error("`{operator}` cannot stand here: it is for {place}"),
  A0016: error("section `{name}` holds only zeros, found contents", "use `.zero`, or put this in `.data`"),
  A0017: error("`{name}` is defined by means of itself", "give it a constant value"),
  A0018: error("there is no label `{label}:` after `{name}`", "write `{label}b` for the last one before this line"),
  A0019: error("`{name}` without a `{partner}` before it", "remove it, or add the `{partner}`"),
  A0020: error("{value} does not fit in {bytes} bytes", "use a wider directive"),
} satisfies DiagnosticTable;
