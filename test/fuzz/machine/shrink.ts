// Smaller programs that still fail: steps are taken away, then single instructions, as long as the failure stays.
// Relies on program.ts. Programs that hold their place are tried too: what is taken away is filled with nothing.

import { encodeInstruction } from "../../../spec/isa/encoding.ts";
import { fuzzIsas, type FuzzProgram, type Word } from "./program.ts";

/** The smallest program found in that many tries for which `fails`. */
export function shrinkProgram(
  program: FuzzProgram,
  fails: (program: FuzzProgram) => boolean,
  tries: number,
): FuzzProgram {
  let left = tries;
  const test = (candidate: FuzzProgram): boolean => {
    left -= 1;
    return left >= 0 && fails(candidate);
  };
  const fewer = withFewerSteps(program, test);
  const single = { ...fewer, steps: fewer.steps.flat().map((word) => [word]) };
  return withFewerSteps(single, test);
}

function withFewerSteps(program: FuzzProgram, test: (program: FuzzProgram) => boolean): FuzzProgram {
  let best = program;
  for (let size = best.steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = best.steps.length - size; at >= 0; at -= size) {
      const { steps } = best;
      const rest = { ...best, steps: [...steps.slice(0, at), ...steps.slice(at + size)] };
      if (rest.steps.length > 0 && test(rest)) {
        best = rest;
        continue;
      }
      const gone = steps.slice(at, at + size);
      if (gone.every((step) => step.every((word) => isNop(word, best)))) continue;
      const filled = gone.map((step) => step.flatMap((word) => nopsFor(word, best)));
      const kept = { ...best, steps: [...steps.slice(0, at), ...filled, ...steps.slice(at + size)] };
      if (test(kept)) best = kept;
    }
  }
  return best;
}

function nopOf({ isa: name }: FuzzProgram): number {
  const { isa, nop } = fuzzIsas[name];
  const result = encodeInstruction(isa, isa.instruction(nop[0]), nop[1]);
  if (!result.ok) throw new Error("no nop");
  return result.word >>> 0;
}

function isNop({ bits, bytes }: Word, program: FuzzProgram): boolean {
  return bytes === 4 && bits === nopOf(program);
}

// Short words stay what they are: there is no room for a nop of four bytes.
function nopsFor(word: Word, program: FuzzProgram): readonly Word[] {
  return word.bytes === 4 ? [{ bits: nopOf(program), bytes: 4 }] : [word];
}
