// The current value of each source variable while SSA is built, and the places where several of them meet.
//
// A join collects what its incoming edges bring; when all are known, variables that agree keep their value and the
// others become parameters. Edges are made before the join is resolved, so their argument lists are filled late.

import type { Edge, Label, Value } from "../../lang/word/ast.ts";
import type { Var } from "../../lang/loop/ast.ts";
import type { FunctionBuilder } from "./builder.ts";

/** Values by variable; changes can be taken back. */
export class Variables {
  private readonly current = new Map<Var, Value>();
  private readonly log: { readonly variable: Var; readonly old: Value | undefined }[] = [];

  get(variable: Var): Value | undefined {
    return this.current.get(variable);
  }

  set(variable: Var, value: Value): void {
    this.log.push({ variable, old: this.current.get(variable) });
    this.current.set(variable, value);
  }

  /** A point to go back to. */
  mark(): number {
    return this.log.length;
  }

  /** Undoes every `set` since `mark`. */
  restore(mark: number): void {
    while (this.log.length > mark) {
      const last = this.log.pop();
      if (last === undefined) return;
      if (last.old === undefined) this.current.delete(last.variable);
      else this.current.set(last.variable, last.old);
    }
  }
}

/** A block to come, that edges can already jump to. */
export interface Join {
  readonly label: Label;
  /** Variables that are live in it, ascending. */
  readonly variables: readonly Var[];
  readonly incoming: { readonly args: Value[]; readonly values: readonly (Value | undefined)[] }[];
}

export function newJoin(builder: FunctionBuilder, live: Iterable<Var>): Join {
  return { label: builder.label(), variables: [...live].sort((a, b) => a - b), incoming: [] };
}

/** An edge to `join` that brings the present values. */
export function edgeTo(join: Join, variables: Variables): Edge {
  const args: Value[] = [];
  join.incoming.push({ args, values: join.variables.map((v) => variables.get(v)) });
  return { label: join.label, args };
}

/** What resolving joins needs. */
export interface SsaContext {
  readonly builder: FunctionBuilder;
  readonly variables: Variables;
  readonly names: ReadonlyMap<Var, string>;
}

/**
 * Starts the join's block: parameters for the variables whose incoming values differ. Does nothing if no edge comes in.
 * Variables without a value on some edge have none afterwards either way: nothing can read them.
 */
export function startJoin(join: Join, { builder, variables, names }: SsaContext): void {
  if (join.incoming.length === 0) return;
  const params: Value[] = [];
  join.variables.forEach((variable, i) => {
    const values = join.incoming.map((edge) => edge.values[i]);
    const [first] = values;
    if (first === undefined || values.includes(undefined)) return;
    if (values.every((v) => v === first)) {
      variables.set(variable, first);
      return;
    }
    const param = builder.value(names.get(variable));
    params.push(param);
    variables.set(variable, param);
    join.incoming.forEach((edge, e) => edge.args.push(values[e] ?? first));
  });
  builder.start(join.label, params);
}
