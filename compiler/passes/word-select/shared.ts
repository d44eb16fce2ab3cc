// Values that blocks make for themselves and for loops behind them: constants and the addresses of places.
//
// Blocks ask while they are selected backwards; a home is done after all blocks that it serves, because it dominates
// them. `place` then puts everything in front of its first use in the home, or at its end.

import { toSigned, type Word } from "../../lang/machine-word.ts";
import type { Block, Instr, Label, MachineOperand, Place, Terminator, Value } from "../../lang/word/ast.ts";
import { forEachEndUse, forEachUse, type Roles } from "../../lang/word/operands.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { Target } from "../../target/target.ts";
import type { Homes } from "./homes.ts";

/** A loop keeps this many of them in registers; more are made where they are used. */
const MAX_HOISTED = 10;

interface Making {
  readonly target: Target;
  readonly has: (extension: string) => boolean;
  readonly roles: Roles;
  readonly homes: Pick<Homes, "homeOf" | "promisedAfter">;
  readonly fresh: () => Value;
}

// What one block makes: values by what they are, and the instructions of each.
interface Made {
  readonly values: Map<Word | Place, Value>;
  readonly instrs: Map<Value, readonly Instr[]>;
}

export class SharedValues {
  private readonly making: Making;
  private readonly byHome = new Map<Label, Made>();

  constructor(making: Making) {
    this.making = making;
  }

  /** The constant for a use in block `label`. */
  constant(word: Word, label: Label, span: Span): Value {
    return this.value(word, label, (dest) => this.constantInstrs(word, dest, span));
  }

  /** The address of a place for a use in block `label`. */
  address(place: Place, label: Label, span: Span): Value {
    return this.value(place, label, (dest) => [{ kind: "address", dest, place, span }]);
  }

  private value(what: Word | Place, label: Label, make: (dest: Value) => readonly Instr[]): Value {
    const hoisted = this.making.homes.homeOf(label);
    const there = this.byHome.get(hoisted)?.values;
    const full = hoisted !== label && there?.has(what) !== true && (there?.size ?? 0) >= MAX_HOISTED;
    const made = this.madeIn(full ? label : hoisted);
    const known = made.values.get(what);
    if (known !== undefined) return known;
    const taken = full ? null : this.takeOver(what, hoisted);
    const dest = taken?.value ?? this.making.fresh();
    made.values.set(what, dest);
    made.instrs.set(dest, taken?.instrs ?? make(dest));
    return dest;
  }

  // What a block behind this one was going to make is made here, where it is needed as well.
  private takeOver(what: Word | Place, home: Label): { value: Value; instrs: readonly Instr[] } | null {
    for (const label of this.making.homes.promisedAfter(home)) {
      const made = this.byHome.get(label);
      const value = made?.values.get(what);
      const instrs = value === undefined ? undefined : made?.instrs.get(value);
      if (value === undefined || instrs === undefined) continue;
      made?.instrs.delete(value);
      return { value, instrs };
    }
    return null;
  }

  private madeIn(home: Label): Made {
    const known = this.byHome.get(home);
    if (known !== undefined) return known;
    const made: Made = { values: new Map(), instrs: new Map() };
    this.byHome.set(home, made);
    return made;
  }

  private constantInstrs(word: Word, dest: Value, span: Span): Instr[] {
    const { target, has, roles, fresh } = this.making;
    const steps = target.constant(toSigned(word), has);
    let previous: Value | null = null;
    return steps.map((step, i): Instr => {
      const value = i === steps.length - 1 ? dest : fresh();
      const before = (): Value => previous ?? bug("a constant's first step reads a previous one");
      const operands = step.operands.map((o): MachineOperand =>
        o.kind === "previous" ? { kind: "value", value: before() } : o,
      );
      const isTied = roles(step.ins)[0] === "both";
      const result: MachineOperand = isTied
        ? { kind: "tied", value, from: before() }
        : { kind: "value", value };
      previous = value;
      return { kind: "machine", ins: step.ins, operands: [result, ...operands], memory: null, span };
    });
  }

  /** Everything that was put into a block that does not exist yet. */
  bodyOf(home: Label): readonly Instr[] {
    return [...(this.byHome.get(home)?.instrs.values() ?? [])].flat();
  }

  /** The block's instructions with what it makes put among them. */
  place(label: Label, body: readonly Instr[], end: Terminator): Pick<Block, "body" | "end"> {
    const waiting = this.byHome.get(label)?.instrs;
    if (waiting === undefined) return { body, end };
    const placed: Instr[] = [];
    const put = (value: Value): void => {
      const instrs = waiting.get(value);
      if (instrs === undefined) return;
      waiting.delete(value);
      placed.push(...instrs);
    };
    for (const instr of body) {
      forEachUse(instr, this.making.roles, put);
      placed.push(instr);
    }
    forEachEndUse(end, put);
    for (const value of [...waiting.keys()]) put(value);
    return { body: placed, end };
  }
}
