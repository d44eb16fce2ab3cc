// Our decoder and disassembler against objdump: every 16-bit word, and for 32-bit words samples of every
// instruction, their one-bit neighbours (mostly invalid) and uniformly random words.

import { describe, expect, it } from "vitest";
import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { Random, sampleValues, wordOf } from "../../isa/samples.ts";
import { gnuDisassemble } from "./gnu-tools.ts";

interface Word {
  readonly word: number;
  readonly lengthBytes: number;
}

const SEED = 20261101;

function shortWords(): Word[] {
  const words: Word[] = [];
  for (let word = 0; word < 0x10000; word += 1) if ((word & 3) !== 3) words.push({ word, lengthBytes: 2 });
  return words;
}

function longWords(): Word[] {
  const random = new Random(SEED);
  const words = new Set<number>();
  for (const instruction of riscv64.instructions) {
    if (instruction.encoding.bits !== 32 || instruction.group === "Zicond") continue;
    for (let round = 0; round < 60; round += 1) {
      const word = wordOf(riscv64, instruction, sampleValues(riscv64, instruction, random, round));
      words.add(word);
      words.add((word ^ (1 << random.below(32))) >>> 0);
    }
  }
  for (let i = 0; i < 20_000; i += 1) words.add((random.next() | 3) >>> 0);
  // .insn takes 32-bit words only; five ones at the bottom announce longer ones.
  return [...words].filter((w) => (w & 3) === 3 && (w & 31) !== 31).map((word) => ({ word, lengthBytes: 4 }));
}

// Compressed hints (a destination of zero, a shift by zero) do nothing and have no agreed text.
function isHint(canonical: string): boolean {
  return /^c\.(nop |(addi|li|lui|mv|add|slli) zero,|addi \w+,0$|s[lr][la]i \w+,0x0$)/.test(canonical);
}

// Differences of spelling, not of meaning. Each line says which.
function normalise(text: string): string {
  return text
    .replace(/^\.(?:[248]byte|half|word) .*/, "unknown word") // how unknown words are shown
    .replace(/^(?:c\.)?unimp$/, "unknown word") // the two words that are promised to stay unknown
    .replace(/^(fence .*)unknown/, "$10") // an empty set of fence
    .replace(/^(fence .*)unknown/, "$10")
    .replace(/^(uret|hret|sfence\.vm .*|sfence\.vm|c\.addi16sp sp,0|add sp,sp,0)$/, "unknown word") // gone or reserved
    .replace(/^fence w,0$/, "pause")
    .replace(/^(fcvt\.d\.(?:s|wu?) .*),rne$/, "$1") // roundings of exact conversions, new in binutils 2.41
    .replace(/^fcvt\.d\.(?:s|wu?) .*,(?:r\w\w|dyn)$/, "unknown word")
    .replace(/^(f.*),dyn$/, "$1") // the rounding that is not written
    .replace(/^f.*,unknown$/, "unknown word") // roundings that are reserved
    .replace(
      /^(add|and|or|xor|slt|sll|srl|sra|ror|bclr|bext|binv|bset)(w?|u) (\w+,\w+,(?:-?\d+|0x[0-9a-f]+))$/,
      "$1i$2 $3",
    )
    .replace(/^jalr (\w+),(\w+)$/, "jalr $1,0($2)");
}

// The names of CSRs are compared by number in names.test.ts.
function withoutCsr(text: string): string {
  return /^(?:csr|rd(?:cycle|time|instret))/.test(text) ? "csr access" : text;
}

function sameText(ours: string, objdump: string): boolean {
  return withoutCsr(normalise(ours)) === withoutCsr(normalise(objdump));
}

describe.each([
  { name: "every 16-bit word", words: shortWords() },
  { name: "32-bit words", words: longWords() },
])("$name", ({ words }) => {
  it.each([{ aliases: false }, { aliases: true }])(
    "prints as objdump does (aliases: $aliases)",
    ({ aliases }) => {
      const dump = gnuDisassemble(words, aliases);
      expect(dump.length).toBe(words.length);
      const style = { comma: ",", gap: " ", symbolAt: (address: bigint) => address.toString(16) };
      const ours = createDisassembler(riscv64, { ...style, aliases });
      const canonical = createDisassembler(riscv64, { ...style, aliases: false });
      const different: string[] = [];
      words.forEach(({ word }, i) => {
        const { address, text: objdump } = dump[i] ?? { address: 0, text: "" };
        const text = ours.line(word, BigInt(address)).text;
        if (/^czero/.test(text)) return; // binutils 2.40 has no Zicond
        const hint = isHint(canonical.line(word, 0n).text) && !objdump.startsWith(".");
        if (!hint && !sameText(text, objdump)) {
          different.push(`${word.toString(16)}: ours \`${text}\`, objdump \`${objdump}\``);
        }
      });
      expect(different.slice(0, 40)).toEqual([]);
    },
  );
});
