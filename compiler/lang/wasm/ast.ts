// A WebAssembly module, as far as programs of ours need it: structured control without values, everything else folded.
//
// The language that structured targets end in; loop-to-wasm makes it, target/wasm32 turns it into bytes. Which
// instructions there are is known to target/wasm32/instructions.ts alone; here an instruction is a name with operands.

import type { Span } from "../../source/span.ts";

export type ValueType = "i32" | "i64";

export type Instr =
  /** `(op immediates operands)`: an instruction with the instructions that make its operands. */
  | {
      readonly kind: "plain";
      readonly op: string;
      readonly immediates: readonly string[];
      readonly operands: readonly Instr[];
      readonly span: Span | null;
    }
  /** A branch to `label` goes to the end of a block, and to the head of a loop. */
  | {
      readonly kind: "block" | "loop";
      readonly label: string;
      readonly body: readonly Instr[];
      readonly span: Span | null;
    }
  | {
      readonly kind: "if";
      readonly condition: Instr;
      readonly then: readonly Instr[];
      readonly else: readonly Instr[];
      readonly span: Span | null;
    };

export interface Local {
  readonly name: string;
  readonly type: ValueType;
}

export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface Function {
  readonly name: string;
  /** Its names for the outside. */
  readonly exports: readonly string[];
  readonly params: readonly Local[];
  readonly results: readonly ValueType[];
  readonly locals: readonly Local[];
  readonly body: readonly Instr[];
  /** Null: a function that no source text stands for. */
  readonly span: Span | null;
}

export interface Import {
  /** What the module calls it. */
  readonly name: string;
  readonly from: { readonly module: string; readonly field: string };
  readonly signature: Signature;
  /** The first use: the function that calls it, and where. */
  readonly usedIn: string;
  readonly span: Span | null;
}

export interface Global {
  readonly name: string;
  readonly mutable: boolean;
  readonly value: bigint;
  readonly exported: string | null;
}

export interface Module {
  readonly imports: readonly Import[];
  readonly memory: { readonly exported: string; readonly pages: number; readonly maxPages: number };
  readonly globals: readonly Global[];
  readonly functions: readonly Function[];
  /** The function that the program starts with. */
  readonly entry: string;
}
