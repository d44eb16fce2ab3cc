// Surface tree to text: canonical layout, four spaces a level, one declaration or statement a line.
//
// `parse(print(t))` is `t` but for positions and for parentheses that the tree lacked. Needs a tree without error
// nodes. Comments are not printed (they stand beside the tree); annotations are.

import { bug } from "../source/bug.ts";
import { printExp, printShape } from "./print-exp.ts";
import type { Block, Call, Declaration, Program, ShapedName, Stmt } from "./tree.ts";

const INDENT = "    ";

/** The program as text, ending in a line end; the empty program is the empty text. */
export function printProgram(program: Program): string {
  return program.declarations.map((declaration) => `${printDeclaration(declaration)}\n`).join("\n");
}

export function printDeclaration(declaration: Declaration): string {
  switch (declaration.kind) {
    case "function": {
      const words = [
        ...(declaration.inline ? ["inline"] : []),
        ...(declaration.exported ? ["export"] : []),
        "fun",
        ...(declaration.result === null ? [] : [printShape(declaration.result)]),
        `${declaration.name.text}(${declaration.parameters.map(shapedName).join(", ")})`,
      ];
      return `${words.join(" ")} ${block(declaration.body, "")}`;
    }
    case "global":
      return `var ${shapedName(declaration.variable)} = ${printExp(declaration.value)};`;
    case "exception":
      return `exception ${declaration.name.text} : ${printShape(declaration.shape)};`;
    case "struct":
      return `struct ${declaration.name.text} { ${declaration.fields.map(shapedName).join(", ")} }`;
    case "annotation":
      return annotation(declaration.text);
    case "const":
      return `const ${declaration.name.text} = ${printExp(declaration.value)};`;
    case "import":
      return `import "${declaration.path}";`;
    case "error":
      return bug("a tree with mistakes cannot be printed", declaration.span);
  }
}

/** One statement at a level of indentation, without a line end after it. */
export function printStmt(statement: Stmt, indent = ""): string {
  switch (statement.kind) {
    case "if":
      return indent + ifStatement(statement, indent);
    case "while":
      return `${indent}while ${printExp(statement.condition)} ${block(statement.body, indent)}`;
    case "try": {
      const target = statement.target === null ? "" : `${statement.target.text} = `;
      const caught = `catch ${statement.exception.text} => ${statement.payload.text}`;
      return `${indent}try ${target}${call(statement.call)} ${caught} ${block(statement.handler, indent)}`;
    }
    case "block":
      return `${indent}${block(statement.block, indent)};`;
    case "annotation":
      return indent + annotation(statement.text);
    case "error":
      return bug("a tree with mistakes cannot be printed", statement.span);
    default:
      return `${indent}${simple(statement)};`;
  }
}

type SimpleStmt = Exclude<Stmt, { readonly kind: "if" | "while" | "try" | "block" | "annotation" | "error" }>;

function simple(statement: SimpleStmt): string {
  switch (statement.kind) {
    case "skip":
    case "tick":
    case "break":
    case "continue":
      return statement.kind;
    case "var":
      return `var ${shapedName(statement.variable)} = ${printExp(statement.value)}`;
    case "assign":
      return `${statement.target.text} = ${printExp(statement.value)}`;
    case "call":
      return call(statement.call);
    case "foreignCall":
      return `@${statement.name.text}(${statement.args.map(printExp).join(", ")})`;
    case "store": {
      const word = statement.bytes === null ? "st" : statement.bytes === 1 ? "st8" : "st32";
      return `${word} ${printExp(statement.address)}, ${printExp(statement.value)}`;
    }
    case "sharedLoad":
      return `!ld${width(statement.bytes)} ${statement.target.text}, ${printExp(statement.address)}`;
    case "sharedStore":
      return `!st${width(statement.bytes)} ${printExp(statement.address)}, ${printExp(statement.value)}`;
    case "throw":
      return `throw ${statement.exception.text} ${printExp(statement.value)}`;
    case "return":
      return `return ${printExp(statement.value)}`;
  }
}

function width(bytes: 1 | 2 | 4 | 8): string {
  return bytes === 8 ? "w" : String(bytes * 8);
}

function ifStatement(statement: Stmt & { readonly kind: "if" }, indent: string): string {
  const head = `if ${printExp(statement.condition)} ${block(statement.then, indent)}`;
  if (statement.else === null) return head;
  const only = statement.else.statements[0];
  if (statement.elseIf && only?.kind === "if") return `${head} else ${ifStatement(only, indent)}`;
  return `${head} else ${block(statement.else, indent)}`;
}

function block(body: Block, indent: string): string {
  if (body.statements.length === 0) return "{ }";
  const lines = body.statements.map((statement) => printStmt(statement, indent + INDENT));
  return ["{", ...lines, `${indent}}`].join("\n");
}

function call(node: Call): string {
  return `${node.callee.text}(${node.args.map(printExp).join(", ")})`;
}

function shapedName(variable: ShapedName): string {
  return variable.shape === null ? variable.name.text : `${printShape(variable.shape)} ${variable.name.text}`;
}

function annotation(text: string): string {
  return `/@${text}@/`;
}
