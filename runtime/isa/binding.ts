// What the machine must know about one ISA beyond its tables: fetch, names of traps, user-visible CSRs.
// Relies on spec/isa. One value per ISA (<ISA>/user.ts); executors and machines take it as a parameter and name no ISA.

import type { CsrView } from "../../spec/isa/effect.ts";
import type { Trap } from "../../spec/isa/effect-eval.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type { Hart } from "../core/hart.ts";
import type { AccessKind, Memory } from "../core/memory.ts";
import type { InlineForms } from "./inline-forms.ts";
import { createDecoder, type Decoded, type Decoder } from "./decoder.ts";

/** What only the machine around a hart can answer: CSRs and helpers of spec/isa. */
export interface SystemPort {
  readCsr(number: number, hart: Hart, view: CsrView): bigint | Trap;
  writeCsr(number: number, value: bigint, hart: Hart): Trap | null;
  /** `memory`: as the hart sees it now. */
  helper(name: string, args: readonly bigint[], hart: Hart, memory: Memory): bigint | Trap | null;
  /** Helpers that do nothing here, whatever their arguments: translated code has nothing in their place. */
  readonly idleHelpers: ReadonlySet<string>;
}

export interface IsaBinding {
  readonly isa: Isa;
  readonly decoder: Decoder;
  /** Names in `isa.traps`. */
  readonly traps: {
    readonly fault: Readonly<Record<AccessKind, string>>;
    /** Nothing answers at the physical address. */
    readonly bus: Readonly<Record<AccessKind, string>>;
    readonly misaligned: Readonly<Record<AccessKind, string>>;
    /** The hart's own debug registers are about it. */
    readonly watched: Readonly<Record<AccessKind, string>>;
    readonly undefinedInstruction: string;
    readonly systemCall: string;
    readonly breakpoint: string;
  };
  /**
   * Accesses by the stack pointer trap unless it is a multiple of `alignment`: classes of operands that may be it (the
   * first sees all of its bits), and its number there; null where nothing of that kind happens.
   */
  readonly stack: {
    readonly classes: readonly [string, ...string[]];
    readonly register: number;
    readonly alignment: number;
    /** A name in `isa.traps`; the value is the stack pointer. */
    readonly trap: string;
  } | null;
  /** True: every access must be a multiple of its size, as if its effect demanded that. */
  readonly alignsAccesses: boolean;
  /**
   * The group of the instructions that access memory with the rights of user programs (`Access.asUser`); null: they are
   * ordinary accesses here.
   */
  readonly accessesAsUser: string | null;
  /** System registers and instructions that need not go through the port; null: none. */
  readonly inline: InlineForms | null;
  /** Instructions are at multiples of this many bytes. */
  readonly instructionAlignment: 2 | 4;
  /** Bytes of the system-call instruction: where execution goes on afterwards. */
  readonly systemCallBytes: number;
  /** CSRs and helpers as a user program sees them. */
  readonly userPort: SystemPort;
}

/** The number of the CSR with that name, which the tables must have. */
export function csrNumber(isa: Isa, name: string): number {
  const csr = isa.csrs.find((c) => c.name === name);
  if (csr === undefined) throw new Error(`spec/isa/${isa.name} has no CSR ${name}`);
  return csr.number;
}

// Different words that a decoder remembers: a kernel has some 100,000, and executors meet each of them again and again.
const MAX_REMEMBERED = 1 << 17;

/**
 * The decoder of `isa` for executors: built when it is first used, because most runs need that of one ISA only, and it
 * remembers what words are.
 */
export function rememberingDecoder(isa: Isa): Decoder {
  let built: Decoder | null = null;
  const decoder = (): Decoder => (built ??= createDecoder(isa));
  const known = new Map<number, Decoded | null>();
  return {
    decode: (word) => decoder().decode(word),
    decodeExpanded: (word) => {
      const before = known.get(word);
      if (before !== undefined) return before;
      if (known.size === MAX_REMEMBERED) known.clear();
      const decoded = decoder().decodeExpanded(word) ?? decoder().decodeExpanded(withoutIgnored(isa, word));
      known.set(word, decoded);
      return decoded;
    },
    lengthOf: (halfword) => decoder().lengthOf(halfword),
  };
}

// The word that a reserved encoding stands for; itself, if it stands for none.
function withoutIgnored({ ignoredFields }: Isa, word: number): number {
  const found = ignoredFields.find(({ mask, match }) => (word & mask) === match);
  return found === undefined ? word : (word & ~found.ignored) >>> 0;
}
