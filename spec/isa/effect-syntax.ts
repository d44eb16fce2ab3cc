// The effect language as written in the tables: the untyped tree that effect-parse.ts makes and effect-check.ts
// turns into a typed Effect. Relies on nothing. `at` is a column (from 0) in the effect's text.
//
//   effect    = { statement ";" }
//   statement = "let" name "=" expr | target "=" expr | "if" "(" expr ")" arm [ "else" arm ]
//             | "trap" name [ "(" expr ")" ] | name "(" args ")"            (store32, helpers)
//   arm       = "{" effect "}" | statement
//   target    = operand | file "[" number "]" | "csr" "[" expr "]" | "pc" | single register
//   expr      = cond "?" expr ":" expr, then loosest first: || && (== != <s <u <=s <=u >s >u >=s >=u) | ^ &
//               (<< >>s >>u) (+ -) (* /s /u %s %u) prefix (- ~ !) postfix [high:low] [bit]
//   primary   = number | name | name "(" args ")" | ( "csr" | "written" ) "[" expr "]" | "(" expr ")"
//   args      = expr { "," expr }, an argument may be  name "->" expr  (atomic updates)

/** An expression as written. Operators keep their spelling. */
export type RawExpr =
  | { readonly kind: "number"; readonly value: bigint; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "prefix"; readonly op: string; readonly arg: RawExpr; readonly at: number }
  | {
      readonly kind: "infix";
      readonly op: string;
      readonly left: RawExpr;
      readonly right: RawExpr;
      readonly at: number;
    }
  | {
      readonly kind: "choose";
      readonly cond: RawExpr;
      readonly then: RawExpr;
      readonly else: RawExpr;
      readonly at: number;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly RawExpr[]; readonly at: number }
  /** `x[high:low]`; `x[n]` has high === low === n if n is a number, and is `element` otherwise. */
  | {
      readonly kind: "bits";
      readonly arg: RawExpr;
      readonly high: number;
      readonly low: number;
      readonly at: number;
    }
  /** `csr[e]`, `written[e]`. */
  | { readonly kind: "element"; readonly name: string; readonly index: RawExpr; readonly at: number }
  /** `name -> body`, only as an argument. */
  | { readonly kind: "arrow"; readonly name: string; readonly body: RawExpr; readonly at: number };

/** A statement as written. */
export type RawStmt =
  | { readonly kind: "let"; readonly name: string; readonly value: RawExpr; readonly at: number }
  | { readonly kind: "assign"; readonly target: RawExpr; readonly value: RawExpr; readonly at: number }
  | {
      readonly kind: "if";
      readonly cond: RawExpr;
      readonly then: readonly RawStmt[];
      readonly else: readonly RawStmt[];
      readonly at: number;
    }
  | { readonly kind: "trap"; readonly cause: string; readonly value: RawExpr | null; readonly at: number }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly RawExpr[]; readonly at: number };

/** What is wrong with an effect's text. */
export class EffectError extends Error {
  override readonly name = "EffectError";
  readonly at: number;
  constructor(message: string, at: number) {
    super(`${message} (column ${String(at)})`);
    this.at = at;
  }
}
