// The reference executor: fetch, decode, evaluate the effect; one instruction at a time, over BigInt.
//
// Relies on spec/isa/effect-eval.ts for meaning. Slow and obvious: every faster executor is tested against this one.
// Decoded words are remembered by their bits, so changed code needs no attention here.

import type { OperandValues } from "../../spec/isa/schema.ts";
import type { Effect } from "../../spec/isa/effect.ts";
import { evaluateEffect, type EffectMachine, type Trap } from "../../spec/isa/effect-eval.ts";
import { isFault, type Memory, type MemoryFault } from "../core/memory.ts";
import type { IsaBinding } from "./binding.ts";
import { namedValues, type Decoded } from "./decoder.ts";
import { effectMachine, faultTrap, type HartContext } from "./effect-machine.ts";
import type { Executor, Stop } from "./executor.ts";
import { boundEffect } from "./bound-effect.ts";

// A decoded word with its meaning.
interface Prepared {
  readonly decoded: Decoded;
  readonly operands: OperandValues;
  readonly lengthBytes: number;
  readonly effect: Effect;
  /** The context's guard covers it. */
  readonly isGuarded: boolean;
}

export class ReferenceExecutor implements Executor {
  private readonly context: HartContext;
  private readonly source: InstructionSource;
  private readonly machine: EffectMachine;
  private readonly prepared = new Map<number, Prepared | null>();

  constructor(context: HartContext) {
    const { binding, memory } = context;
    this.context = context;
    this.source = { binding, fetch: (address, bytes) => memory.fetch(address, bytes) };
    this.machine = effectMachine(context);
  }

  run(limit: number): Stop {
    const { attention } = this.context;
    for (let done = 0; done < limit; done += 1) {
      const stop = this.stepOne();
      if (stop !== null) return stop;
      if (attention.raised) return { kind: "attention" };
    }
    return { kind: "limit" };
  }

  /** The instructions that were executed, each once for every word of it. */
  decoded(): readonly Decoded[] {
    return [...this.prepared.values()].flatMap((p) => (p === null ? [] : [p.decoded]));
  }

  /** Executes one instruction; null if it retired. */
  stepOne(): Stop | null {
    const { hart, binding } = this.context;
    const { pc } = hart;
    const word = fetchWord(this.source, pc);
    if (typeof word !== "number") return { kind: "trap", trap: faultTrap(binding, word, 2), word: null };
    const decoded = this.prepare(word);
    if (decoded === null) return undefinedAt(binding.traps.undefinedInstruction, word);
    const { operands, lengthBytes } = decoded;
    const { instruction } = decoded.decoded;
    const refused = decoded.isGuarded ? this.context.guard?.check(instruction, operands, hart) : null;
    const outcome = refused ?? evaluateEffect(decoded.effect, { operands, pc, lengthBytes }, this.machine);
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
    const decoded = this.context.binding.decoder.decodeExpanded(word);
    const entry = decoded === null ? null : this.withMeaning(decoded);
    this.prepared.set(word, entry);
    return entry;
  }

  private withMeaning(decoded: Decoded): Prepared {
    const { binding, guard } = this.context;
    const { instruction, lengthBytes } = decoded;
    const operands = namedValues(decoded);
    const isGuarded = guard?.covers(instruction, operands) === true;
    return { decoded, operands, lengthBytes, effect: boundEffect(binding, instruction), isGuarded };
  }
}

/** Where instructions come from. */
export interface InstructionSource {
  readonly binding: IsaBinding;
  readonly fetch: Memory["fetch"];
}

/**
 * The bits of the instruction at `pc`, 16 or 32 of them; a fault names the first byte that cannot be fetched, or `pc` if
 * no instruction can be there. Translators and predecoders read through this too, so none has to look at alignment.
 */
export function fetchWord({ binding, fetch }: InstructionSource, pc: bigint): number | MemoryFault {
  if (pc % BigInt(binding.instructionAlignment) !== 0n) {
    return { kind: "fault", access: "fetch", address: pc, reason: "misaligned" };
  }
  if (binding.instructionAlignment === 4) return fetch(pc, 4);
  const half = fetch(pc, 2);
  if (isFault(half) || binding.decoder.lengthOf(half) === 2) return half;
  return fetch(pc, 4);
}

function undefinedAt(cause: string, word: number): Stop {
  const trap: Trap = { kind: "trap", cause, value: BigInt(word) };
  return { kind: "trap", trap, word };
}
