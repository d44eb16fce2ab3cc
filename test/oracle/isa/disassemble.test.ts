// Our decoder and disassembler against objdump: every 16-bit word of RV64, and for 32-bit words samples of every
// instruction, their one-bit neighbours (mostly invalid) and uniformly random words.
// RV64 is described in full: both know the same words. Of Arm64 objdump knows more; what we know, it knows by the same text.

import { describe, expect, it } from "vitest";
import { createDisassembler } from "../../../runtime/isa/disassembler.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../../spec/isa/schema.ts";
import { Random, sampleValues, wordOf } from "../../isa/samples.ts";
import { arm64Tools, gnuDisassemble } from "./gnu-tools.ts";

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

// Samples of every instruction, their neighbours, and random words in which `ones` are set.
function sampledWords(isa: Isa, rounds: number, ones: number): Set<number> {
  const random = new Random(SEED);
  const words = new Set<number>();
  for (const instruction of isa.instructions) {
    if (instruction.encoding.bits !== 32 || instruction.group === "Zicond") continue;
    for (let round = 0; round < rounds; round += 1) {
      const word = wordOf(isa, instruction, sampleValues(isa, instruction, random, round));
      words.add(word);
      words.add((word ^ (1 << random.below(32))) >>> 0);
    }
  }
  for (let i = 0; i < 20_000; i += 1) words.add((random.next() | ones) >>> 0);
  return words;
}

function longWords(): Word[] {
  const words = sampledWords(riscv64, 60, 3);
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

// Words that Arm64 leaves unpredictable, which objdump refuses or comments: a register loaded twice or loaded and written
// back, conditions of state fields.
function isUnpredictable(objdump: string): boolean {
  return objdump.includes("undefined") || objdump.startsWith(".inst");
}

// Names that are newer than what is described, or that only some versions of an instruction have.
function normaliseArm(text: string): string {
  return text
    .replace(/#0x([0-9a-f]+)/g, (_, digits: string) => `#${String(BigInt(`0x${digits}`))}`)
    .replace(/^(m[rs][rs]) .*$/, "$1") // names of system registers: names.test.ts
    .replace(/^(?:clearbhb|tsb csync|dgh|gcsb dsync|chkfeat x16)$/, "hint")
    .replace(/^hint .*$/, "hint")
    .replace(/^(?:ssbb|pssbb|dsb)\b.*$/, "dsb")
    .replace(/^(?:sysl?|dc|ic|at|tlbi|cfp|dvp|cpp)\b.*$/, "sys");
}

// Without aliases objdump still writes some: which, each line says.
function withoutAliases(text: string): string {
  return text
    .replace(/^ret x30$/, "ret")
    .replace(/^(tbn?z) x(\d+|zr), #([0-9]|[12][0-9]|3[01]),/, "$1 w$2, #$3,") // bits of the low half
    .replace(/^(nop|wfi|wfe|sev|sevl)$/, "hint") // the other way round
    .replace(/^(isb|clrex)\b.*$/, "$1")
    .replace(/^((?:add|sub)s? .*\bw?sp\b.*), uxt[wx]$/, "$1")
    .replace(/^((?:add|sub)s? .*\bw?sp\b.*), uxt[wx] (#\d+)$/, "$1, lsl $2");
}

describe("words of Arm64", () => {
  const words = [...sampledWords(arm64, 10, 0)].map((word) => ({ word, lengthBytes: 4 }));
  it.each([{ aliases: false }, { aliases: true }])(
    "print as objdump does (aliases: $aliases)",
    ({ aliases }) => {
      const dump = gnuDisassemble(words, aliases, arm64Tools);
      expect(dump.length).toBe(words.length);
      const ours = createDisassembler(arm64, { symbolAt: (address) => address.toString(16), aliases });
      const different: string[] = [];
      let [unknownToBoth, compared] = [0, 0];
      words.forEach(({ word }, i) => {
        const { address, text: objdump } = dump[i] ?? { address: 0, text: "" };
        const line = ours.line(word, BigInt(address));
        if (!line.known && isUnpredictable(objdump)) unknownToBoth += 1;
        if (!line.known || isWritebackClash(objdump, line.text)) return;
        compared += 1;
        const [a, b] = [line.text, objdump].map((text) =>
          normaliseArm(aliases ? text : withoutAliases(text)),
        );
        if (a !== b) different.push(`${word.toString(16)}: ours \`${line.text}\`, objdump \`${objdump}\``);
      });
      expect(unknownToBoth).toBeGreaterThan(1000);
      expect(compared).toBeGreaterThan(20_000);
      expect(different.slice(0, 40)).toEqual([]);
    },
  );
});

function isWritebackClash(objdump: string, text: string): boolean {
  return isUnpredictable(objdump) && /^(?:ld|st)/.test(text);
}
