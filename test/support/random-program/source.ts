// PanLang trees as Pancake source text, with the sugar of the language wherever a node has some.
//
// Compiling the text gives a program of the same meaning; n-ary operations may be grouped differently. Redundant
// parentheses, `a > b` for Less b a, `&&`, `||`, `!` and omitted shapes are chosen at random, so that the front end
// sees all spellings. A global that a local hides cannot be written; the generator makes none.

import type {
  AccessBytes,
  Block,
  Exp,
  Program,
  Shape,
  ShapedName,
  Stmt,
} from "../../../compiler/lang/pan/ast.ts";
import type { CompareOp, ShiftOp } from "../../../compiler/lang/machine-word.ts";
import type { Random } from "./prng.ts";

/** The program as one Pancake file; `random` chooses spellings. */
export function sourceText(program: Program, random: Random): string {
  const w: Writer = { random, lines: [] };
  for (const s of program.structs) {
    w.lines.push(`struct ${s.name} { ${s.fields.map((f) => shapedName(f, w)).join(", ")} }`);
  }
  for (const e of program.exceptions) w.lines.push(`exception ${e.name} : ${shapeText(e.shape, w)};`);
  for (const g of program.globals) w.lines.push(`var ${shapedName(g, w)} = ${text(g.value, LOOSEST, w)};`);
  for (const f of program.functions) {
    const flags = `${f.inline ? "inline " : ""}${f.exported ? "export " : ""}`;
    const params = f.params.map((p) => shapedName(p, w)).join(", ");
    w.lines.push("", `${flags}fun ${shapedName({ name: f.name, shape: f.result }, w)}(${params}) {`);
    writeBlock(f.body, "  ", w);
    w.lines.push("}");
  }
  return `${w.lines.join("\n")}\n`;
}

interface Writer {
  readonly random: Random;
  readonly lines: string[];
}

function isWords(shape: Shape): boolean {
  return shape.kind === "struct" && shape.fields.length > 1 && shape.fields.every((f) => f.kind === "word");
}

function shapeText(shape: Shape, w: Writer): string {
  if (shape.kind === "word") return "1";
  if (shape.kind === "named") return shape.name;
  if (isWords(shape) && w.random.chance(50)) return String(shape.fields.length);
  return `{${shape.fields.map((f) => shapeText(f, w)).join(",")}}`;
}

function shapedName({ name, shape }: ShapedName, w: Writer): string {
  return shape.kind === "word" && w.random.chance(50) ? name : `${shapeText(shape, w)} ${name}`;
}

// Levels of the grammar (reference/pancake-language.md, 2.3); a larger one binds tighter.
const LOOSEST = 1;
const EQUALITY = 3;
const COMPARISON = 4;
const LOAD = 5;
const LOAD8 = 6;
const LOAD32 = 7;
const SHIFT = 11;
const SUM = 12;
const NOT = 14;
const FIELD = 15;
const PRIMARY = 16;

interface Spelling {
  readonly level: number;
  readonly text: string;
}

/** `e`, in parentheses if it binds looser than `level`, and sometimes for no reason. */
function text(e: Exp, level: number, w: Writer): string {
  const spelling = spell(e, w);
  if (spelling.level < level || (spelling.level < PRIMARY && w.random.chance(12)))
    return `(${spelling.text})`;
  return spelling.text;
}

