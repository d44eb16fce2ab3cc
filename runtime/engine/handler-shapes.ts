// Which instructions the interpreter has handlers for, and what each takes from a decoded entry.
//
// Relies on effect-to-wasm.ts (what can be written), float-lowering.ts. Guarantees: a shape never changes, and its number
// is given once; an instruction without a shape is executed outside.

import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { forEachExpr, forEachStmt, stmtExprs } from "../../spec/isa/effect.ts";
import type { ImmediateCodeName } from "../../spec/isa/immediate-codes.ts";
import type { Instruction } from "../../spec/isa/schema.ts";
import type { IsaBinding } from "../isa/binding.ts";
import { boundEffect } from "../isa/bound-effect.ts";
import type { Decoded } from "../isa/decoder.ts";
import { specialise } from "./effect-specialise.ts";
import { isSystem, withInlineForms } from "./inline-system.ts";
import { canTranslate } from "./effect-to-wasm.ts";
import { lowerFloat, withoutIdle } from "./float-lowering.ts";
import { ENTRY, MAX_ENTRY_REGISTERS, OUTSIDE } from "./predecoded.ts";

/** An operand whose number a handler uses, and where its value stands in an entry. */
export interface NumberSlot {
  readonly name: string;
  readonly at: number;
  /** A value in a code is decoded and takes 64 bits; others are 32 bits, sign-extended where more are asked for. */
  readonly code: ImmediateCodeName | null;
}

/** What a handler takes: operands by register slot, operands by number slot; `body` is what it does. */
export interface HandlerShape {
  readonly handler: number;
  readonly registers: readonly string[];
  readonly numbers: readonly NumberSlot[];
  readonly body: readonly Stmt[];
}

// Longer effects are executed outside until they are hot: every handler makes the loop slower to compile.
const MAX_HANDLER_NODES = 120;
const WORD_BYTES = 4;
/** The lowest number of a handler. */
export const FIRST_HANDLER = OUTSIDE + 1;

/**
 * Handlers in the order in which programs first asked for them. An ISA may have thousands of instructions and a program
 * uses a hundred, so a loop has the handlers that were known when it was made; later ones have higher numbers.
 */
export class HandlerTable {
  readonly shapes: HandlerShape[] = [];
  readonly idleHelpers: ReadonlySet<string>;
  private readonly binding: IsaBinding;
  private readonly known = new Map<Instruction, HandlerShape | null>();
  // Of instructions with forms that depend on operands.
  private readonly variants = new Map<string, HandlerShape | null>();

  constructor(binding: IsaBinding, idleHelpers: ReadonlySet<string>) {
    this.binding = binding;
    this.idleHelpers = idleHelpers;
  }

  /** The instruction's handler; null if it is always executed outside. */
  shapeOf(decoded: Decoded): HandlerShape | null {
    const { instruction } = decoded;
    const known = this.known.get(instruction);
    if (known !== undefined) return known;
    const { body } = boundEffect(this.binding, instruction);
    if (this.binding.inline !== null && body.some(isSystem)) return this.variantOf(decoded, body);
    const shape = this.add(instruction, body);
    this.known.set(instruction, shape);
    return shape;
  }

  // Which register or operation it is about decides what it does: one handler for each.
  private variantOf(decoded: Decoded, body: readonly Stmt[]): HandlerShape | null {
    const { instruction, values } = decoded;
    const operands = Object.fromEntries(
      instruction.operands.flatMap(({ name, kind }, i) =>
        kind.kind === "register" ? [] : [[name, values[i] ?? 0] as const],
      ),
    );
    const key = `${String(instruction.number)} ${Object.values(operands).join(" ")}`;
    const known = this.variants.get(key);
    if (known !== undefined) return known;
    const special = specialise({ body }, { operands, pc: null });
    const shape = this.add(instruction, withInlineForms(special, this.binding.inline));
    this.variants.set(key, shape);
    return shape;
  }

  private add(instruction: Instruction, effect: readonly Stmt[]): HandlerShape | null {
    const body = lowerFloat(withoutIdle(effect, this.idleHelpers));
    const slots = slotsOf(instruction, body);
    const shape = slots === null ? null : { handler: FIRST_HANDLER + this.shapes.length, body, ...slots };
    if (shape !== null) this.shapes.push(shape);
    return shape;
  }
}

const tables = new WeakMap<IsaBinding, HandlerTable[]>();

/** The one table for `binding` where these helpers do nothing: all machines, harts and modes of that kind share it. */
export function handlerTable(binding: IsaBinding, idleHelpers: ReadonlySet<string>): HandlerTable {
  const known = tables.get(binding) ?? [];
  const alike = known.find((table) => isSame(table.idleHelpers, idleHelpers));
  if (alike !== undefined) return alike;
  const made = new HandlerTable(binding, idleHelpers);
  tables.set(binding, [...known, made]);
  return made;
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a === b || (a.size === b.size && [...a].every((name) => b.has(name)));
}

// Null for effects that cannot be translated, that jump before they end, that would make the loop too large, or whose
// operands do not fit an entry.
function slotsOf(
  instruction: Instruction,
  body: readonly Stmt[],
): Pick<HandlerShape, "registers" | "numbers"> | null {
  if (!canTranslate(body) || !jumpsLast(body)) return null;
  const codes = new Map<string, ImmediateCodeName | null>();
  let nodes = 0;
  const visit = (e: Expr): void => {
    nodes += 1;
    if (e.kind === "imm") codes.set(e.name, e.code);
    if (e.kind === "index") codes.set(e.name, null);
  };
  forEachStmt(body, (s) => {
    for (const e of stmtExprs(s)) forEachExpr(e, visit);
  });
  const registers = instruction.operands.filter((o) => o.kind.kind === "register").map((o) => o.name);
  const numbers: NumberSlot[] = [];
  let at: number = ENTRY.numbers;
  for (const [name, code] of codes) {
    numbers.push({ name, at, code });
    at += code === null ? WORD_BYTES : 2 * WORD_BYTES;
  }
  const fits = at <= ENTRY.bytes && registers.length <= MAX_ENTRY_REGISTERS && nodes <= MAX_HANDLER_NODES;
  return fits ? { registers, numbers } : null;
}

function jumpsLast(body: readonly Stmt[]): boolean {
  return body.every((s, i) => {
    const isLast = i === body.length - 1;
    if (s.kind === "setPc") return isLast;
    if (s.kind !== "if") return true;
    const jumps = [...s.then, ...s.else].some((inner) => inner.kind === "setPc" || inner.kind === "if");
    return !jumps || (isLast && jumpsLast(s.then) && jumpsLast(s.else));
  });
}
