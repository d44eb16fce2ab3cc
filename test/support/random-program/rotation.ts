// Many words alive around a loop that passes each on to another: more than there are registers, sometimes more than
// the near slots of a frame. Allocation, parallel moves and frame layout work hardest here, and what is mixed at the
// end tells every order apart.

import type { Block, Exp, Shape, Stmt } from "../../../compiler/lang/pan/ast.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import * as b from "./build.ts";
import type { Context } from "./context.ts";
import { wordExp } from "./expressions.ts";

/** Words of a large rotation: beyond 2 KiB of slots, which RISC-V's offsets reach and pairs of Arm64 do not. */
const LARGE = 260;
const LARGE_PERCENT = 8;
const MIX = 31;

/** Words with a name each, or the fields of one variable. */
interface Rotated {
  readonly declare: Block;
  /** Passes each word on. */
  readonly rotate: Block;
  readonly word: (i: number) => Exp;
}

/** A block with a rotation, or nothing if the budget does not allow one. */
export function rotation(c: Context): readonly Stmt[] {
  const { random, budget } = c;
  const count = random.chance(LARGE_PERCENT) ? LARGE + random.below(40) : 6 + random.below(40);
  const most = 1 + random.below(4);
  const steps = count * (most + 2);
  if (c.loops > 0 || budget.steps < 2 * steps) return [];
  budget.steps -= steps;
  const rotated = random.chance(50) ? fields(count, c) : variables(count, c);
  const [left, mixed] = [b.local("left"), b.local("mixed")];
  const bound = random.chance(50) ? b.constant(most) : b.op("and", wordExp(c, 1), b.constant(most));
  const step = b.assign("local", "left", b.op("sub", left, b.constant(1)));
  const mix = Array.from({ length: count }, (_, i) =>
    b.assign("local", "mixed", b.op("add", b.op("mul", mixed, b.constant(MIX)), rotated.word(i))),
  );
  const body = [
    ...rotated.declare,
    b.dec("left", b.WORD, bound),
    b.whileLoop(b.compare("notEqual", left, b.constant(0)), [step, ...rotated.rotate]),
    b.dec("mixed", b.WORD, left),
    ...mix,
    b.foreign("puthex", mixed),
  ];
  return [b.block(body)];
}

function firstValue(c: Context): Exp {
  return c.random.chance(40) ? wordExp(c, 1) : b.constant(c.random.word());
}

/** `var w = <...>;` and `w = <w.5, w.6, ...>;`: a parallel assignment, in as many cycles as the distance makes. */
function fields(count: number, c: Context): Rotated {
  const shape: Shape = { kind: "struct", fields: Array.from({ length: count }, () => b.WORD) };
  const distance = 1 + c.random.below(count - 1);
  const word = (i: number): Exp => ({ kind: "rawField", index: i, value: b.local("w"), span: NO_SPAN });
  const next = (i: number): Exp => {
    const passed = word((i + distance) % count);
    return i === 0 ? b.op("add", passed, b.local("left")) : passed;
  };
  const all = (value: (i: number) => Exp): Exp => b.rawStruct(shape.fields.map((_, i) => value(i)));
  return {
    declare: [
      b.dec(
        "w",
        shape,
        all(() => firstValue(c)),
      ),
    ],
    rotate: [b.assign("local", "w", all(next))],
    word,
  };
}

/** `var t = w0; w0 = w1; ... w9 = t;` */
function variables(count: number, c: Context): Rotated {
  const names = Array.from({ length: count }, (_, i) => `w${String(i)}`);
  const word = (i: number): Exp => b.local(names[i] ?? "");
  const passed = names.map((name, i) =>
    b.assign("local", name, i === count - 1 ? b.op("xor", b.local("t"), b.local("left")) : word(i + 1)),
  );
  return {
    declare: names.map((name) => b.dec(name, b.WORD, firstValue(c))),
    rotate: [b.dec("t", b.WORD, word(0)), ...passed],
    word,
  };
}
