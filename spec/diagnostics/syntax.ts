// Diagnostics with the letter P (syntax). Message: one sentence, lower case, expected and found; help: an action.
//
// P00 preprocessor, P01 lexical, P02 grammar, P03 conveniences that --strict rejects.

import type { DiagnosticTable } from "./registry.ts";

export const syntaxDiagnostics = {
  P0001: {
    severity: "error",
    message: "cannot find the included file `{name}`",
    help: "check the name, or name its folder with `-I`",
  },
  P0002: {
    severity: "error",
    message: "including `{path}` here nests more than {limit} files deep",
    help: "a file probably includes itself; guard it with `#ifndef`, or write `#pragma once` in it",
  },
  P0003: { severity: "error", message: "{problem}", help: 'write `#include "file"`' },
  P0004: {
    severity: "error",
    message: "there is no preprocessor directive `#{name}`",
    help: "known are `#include`, `#define`, `#undef`, `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else`, `#endif`, `#error`, `#warning`, `#line`, `#pragma`",
  },
  P0005: {
    severity: "error",
    message: "this conditional has no `#endif` in its file",
    help: "add `#endif` after the lines that depend on it",
  },
  P0006: {
    severity: "error",
    message: "unexpected `#{name}`: {reason}",
    help: "remove it, or add the `#if` that it belongs to",
  },
  P0007: {
    severity: "error",
    message: "{problem}",
    help: "write `#define NAME text` or `#define NAME(a, b) text`",
  },
  P0008: {
    severity: "warning",
    message: "macro `{name}` is defined again with another text; {first}",
    help: "use `#undef {name}` first if that is meant",
  },
  P0009: {
    severity: "error",
    message: "macro `{macro}` takes {wanted} arguments, found {given}",
    help: "commas separate arguments; put an argument that contains one in parentheses",
  },
  P0010: {
    severity: "error",
    message: "the arguments of macro `{macro}` are not closed before the end of the file",
    help: "add the missing `)`",
  },
  P0012: {
    severity: "error",
    message: "`##` joins `{left}` and `{right}` to something that is not one token",
    help: "remove the `##`, tokens can stand side by side",
  },
  P0013: {
    severity: "error",
    message: "{problem}",
    help: "a condition is an integer expression of C; names that are not macros count as 0",
  },
  P0014: { severity: "error", message: "#error: {text}", help: null },
  P0015: { severity: "warning", message: "#warning: {text}", help: null },
  P0016: {
    severity: "error",
    message: "expected a line number and perhaps a file name in quotes",
    help: 'write `#line 12 "file"`',
  },
  P0017: {
    severity: "error",
    message: "the expansion of macro `{macro}` is too large (a million tokens, or 200 nested arguments)",
    help: "look for macros that repeat their arguments several times",
  },
  P0018: {
    severity: "error",
    message: "cannot find the imported file `{name}`",
    help: "the name is relative to the importing file; other folders are searched with `-I`",
  },
  P0019: {
    severity: "warning",
    message: "text after `#{name}` is ignored",
    help: "remove it, or make it a comment",
  },
  P0020: {
    severity: "warning",
    message: "this comment goes on in the next line, because its line ends with a backslash",
    help: "remove the backslash if the next line is code",
  },

  P0101: { severity: "error", message: "`{text}` is not part of Pancake", help: "remove it" },
  P0102: {
    severity: "error",
    message: "this is not text: it holds the character {text}",
    help: "is this a binary file, or text in another encoding than UTF-8?",
  },
  P0103: {
    severity: "error",
    message: "{count} lexical mistakes: the rest of the text was not read",
    help: "is this a Pancake file?",
  },
  P0104: { severity: "error", message: "this comment is never closed", help: "close it with `*/`" },
  P0105: { severity: "error", message: "this annotation is never closed", help: "close it with `@/`" },
  P0106: {
    severity: "warning",
    message: "stock Pancake ends this {what} at `{text}`, not at `{proper}`",
    help: "keep `{text}` out of it",
  },
  P0107: {
    severity: "error",
    message: "`{text}` is read as one symbol, and there is no such symbol",
    help: "symbols made of `= < > | & +` must be separated by spaces",
  },
  P0108: {
    severity: "error",
    message: "`{text}` is read as a shift, but here structs begin or end",
    help: "put a space between the two",
  },
  P0109: {
    severity: "error",
    message: "a struct literal needs at least one field, found `{text}`",
    help: "write `<0>` for a struct of one word",
  },
  P0110: {
    severity: "error",
    message: "Pancake has no character constants, found {text}",
    help: "write the number of the character: {code}",
  },
  P0111: {
    severity: "error",
    message: "Pancake has no strings",
    help: "keep text in memory and store it byte by byte with `st8`; only `import` takes a string",
  },
  P0112: { severity: "error", message: "Pancake has no operator `{text}`", help: null },
  P0113: {
    severity: "error",
    message: "expected a name after `@`, found none",
    help: "write `@name(...)` for a foreign call, or `@base`, `@top`, `@biw`",
  },
  P0114: {
    severity: "error",
    message: "`{text}` is not a hexadecimal number",
    help: "after `0x` stand digits `0` to `9` and `a` to `f`",
  },
  P0115: {
    severity: "error",
    message: "`{text}` is neither a number nor a name",
    help: "names begin with a letter or `_`; hexadecimal numbers with `0x`",
  },
  P0116: {
    severity: "error",
    message: "Pancake has no compound assignment, found `{text}`",
    help: "write the variable twice: `x = x + 1`",
  },
  P0117: {
    severity: "error",
    message: "`{text}` does not begin any symbol of Pancake here",
    help: "a preprocessor directive must be the first thing on its line",
  },
  P0118: {
    severity: "error",
    message: "this string is not closed before the end of the line",
    help: 'close it with `"`',
  },
  P0119: {
    severity: "error",
    message: "`{text}` closes an annotation, but none is open",
    help: "annotations begin with `/@`",
  },
  P0120: {
    severity: "warning",
    message: "this {what} holds another `{text}`",
    help: "is the end of the {what} missing?",
  },
  P0201: { severity: "error", message: "expected {expected}, found {found}", help: null },
  P0202: { severity: "error", message: "missing `;` before {found}", help: "end the statement with `;`" },
  P0203: { severity: "error", message: "missing `)`", help: "close the parenthesis" },
  P0204: {
    severity: "error",
    message: "missing `}` before {found}",
    help: "close the block here",
  },
  P0205: {
    severity: "error",
    message: "this `}` closes nothing",
    help: "remove it, or add the `{` that it belongs to",
  },
  P0206: {
    severity: "error",
    message: "this `)` closes nothing",
    help: "remove it, or add the `(` that it belongs to",
  },
  P0207: {
    severity: "error",
    message: "unexpected `;`: there is no empty statement",
    help: "remove it; nothing follows the `}` of `if`, `while`, `try`, `fun` and `struct`",
  },
  P0208: {
    severity: "error",
    message: "missing `;` after a nested block",
    help: "a block by itself is a statement: `{ ... };`",
  },
  P0209: {
    severity: "error",
    message: "the body of `{keyword}` needs braces, found {found}",
    help: "put it into `{ ... }`, even if it is one statement",
  },
  P0210: { severity: "error", message: "missing `,` before {found}", help: "separate the items with `,`" },
  P0211: {
    severity: "error",
    message: "the list ends with {found}",
    help: "remove it: after the last item nothing follows",
  },
  P0212: {
    severity: "error",
    message: "`{keyword}` is a keyword and cannot be a name",
    help: "choose another name, for example `{keyword}_`",
  },
  P0213: {
    severity: "error",
    message: "variable `{name}` has no initial value",
    help: "write `var {name} = 0;`",
  },
  P0214: {
    severity: "error",
    message: "`{word}` does not begin a declaration in Pancake",
    help: "variables are declared with `var`: `var {name} = 0;`; their shape is one word if none is given",
  },
  P0215: { severity: "error", message: "Pancake has no `{word}`", help: null },
  P0216: { severity: "error", message: "`{keyword}` always needs a value", help: "write `{written}`" },
  P0217: {
    severity: "error",
    message: "Pancake has no `{text}`",
    help: "write `{name} = {name} {sign} 1;` as a statement of its own",
  },
  P0218: {
    severity: "error",
    message: "Pancake has no unary {sign} except in literals such as `-1`",
    help: null,
  },
  P0219: {
    severity: "error",
    message: "Pancake has no arrays, found `[`",
    help: "load word `{index}` with `lds 1 ({base} + ({index}) * @biw)`, byte `{index}` with `ld8 ({base} + ({index}))`; store with `st` and `st8`",
  },
  P0220: {
    severity: "error",
    message: "only whole variables can be assigned, not their fields",
    help: "build the struct anew: `{name} = < ... >;`",
  },
  P0221: { severity: "error", message: "Pancake has no pointer operator `{text}`", help: null },
  P0222: {
    severity: "error",
    message: "the {what} stands before the name in Pancake",
    help: "write {example}",
  },
  P0223: {
    severity: "error",
    message: "comparisons do not chain: `{op}` cannot follow another comparison of its kind",
    help: "join them with `&&`, or put one in parentheses",
  },
  P0224: {
    severity: "error",
    message: "the load `{load}` needs parentheses after `{before}`",
    help: "write `({load} ...)`; loads bind looser than arithmetic and tighter than comparisons",
  },
  P0225: {
    severity: "error",
    message: "`{word}` takes exactly two operands: {operands}",
    help: "write `{word} a, b;`",
  },
  P0226: {
    severity: "error",
    message: "foreign call `@{name}` takes exactly four arguments, found {count}",
    help: "fill up with zeros: `@{name}(a, b, 0, 0);`",
  },
  P0227: {
    severity: "error",
    message: "a foreign call has no result, so it cannot be part of an expression",
    help: "call `{name}(...)` as a statement; the foreign function can leave its result in memory",
  },
  P0228: { severity: "error", message: "`{text}` cannot be used like this", help: null },
  P0229: { severity: "error", message: "`{old}` belongs to older Pancake", help: "write {now}" },
  P0230: {
    severity: "error",
    message: "`=` assigns, but here a condition is expected",
    help: "compare with `==`",
  },
  P0231: {
    severity: "error",
    message: "nesting deeper than {limit} levels",
    help: "split the expression with variables, or move inner blocks to functions",
  },
  P0232: {
    severity: "error",
    message: "an annotation may only stand where a statement or a declaration begins",
    help: "move it before the statement",
  },
  P0233: {
    severity: "error",
    message: "statements can only stand in functions, found {found}",
    help: "put it into a function; `main` is where the program starts",
  },
  P0234: {
    severity: "error",
    message: "`{word}` cannot stand inside a function",
    help: "move it before or after the function; the order of declarations does not matter to functions",
  },
  P0235: {
    severity: "error",
    message: "`{text}` is not a shape",
    help: "a shape is a number of words from 1, `{1, 2}`, or the name of a struct",
  },
  P0236: {
    severity: "error",
    message: "struct `{name}` has no fields",
    help: "a struct has at least one field: `struct {name} { field }`",
  },
  P0237: {
    severity: "error",
    message: "exception `{name}` has no shape",
    help: "say what it carries: `exception {name} : 1;`",
  },
  P0238: {
    severity: "error",
    message: "this `else` has no `if`",
    help: "an `else` follows directly on the `}` of its `if`",
  },
  P0239: {
    severity: "error",
    message: "expected a field number or a field name after `.`, found {found}",
    help: "fields count from 0: `s.0`, `s.1`",
  },
  P0240: {
    severity: "error",
    message: "only a function's name can be called",
    help: "Pancake has no function pointers; choose with `if` which function to call",
  },
  P0241: {
    severity: "error",
    message: "expected a shared access after `!`, found {found}",
    help: "shared accesses are `!ldw !ld8 !ld16 !ld32` and `!stw !st8 !st16 !st32`",
  },
  P0242: { severity: "error", message: "`{word}` is not a keyword", help: "did you mean `{meant}`?" },
  P0243: {
    severity: "error",
    message: "an expression alone is not a statement",
    help: "assign its value to a variable: `x = ...;`",
  },
  P0244: {
    severity: "error",
    message: "an assignment is a statement, not part of an expression",
    help: "assign in a statement of its own, or compare with `==`",
  },
  P0245: { severity: "error", message: "`=>` is the arrow of `catch`", help: "greater or equal is `>=`" },
  P0246: {
    severity: "error",
    message: "this function has no body",
    help: "write the body in braces; functions can be used before they are declared, so no prototypes are needed",
  },
  P0247: {
    severity: "error",
    message: "a function begins with `fun`, found `{word}`",
    help: "write `fun name(a, b) { ... }`; the shape of the result stands before the name, one word if none is given",
  },
  P0248: { severity: "error", message: "braces do not make a struct", help: "write a struct as `< a, b >`" },
  P0249: {
    severity: "error",
    message: "`try` protects one call and `catch` follows it",
    help: "write `try x = f(args) catch E => v { ... }`",
  },
  P0250: {
    severity: "error",
    message: "{count} mistakes: the rest of the text was not checked",
    help: "correct these first",
  },
  P0251: {
    severity: "error",
    message: "`import` takes a file name in quotes",
    help: 'write `import "file.pnk";`',
  },
  P0252: { severity: "error", message: "`const` takes a name and a value", help: "write `const NAME = 42;`" },
  P0253: { severity: "error", message: "`inline` stands before `export`", help: "write `inline export fun`" },
  P0254: {
    severity: "error",
    message: "a struct with named fields begins with its name, found `<`",
    help: "write `name <{field} = ...>`",
  },
  P0255: {
    severity: "error",
    message: "this second `{` opens a block that is never closed",
    help: "remove it",
  },
  P0256: {
    severity: "error",
    message: "`{text}` stands twice",
    help: "remove one of them",
  },
  P0301: {
    severity: "error",
    message: "hexadecimal literals are not stock Pancake",
    help: "write `{written}`",
  },
  P0302: {
    severity: "error",
    message: "`else if` is not stock Pancake",
    help: "write `else { if ... }`, with a closing brace for the outer block",
  },
  P0303: {
    severity: "error",
    message: "`const` is not stock Pancake",
    help: "use a macro: `#define {name} ...`",
  },
  P0304: {
    severity: "error",
    message: "`import` is not stock Pancake",
    help: "give both files on the command line, or use `#include`",
  },
  P0305: { severity: "error", message: "`!!` is not stock Pancake", help: "write `!(!x)`" },
  P0306: {
    severity: "error",
    message: "a call inside an expression is not stock Pancake",
    help: "call first: `var t = {callee}(...);`, then use `t`",
  },
  P0307: {
    severity: "error",
    message: "stock Pancake reads `{text}` as a negative literal after an operand, which does not parse",
    help: "put a space after the minus: `{written}`",
  },
  P0308: {
    severity: "error",
    message: "stock Pancake wants a line end after the last line comment",
    help: "end the file with a line end",
  },
} satisfies DiagnosticTable;
