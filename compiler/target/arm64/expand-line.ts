// Lab lines as Arm64 code items: which instructions stand for a jump, a call, an address, a trap, in every length.
//
// Relies on spec/isa/arm64, spec/abi (relocations) and environment.ts. Guarantees: x16 is the only register written
// beyond what the line says. Jumps and calls reach 128 MiB, addresses 4 GiB.

import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import { R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { operandOfNumber } from "../../../spec/isa/operand-text.ts";
import type * as lab from "../../lang/lab/ast.ts";
import { bug } from "../../source/bug.ts";
import { absorbAddress } from "../absorb-address.ts";
import { plainForm, step, type CodeForm, type CodeStep, type Destination } from "../code-item.ts";
import type { Code } from "../convention.ts";
import type { PlaceAddress } from "../environment.ts";
import {
  destination,
  linked,
  one,
  openStep,
  operandValues,
  type CodeLine,
  type Expansion,
  type SectionContext,
  type SectionExpander,
} from "../expand-section.ts";
import { frameChanges } from "../frame-changes.ts";
import { openAccessOf } from "./accesses.ts";
import { arm64Convention } from "./convention.ts";
import { frameEffect } from "./frame-effect.ts";

const { link, scratch } = arm64Calls;

/** Arm64's lines. */
export const arm64Expander: SectionExpander = {
  expandLine,
  frameChanges: (section) => frameChanges(section, arm64Convention, frameEffect),
};

function expandLine(context: SectionContext, line: CodeLine, index: number): Expansion {
  const { environment } = context;
  switch (line.kind) {
    case "machine":
      return one(plainForm(machineStep(line, line)));
    case "address":
      return expandAddress(context, line, index);
    case "jump":
      return one(plainForm(jumpStep(destination(context, line.to))));
    case "branch":
      return one(...branchForms(line, destination(context, line.to)));
    case "call":
      return one(callForm(environment.functionSymbol(line.callee)));
    case "tailCall":
      return one(plainForm(jumpStep(linked(environment.functionSymbol(line.callee), R_AARCH64.JUMP26))));
    case "foreignCall":
      return one(callForm(environment.foreignSymbol(line.name)));
    case "return":
      return one(plainForm(step(arm64.instruction("ret"), { xn: link })));
    case "trap":
      return one(trapForm(environment.trapSymbol(line.reason)));
  }
}

function machineStep({ ins, operands }: Code, { span }: Pick<CodeLine, "span">): CodeStep {
  const instruction = arm64.instruction(ins);
  return step(instruction, operandValues(instruction, operands, span));
}

function jumpStep(to: Destination): CodeStep {
  return openStep(arm64.instruction("b"), {}, "target", to);
}

// Bytes from an inverted branch to behind the jump that follows it.
const OVER_JUMP = 8;

// The branch itself, or its inverse over a jump.
function branchForms(line: Extract<lab.Line, { kind: "branch" }>, to: Destination): readonly CodeForm[] {
  const inverse = arm64Convention.negated(line) ?? bug(`${line.ins} has no inverse`, line.span);
  const whole = (code: Code): CodeStep => {
    const { instruction, values } = machineStep(code, line);
    return openStep(instruction, values, "target", to);
  };
  const { instruction, values } = machineStep(inverse, line);
  const over = step(instruction, { ...values, target: OVER_JUMP });
  return [plainForm(whole(line)), plainForm(over, jumpStep(to))];
}

function callForm(symbol: string): CodeForm {
  return plainForm(openStep(arm64.instruction("bl"), {}, "target", linked(symbol, R_AARCH64.CALL26)));
}

// The address behind the jump in x16 tells debuggers which function trapped.
function trapForm(symbol: string): CodeForm {
  return plainForm(
    step(arm64.instruction("adr"), { xd: scratch, target: OVER_JUMP }),
    jumpStep(linked(symbol, R_AARCH64.JUMP26)),
  );
}

function pageStep(dest: number, symbol: string, addend: bigint): CodeStep {
  const to = linked(symbol, R_AARCH64.ADR_PREL_PG_HI21, addend);
  return openStep(arm64.instruction("adrp"), { xd: dest }, "page", to);
}

// adrp with the page, then an instruction with the lower half: an add, or the access that uses the address.
function expandAddress(
  context: SectionContext,
  line: Extract<lab.Line, { kind: "address" }>,
  index: number,
): Expansion {
  const place = context.environment.places[line.place];
  if (place.kind === "pointer") return one(pointerForm(line, place));
  const { dest } = line;
  const absorbed = absorbAddress(context, index, arm64Convention, openAccessOf);
  const addend = line.offset + (absorbed?.offset ?? 0n);
  const low = (relocation: number): Destination => linked(place.symbol, relocation, addend);
  const last =
    absorbed === null
      ? openStep(
          arm64.instruction("add:imm"),
          { spd: dest, spn: dest },
          "imm",
          low(R_AARCH64.ADD_ABS_LO12_NC),
        )
      : openStep(absorbed.instruction, absorbed.values, "imm", low(absorbed.relocation));
  const forms = [plainForm(pageStep(dest, place.symbol, addend), last)];
  return { forms, lines: absorbed === null ? 1 : 2 };
}

// The address is in memory: load it, round it, add the offset.
function pointerForm(
  line: Extract<lab.Line, { kind: "address" }>,
  { symbol, mask }: Extract<PlaceAddress, { kind: "pointer" }>,
): CodeForm {
  const { dest } = line;
  const low = linked(symbol, R_AARCH64.LDST64_ABS_LO12_NC);
  const load = openStep(arm64.instruction("ldr"), { xt: dest, spn: dest }, "imm", low);
  const rounded = mask === null ? [] : [maskStep(dest, mask)];
  return plainForm(pageStep(dest, symbol, 0n), load, ...rounded, ...offsetSteps(line));
}

function maskStep(dest: number, mask: bigint): CodeStep {
  const instruction = arm64.instruction("and:imm");
  const kind = arm64.operandKinds["mask"] ?? bug("Arm64 has bit masks");
  const bits = operandOfNumber(kind, mask) ?? bug(`${String(mask)} is no bit mask`);
  return step(instruction, { spd: dest, xn: dest, mask: bits });
}

// Offsets that no immediate takes go through x16.
function offsetSteps(line: Extract<lab.Line, { kind: "address" }>): readonly CodeStep[] {
  const { dest, offset, span } = line;
  if (offset === 0n) return [];
  if (BigInt.asIntN(32, offset) !== offset) bug("offset of 2 GiB or more", span);
  const value = Number(offset);
  const convention = arm64Convention;
  const codes = convention.constantFits(value)
    ? [convention.addConstant(dest, dest, value)]
    : [...convention.constant(scratch, value), convention.add(dest, dest, scratch)];
  return codes.map((code) => machineStep(code, line));
}
