// Instruction words to instructions and operand values. Relies on spec/isa.
// Hot: predecoding of cold code. The decision tree is built once per Isa from masks and matches alone: a node looks
// at bits that all of its candidates fix, a leaf compares the few that are left (at most 4 for RV64).
// Guarantees: the same answer as trying every encoding in turn (test/isa/decoder.test.ts).

import { matchesEncoding, operandOfWord } from "../../spec/isa/encoding.ts";
import { expansionOf } from "../../spec/isa/isa.ts";
import type { Instruction, Isa, OperandValues } from "../../spec/isa/schema.ts";

/** One decoded instruction. `values[i]` belongs to `instruction.operands[i]`. */
export interface Decoded {
  readonly instruction: Instruction;
  readonly values: readonly number[];
  readonly lengthBytes: number;
}

export interface Decoder {
  /** The instruction in `word` (16-bit forms: its low half, the rest is ignored), null if there is none. */
  decode(word: number): Decoded | null;
  /** The same, with a compressed form replaced by the instruction it stands for; its length stays. */
  decodeExpanded(word: number): Decoded | null;
  /** Length in bytes of an instruction that starts with this halfword, whether or not it is a known one. */
  lengthOf(halfword: number): 2 | 4;
}

// Bits `low + width - 1 .. low` choose the branch.
type Node =
  | {
      readonly kind: "branch";
      readonly low: number;
      readonly ones: number;
      readonly next: readonly (Node | null)[];
    }
  | { readonly kind: "leaf"; readonly candidates: readonly Instruction[] };

const MAX_BRANCH_BITS = 7;

interface BitRange {
  readonly low: number;
  readonly width: number;
}

// The longest run of bits in `mask`, at most MAX_BRANCH_BITS; null if there is none.
function longestRun(mask: number): BitRange | null {
  let best: BitRange | null = null;
  for (let low = 0; low < 32; low += 1) {
    let width = 0;
    while (width < MAX_BRANCH_BITS && low + width < 32 && (mask >>> (low + width)) & 1) width += 1;
    if (width > (best?.width ?? 0)) best = { low, width };
  }
  return best;
}

function buildNode(candidates: readonly Instruction[], used: number): Node {
  const common = candidates.reduce((mask, i) => mask & i.encoding.mask, ~used);
  const run = candidates.length > 1 ? longestRun(common) : null;
  if (run === null) return { kind: "leaf", candidates };
  const ones = 2 ** run.width - 1;
  const groups = new Map<number, Instruction[]>();
  for (const i of candidates) {
    const key = (i.encoding.match >>> run.low) & ones;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const seen = used | (ones << run.low);
  const next = Array.from({ length: ones + 1 }, (_, key) => {
    const group = groups.get(key);
    return group === undefined ? null : buildNode(group, seen);
  });
  return { kind: "branch", low: run.low, ones, next };
}

function find(root: Node, word: number): Instruction | null {
  let node: Node | null | undefined = root;
  while (node?.kind === "branch") node = node.next[(word >>> node.low) & node.ones];
  if (node === null || node === undefined) return null;
  for (const candidate of node.candidates) if (matchesEncoding(candidate, word)) return candidate;
  return null;
}

// Where each operand of the base instruction comes from: an own operand's position or a fixed value.
interface Mapping {
  readonly base: Instruction;
  readonly sources: readonly { readonly position: number; readonly fixed: number }[];
}

function mappingOf(isa: Isa, instruction: Instruction): Mapping | null {
  const expansion = expansionOf(isa, instruction);
  if (expansion === null) return null;
  const sources = expansion.base.operands.map((operand) => {
    const binding = expansion.bindings.get(operand.name);
    if (binding?.kind === "operand")
      return { position: instruction.operands.findIndex((o) => o.name === binding.name), fixed: 0 };
    return { position: -1, fixed: binding?.kind === "fixed" ? binding.value : 0 };
  });
  return { base: expansion.base, sources };
}

/** Builds the decoder of `isa`, of the instructions in `groups` only if given (extension names). */
export function createDecoder(isa: Isa, groups: readonly string[] | null = null): Decoder {
  const included = isa.instructions.filter((i) => groups === null || groups.includes(i.group));
  // A short form is looked up by its own bits only, so its tree must not see the halfword after it.
  const short = buildNode(
    included.filter((i) => i.encoding.bits === 16),
    0,
  );
  const long = buildNode(
    included.filter((i) => i.encoding.bits === 32),
    0,
  );
  const mappings: (Mapping | null | undefined)[] = [];
  const { mask, match } = isa.wide;
  const lengthOf = (halfword: number): 2 | 4 => ((halfword & mask) === match ? 4 : 2);

  const decode = (word: number): Decoded | null => {
    const lengthBytes = lengthOf(word);
    const bits = lengthBytes === 2 ? word & 0xffff : word;
    const instruction = find(lengthBytes === 2 ? short : long, bits);
    if (instruction === null) return null;
    return { instruction, values: instruction.operands.map((o) => operandOfWord(isa, o, bits)), lengthBytes };
  };

  const decodeExpanded = (word: number): Decoded | null => {
    const own = decode(word);
    if (own === null) return null;
    const { number } = own.instruction;
    const mapping = (mappings[number] ??= mappingOf(isa, own.instruction));
    if (mapping === null) return own;
    const values = mapping.sources.map((s) => (s.position < 0 ? s.fixed : (own.values[s.position] ?? 0)));
    return { instruction: mapping.base, values, lengthBytes: own.lengthBytes };
  };

  return { decode, decodeExpanded, lengthOf };
}

/** Operand values by name, as spec/isa takes them. */
export function namedValues(decoded: Decoded): OperandValues {
  return Object.fromEntries(decoded.instruction.operands.map((o, i) => [o.name, decoded.values[i] ?? 0]));
}