function spell(e: Exp, w: Writer): Spelling {
  const primary = (t: string): Spelling => ({ level: PRIMARY, text: t });
  switch (e.kind) {
    case "const":
      return primary(constantText(e.value, w));
    case "var":
      return primary(e.name);
    case "rawStruct":
      return primary(`< ${e.fields.map((f) => text(f, LOOSEST, w)).join(", ")} >`);
    case "namedStruct":
      return primary(
        `${e.name} < ${e.fields.map((f) => `${f.name} = ${text(f.value, LOOSEST, w)}`).join(", ")} >`,
      );
    case "rawField":
      return { level: FIELD, text: `${text(e.value, FIELD, w)}.${String(e.index)}` };
    case "namedField":
      return { level: FIELD, text: `${text(e.value, FIELD, w)}.${e.field}` };
    case "load":
      return { level: LOAD, text: `lds ${shapeText(e.shape, w)} ${text(e.address, LOAD8, w)}` };
    case "loadBytes":
      if (e.bytes === 1) return { level: LOAD8, text: `ld8 ${text(e.address, LOAD32, w)}` };
      return { level: LOAD32, text: `ld32 ${text(e.address, LOAD32 + 1, w)}` };
    case "op":
      return spellOperation(e, w);
    case "compare":
      return spellComparison(e, w);
    case "shift":
      return { level: SHIFT, text: `${text(e.value, SHIFT, w)} ${SHIFTS[e.op]} ${text(e.amount, SUM, w)}` };
    case "baseAddr":
      return primary("@base");
    case "topAddr":
      return primary("@top");
    case "bytesInWord":
      return primary("@biw");
  }
}

const SHIFTS: Readonly<Record<ShiftOp, string>> = { lsl: "<<", lsr: ">>>", asr: ">>", ror: "#>>" };

function constantText(value: bigint, w: Writer): string {
  if (value === 1n && w.random.chance(10)) return "true";
  if (value === 0n && w.random.chance(10)) return "false";
  return String(value >> 63n === 1n && w.random.chance(80) ? BigInt.asIntN(64, value) : value);
}

type Operation = Extract<Exp, { readonly kind: "op" }>;

const OPERATORS: Readonly<Record<Operation["op"], readonly [string, number]>> = {
  or: ["|", 8],
  xor: ["^", 9],
  and: ["&", 10],
  add: ["+", SUM],
  sub: ["-", SUM],
  mul: ["*", 13],
};

function spellOperation(e: Operation, w: Writer): Spelling {
  const tests = e.op === "and" ? e.args.map(testedNonZero) : [];
  if (tests.length > 0 && tests.every((t) => t !== null)) return chain("&&", 2, tests, w);
  const [symbol, level] = OPERATORS[e.op];
  return chain(symbol, level, e.args, w);
}

/** Left-associative: operands after the first bind tighter than the operator. */
function chain(symbol: string, level: number, args: readonly Exp[], w: Writer): Spelling {
  const parts = args.map((arg, i) => text(arg, i === 0 ? level : level + 1, w));
  return { level, text: parts.join(` ${symbol} `) };
}

/** `x` of `0 != x`, which `&&` and `||` put around their operands. */
function testedNonZero(e: Exp): Exp | null {
  if (e.kind !== "compare" || e.op !== "notEqual") return null;
  return isZero(e.left) ? e.right : null;
}

function isZero(e: Exp): boolean {
  return e.kind === "const" && e.value === 0n;
}

const COMPARISONS: Readonly<Record<CompareOp, { readonly plain: string; readonly flipped: string }>> = {
  equal: { plain: "==", flipped: "==" },
  notEqual: { plain: "!=", flipped: "!=" },
  less: { plain: "<", flipped: ">" },
  notLess: { plain: ">=", flipped: "<=" },
  lower: { plain: "<+", flipped: ">+" },
  notLower: { plain: ">=+", flipped: "<=+" },
};

function spellComparison(e: Extract<Exp, { readonly kind: "compare" }>, w: Writer): Spelling {
  if (isZero(e.left) && e.op === "equal") {
    const operand = text(e.right, FIELD, w);
    // `!<` would be read as one symbol.
    return { level: NOT, text: operand.startsWith("<") ? `! ${operand}` : `!${operand}` };
  }
  if (isZero(e.left) && e.op === "notEqual" && e.right.kind === "op" && e.right.op === "or") {
    return chain("||", LOOSEST, e.right.args, w);
  }
  const { plain, flipped } = COMPARISONS[e.op];
  const level = e.op === "equal" || e.op === "notEqual" ? EQUALITY : COMPARISON;
  const operand = level === EQUALITY ? COMPARISON : LOAD;
  const flip = w.random.chance(50);
  const [left, right] = flip ? [e.right, e.left] : [e.left, e.right];
  return { level, text: `${text(left, operand, w)} ${flip ? flipped : plain} ${text(right, operand, w)}` };
}

