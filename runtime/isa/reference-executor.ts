// The reference executor: fetch, decode, evaluate the effect; one instruction at a time, over BigInt.
//
// Relies on spec/isa/effect-eval.ts for meaning. Slow and obvious: every faster executor is tested against this one.
// Decoded words are remembered by their bits, so changed code needs no attention here.

import type { Instruction, OperandValues } from "../../spec/isa/schema.ts";
import type { Effect } from "../../spec/isa/effect.ts";
import { evaluateEffect, type EffectMachine, type Trap } from "../../spec/isa/effect-eval.ts";
import { isFault, type MemoryFault } from "../core/memory.ts";
import { namedValues } from "./decoder.ts";
import { effectMachine, faultTrap, type HartContext } from "./effect-machine.ts";
import type { Executor, Stop } from "./executor.ts";
import { userEffect } from "./user-effect.ts";

// A decoded word with its meaning.
interface Prepared {
  readonly instruction: Instruction;
  readonly operands: OperandValues;
  readonly lengthBytes: number;
  readonly effect: Effect;
}

export class ReferenceExecutor implements Executor {
  private readonly context: HartContext;
  private readonly machine: EffectMachine;
  private readonly prepared = new Map<number, Prepared | null>();

  constructor(context: HartContext) {
    this.context = context;
    this.machine = effectMachine(context);
  }

  run(limit: number): Stop {
    for (let done = 0; done < limit; done += 1) {
      const stop = this.stepOne();
      if (stop !== null) return stop;
    }
    return { kind: "limit" };
  }

  /** The instructions that were executed, each once for every word of it. */
  decoded(): readonly Instruction[] {
    return [...this.prepared.values()].flatMap((p) => (p === null ? [] : [p.instruction]));
  }

  /** Executes one instruction; null if it retired. */
  stepOne(): Stop | null {
    const { hart, binding } = this.context;
    const { pc } = hart;
    const word = fetchWord(this.context, pc);
    if (typeof word !== "number") return { kind: "trap", trap: faultTrap(binding, word, 2), word: null };
    const decoded = this.prepare(word);
    if (decoded === null) return undefinedAt(binding.traps.undefinedInstruction, word);
    const { operands, lengthBytes } = decoded;
    const outcome = evaluateEffect(decoded.effect, { operands, pc, lengthBytes }, this.machine);
    if (outcome.kind === "trap") {
      return outcome.cause === binding.traps.undefinedInstruction
        ? undefinedAt(outcome.cause, word)
        : { kind: "trap", trap: outcome, word };
    }
    hart.pc = outcome.pc;
    hart.retired += 1n;
    return null;
  }

  private prepare(word: number): Prepared | null {
    const known = this.prepared.get(word);
    if (known !== undefined) return known;
    const { binding } = this.context;
    const decoded = binding.decoder.decodeExpanded(word);
    const entry =
      decoded === null
        ? null
        : {
            instruction: decoded.instruction,
            operands: namedValues(decoded),
            lengthBytes: decoded.lengthBytes,
            effect: userEffect(binding, decoded.instruction),
          };
    this.prepared.set(word, entry);
    return entry;
  }
}

/**
 * The bits of the instruction at `pc`, 16 or 32 of them; a fault names the first byte that cannot be fetched, or `pc` if
 * no instruction can be there. Translators and predecoders read through this too, so none has to look at alignment.
 */
export function fetchWord(context: HartContext, pc: bigint): number | MemoryFault {
  const { memory, binding } = context;
  if (pc % BigInt(binding.instructionAlignment) !== 0n) {
    return { kind: "fault", access: "fetch", address: pc, reason: "misaligned" };
  }
  const half = memory.fetch(pc, 2);
  if (isFault(half) || binding.decoder.lengthOf(half) === 2) return half;
  return memory.fetch(pc, 4);
}

function undefinedAt(cause: string, word: number): Stop {
  const trap: Trap = { kind: "trap", cause, value: BigInt(word) };
  return { kind: "trap", trap, word };
}
