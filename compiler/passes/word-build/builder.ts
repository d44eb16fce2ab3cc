// Builds the blocks of one WordLang function: an open block that instructions are appended to, and fresh numbers.
//
// Guarantees: every block has one terminator; equal constants of one block are one value; blocks that were started
// while `cold` was set come last in the layout.

import type { Block, Edge, Function, Instr, Label, Terminator, Value } from "../../lang/word/ast.ts";
import type { Word } from "../../lang/machine-word.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";

/** A block being built. */
interface OpenBlock {
  readonly label: Label;
  readonly params: readonly Value[];
  readonly body: Instr[];
  readonly constants: Map<Word, Value>;
}

export class FunctionBuilder {
  readonly names = new Map<Value, string>();
  private nextValue = 0;
  private nextLabel = 0;
  private open: OpenBlock | null = null;
  private readonly hot: Block[] = [];
  private readonly coldBlocks: Block[] = [];
  /** True while what is built is unlikely to run (exceptions). */
  cold = false;

  /** A fresh value; `name` is for people. */
  value(name?: string): Value {
    if (name !== undefined) this.names.set(this.nextValue, name);
    return this.nextValue++;
  }

  label(): Label {
    return this.nextLabel++;
  }

  /** False after a terminator, until the next `start`. */
  get reachable(): boolean {
    return this.open !== null;
  }

  start(label: Label, params: readonly Value[] = []): void {
    if (this.open !== null) bug(`b${String(this.open.label)} has no end`);
    this.open = { label, params, body: [], constants: new Map() };
  }

  emit(instr: Instr): void {
    if (this.open === null) return bug("instruction outside a block", instr.span);
    this.open.body.push(instr);
  }

  constant(value: Word, span: Span): Value {
    const known = this.open?.constants.get(value);
    if (known !== undefined) return known;
    const dest = this.value();
    this.emit({ kind: "const", dest, value, span });
    this.open?.constants.set(value, dest);
    return dest;
  }

  end(end: Terminator): void {
    if (this.open === null) return bug("terminator outside a block", end.span);
    const { label, params, body } = this.open;
    (this.cold ? this.coldBlocks : this.hot).push({ label, params, body, end });
    this.open = null;
  }

  jump(to: Edge, span: Span): void {
    this.end({ kind: "jump", to, span });
  }

  /** The function, once every started block has ended. */
  finish(
    head: Pick<Function, "name" | "exported" | "params" | "resultWords" | "returnsStatus" | "span">,
  ): Function {
    if (this.open !== null) bug(`b${String(this.open.label)} of ${head.name} has no end`);
    const { nextValue, nextLabel, names } = this;
    return { ...head, blocks: [...this.hot, ...this.coldBlocks], nextValue, nextLabel, names };
  }
}