function writeBlock(block: Block, indent: string, w: Writer): void {
  for (const stmt of block) writeStmt(stmt, indent, w);
}

function braces(head: string, body: Block, indent: string, w: Writer): void {
  w.lines.push(`${indent}${head}{`);
  writeBlock(body, `${indent}  `, w);
}

function writeStmt(stmt: Stmt, indent: string, w: Writer): void {
  switch (stmt.kind) {
    case "block":
      braces("", stmt.body, indent, w);
      w.lines.push(`${indent}};`);
      return;
    case "while":
      braces(`while ${text(stmt.condition, LOOSEST, w)} `, stmt.body, indent, w);
      break;
    case "if":
      braces(`if ${text(stmt.condition, LOOSEST, w)} `, stmt.then, indent, w);
      if (stmt.else.length > 0) braces("} else ", stmt.else, indent, w);
      break;
    case "call": {
      const call = `${stmt.target === null ? "" : `${stmt.target.name} = `}${callText(stmt.callee, stmt.args, w)}`;
      if (stmt.handler === null) {
        w.lines.push(`${indent}${call};`);
        return;
      }
      const { exception, variable, body } = stmt.handler;
      braces(`try ${call} catch ${exception} => ${variable} `, body, indent, w);
      break;
    }
    case "annotation":
      w.lines.push(`${indent}/@${stmt.text}@/`);
      return;
    default:
      w.lines.push(`${indent}${simpleText(stmt, w)};`);
      return;
  }
  w.lines.push(`${indent}}`);
}

function callText(callee: string, args: readonly Exp[], w: Writer): string {
  return `${callee}(${args.map((arg) => text(arg, LOOSEST, w)).join(", ")})`;
}

function accessText(bytes: AccessBytes): string {
  return bytes === 8 ? "w" : String(bytes * 8);
}

type Simple = Exclude<Stmt, { readonly kind: "block" | "while" | "if" | "call" | "annotation" }>;

function simpleText(stmt: Simple, w: Writer): string {
  const exp = (e: Exp): string => text(e, LOOSEST, w);
  switch (stmt.kind) {
    case "skip":
    case "tick":
    case "break":
    case "continue":
      return stmt.kind;
    case "dec":
      return `var ${shapedName(stmt, w)} = ${exp(stmt.value)}`;
    case "decCall":
      return `var ${shapedName(stmt, w)} = ${callText(stmt.callee, stmt.args, w)}`;
    case "assign":
      return `${stmt.name} = ${exp(stmt.value)}`;
    case "addCarry":
      return `${stmt.name} = ${callText("__add_with_carry__", [stmt.left, stmt.right, stmt.carryIn], w)}`;
    case "store":
      return `st ${exp(stmt.address)}, ${exp(stmt.value)}`;
    case "storeBytes":
      return `st${String(stmt.bytes * 8)} ${exp(stmt.address)}, ${exp(stmt.value)}`;
    case "tailCall":
      return `return ${callText(stmt.callee, stmt.args, w)}`;
    case "foreignCall":
      return callText(`@${stmt.name}`, stmt.args, w);
    case "raise":
      return `throw ${stmt.exception} ${exp(stmt.value)}`;
    case "return":
      return `return ${exp(stmt.value)}`;
    case "sharedLoad":
      return `!ld${accessText(stmt.bytes)} ${stmt.name}, ${exp(stmt.address)}`;
    case "sharedStore":
      return `!st${accessText(stmt.bytes)} ${exp(stmt.address)}, ${exp(stmt.value)}`;
  }
}
