// A union of "read this instead" over the values of a function, with chains followed and shortened.
//
// Relies on: a value is only replaced by one whose definition dominates all of its uses.

import type { Block, Value } from "../../lang/word/ast.ts";
import { mapEndUses, mapUses, type Roles } from "../../lang/word/operands.ts";

export class Replacements {
  private readonly to = new Map<Value, Value>();

  get isEmpty(): boolean {
    return this.to.size === 0;
  }

  /** From now on `value` reads as `by`. */
  replace(value: Value, by: Value): void {
    const target = this.find(by);
    if (target !== value) this.to.set(value, target);
  }

  /** What to read for `value`. */
  find(value: Value): Value {
    let target = value;
    for (let next = this.to.get(target); next !== undefined; next = this.to.get(target)) target = next;
    if (target !== value) this.to.set(value, target);
    return target;
  }

  /** The block with every use replaced. */
  applyTo(block: Block, roles: Roles): Block {
    if (this.isEmpty) return block;
    const find = (value: Value): Value => this.find(value);
    return {
      ...block,
      body: block.body.map((instr) => mapUses(instr, roles, find)),
      end: mapEndUses(block.end, find),
    };
  }
}
