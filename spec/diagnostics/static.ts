// Diagnostics with the letter S (static). Message: one sentence, lower case, expected and found; help: an action.
//
// S00xx scope: what a name means. S01xx general rules of functions, calls, loops and constants. S02xx shapes.
// S04xx warnings. The rules are spec/lang/static.md; the stage that reports them is compiler/static.

import type { DiagnosticEntry, DiagnosticTable } from "./registry.ts";

function error(message: string, help: string | null = null): DiagnosticEntry {
  return { severity: "error", message, help };
}

function warning(message: string, help: string | null = null): DiagnosticEntry {
  return { severity: "warning", message, help };
}

// prettier-ignore
export const staticDiagnostics = {
  S0001: error("variable `{name}` is not declared here", "declare it before its use: `var {name} = ...;`"),
  S0002: error("function `{name}` is not declared", "declare it: `fun {name}(...) { ... }`"),
  S0003: error("struct `{name}` is not declared", "declare it: `struct {name} { ... }`"),
  S0004: error("struct `{name}` is not complete here: a field may use only structs declared before it", "move `struct {name}` above this struct; to refer to it from itself, keep an address (shape 1)"),
  S0005: error("exception `{name}` is not declared", "declare it: `exception {name} : 1;`"),
  S0006: error("function `{name}` is declared twice", "rename or remove one of the two"),
  S0007: error("parameter `{name}` of function `{function}` is declared twice", "rename one of the two"),
  S0008: error("struct `{name}` is declared twice", "rename or remove one of the two"),
  S0009: error("field `{name}` of struct `{struct}` is declared twice", "rename one of the two"),
  S0010: error("exception `{name}` is declared twice", "rename or remove one of the two"),
  S0011: error("constant `{name}` is declared twice", "rename or remove one of the two"),
  S0012: error("the catch variable `{name}` must be a local variable, found {found}", "declare it before the `try`: `var {name} = 0;`"),
  S0013: error("the target of `__add_with_carry__` must be a local variable, found {found} `{name}`", "assign to a local: `var {1,1} r = __add_with_carry__(...);`"),
  S0014: error("`{name}` is a constant and cannot be assigned", "assign to a variable"),
  S0015: error("`__add_with_carry__` may stand only as the whole right side of `var` or `=`", "write `var {1,1} r = __add_with_carry__(...);` and use `r.0` (sum) and `r.1` (carry)"),
  S0016: error("global `{name}` is declared later, but an initial value sees only globals declared before it", "move `var {name}` above this declaration"),

  S0101: error("`main` takes no parameters, found {found}", "remove the parameters; keep start-up values in globals or in memory"),
  S0102: error("`main` cannot be exported", "remove `export`: C enters the program through `cml_main`"),
  S0103: error("exported function `{name}` may have at most 4 parameters, found {found}", "pass the rest through memory"),
  S0104: error("function `{name}` can end without `return`", "end this path with `return 0;`"),
  S0105: error("`{keyword}` outside of a loop", null),
  S0106: error("call of `{name}` gives no value for parameter `{parameter}`: expected {expected}, found {found}", null),
  S0107: error("call of `{name}` has too many arguments: expected {expected}, found {found}", "remove the surplus arguments"),
  S0108: error("struct `{struct}` has no field `{field}`", null),
  S0109: error("`__add_with_carry__` takes exactly 3 arguments (left, right, carry-in), found {found}", null),
  S0111: error("a call cannot stand in the initial value of a {what}", "give it a constant here and assign the result of the call in `main`"),
  S0112: error("the value of constant `{name}` must be built from literals, constants and operators, found {found}", "use a global: `var {name} = ...;`"),
  S0113: error("constant `{name}` is defined by means of itself", "give one of these constants a literal value"),
  S0114: error("shift by {amount}: a 64-bit word can be shifted by 0 to 63", null),
  S0115: error("nesting deeper than {limit} levels", "split the expression or the function"),

  S0202: error("this shape has {found} words, more than the limit of {limit}", "keep large data in memory and pass its address"),
  S0210: error("expected shape {expected} for `{name}`, found {found}", null),
  S0211: error("expected shape {expected} for `{name}`, found {found}", "a variable keeps its shape"),
  S0212: error("expected shape {expected} for argument `{parameter}` of `{name}`, found {found}", null),
  S0213: error("expected shape {expected} for {what} of `{name}`, found {found}", null),
  S0214: error("expected a struct before `.{index}`, found shape {found}", null),
  S0215: error("expected a struct with more than {index} components before `.{index}`, found shape {found}", null),
  S0216: error("expected a named struct with field `{field}`, found shape {found}", null),
  S0217: error("field `{field}` of struct `{struct}` has no value", "add `{field} = ...`"),
  S0218: error("field `{field}` of struct `{struct}` has two values", "remove one of the two"),
  S0219: error("expected shape {expected} for field `{field}` of `{struct}`, found {found}", null),
  S0220: error("expected a word as address, found shape {found}", null),
  S0221: error("expected a word as value of `{keyword}`, found shape {found}", null),
  S0222: error("expected a word variable as target of `{keyword}`, found `{name}` of shape {found}", "load into a word, then build the struct"),
  S0223: error("expected a word as operand of `{operator}`, found shape {found}", null),
  S0224: error("`{operator}` compares words, found structs of shape {found}", "compare the components: `a.0 {operator} b.0`"),
  S0225: error("expected a word as condition of `{keyword}`, found shape {found}", null),
  S0226: error("expected a word as argument of a foreign call, found shape {found}", "pass the components, or store them and pass the address"),
  S0227: error("`main` returns a word, found result shape {found}", "remove the shape before `main`"),
  S0228: error("{what} of an exported function must be a word, found shape {found}", "pass structs through memory"),
  S0229: error("a result may have at most 32 words, found shape {found} with {words}", "write the result to memory and return its address"),
  S0230: error("expected shape {expected} for {what} of exception `{name}`, found {found}", null),
  S0231: error("expected the catch variable `{name}` to have shape {expected}, found {found}", null),
  S0232: error("expected shape {1,1} (sum, carry) for `{name}`, found {found}", "declare it as `var {1,1} {name}`"),
  S0233: error("a payload may have at most 32 words, found shape {found} with {words}", "write the data to memory and throw its address"),
  S0234: error("a call inside an expression must give a word, found shape {found}", "store the result first: `var {found} t = {name}(...);`"),

  S0401: warning("unreachable code", "remove it"),
  S0402: warning("`{name}` is declared again", "rename this one, or assign to the first with `{name} = ...;`"),
  S0403: warning("`{keyword}` uses an address that does not come from `@base`", "local memory lies between `@base` and `@top`; for device memory use `!{shared}`"),
  S0404: warning("`{keyword}` uses an address that may not come from `@base`", "make every path give this variable an address derived from `@base`"),
  S0405: warning("`{keyword}` is a shared access, but its address comes from `@base`", "use `{local}` for local memory"),
  S0406: warning("`{keyword}` is a shared access, but its address may come from `@base`", "make every path give this variable an address of shared memory"),
  S0407: warning("`{text}` does not fit in 64 bits and wraps to {value}", null),
} satisfies DiagnosticTable;
