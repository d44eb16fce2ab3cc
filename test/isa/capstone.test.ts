// Our disassembler against Capstone's, an independent one that needs no tools on the machine: all of Arm64, and RV64GC.
// Capstone 5 knows no Zb* and Zicond and names other CSRs; test/oracle/isa compares those, and everything else again,
// with GNU binutils.

// @ts-expect-error: the package has no type declarations; `Capstone` below says what is used.
import loadCapstone from "@alexaltea/capstone-js/dist/capstone.js";
import { expect, it } from "vitest";
import { createDecoder, namedValues } from "../../runtime/isa/decoder.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type { PrintStyle } from "../../spec/isa/syntax.ts";
import { printInstruction, printWithAliases, READABLE } from "../../spec/isa/syntax.ts";
import { Random, sampleValues, wordOf } from "./samples.ts";

interface CapstoneModule {
  readonly ARCH_ARM64: number;
  readonly MODE_ARM: number;
  readonly ARCH_RISCV: number;
  readonly MODE_RISCV64: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (architecture: number, mode: number) => Capstone;
}

interface Capstone {
  disasm(bytes: readonly number[], address: number): { mnemonic: string; op_str: string }[];
}

// Capstone throws for bytes that are no instruction.
function textOf(capstone: Capstone, bytes: readonly number[]): string {
  try {
    const [line] = capstone.disasm(bytes, ADDRESS);
    return line === undefined ? "nothing" : `${line.mnemonic} ${line.op_str}`;
  } catch {
    return "nothing";
  }
}

const SEED = 20261105;

interface Opinion {
  readonly isa: Isa;
  readonly rounds: number;
  readonly groups: readonly string[];
  readonly start: (capstone: CapstoneModule) => Capstone;
  readonly normalise: (text: string) => string;
  /** Text of a target from its address. */
  readonly target: (address: bigint, distance: number) => string;
  /** Spellings (ours, theirs) that differ without a difference. */
  readonly spelling: RegExp;
}

const ADDRESS = 0x1000;

// Decimal numbers and single blanks.
function decimal(text: string): string {
  return text
    .trim()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/-?\b0x[0-9a-f]+\b/g, (n) =>
      n.startsWith("-") ? `-${String(BigInt(n.slice(1)))}` : String(BigInt(n)),
    );
}

function normaliseRiscv(text: string): string {
  return decimal(text).replace(/^addi (\w+), zero, /, "li $1, ");
}

// Numbers without signs, `lo` as `cc`, floats in one spelling, `c7` as `C7`, lists of registers by their ends.
function normaliseArm(text: string): string {
  return decimal(text)
    .replaceAll(/#(-?\d+\.\d+(?:e[-+]\d+)?)/g, (_, n: string) => `#${String(Number(n))}f`)
    .replaceAll(/#(-?\d+)(?![\d.f])/g, (_, n: string) => `#${String(BigInt.asUintN(64, BigInt(n)))}`)
    .replace(/(^b\.|, )hs\b/, "$1cs")
    .replace(/(^b\.|, )lo\b/, "$1cc")
    .replaceAll(/\bc(\d+)\b/g, "C$1")
    .replace(/\{(v\d+\.\w+)(?:, v\d+\.\w+)+, (v\d+\.\w+)\}/, (list, first: string, last: string) =>
      parseInt(first.slice(1), 10) < parseInt(last.slice(1), 10) ? `{${first}-${last}}` : list,
    );
}

const opinions: readonly Opinion[] = [
  {
    isa: riscv64,
    rounds: 12,
    groups: ["I", "M", "A", "F", "D", "C", "Zcd", "Zifencei"],
    start: (c) => new c.Capstone(c.ARCH_RISCV, c.MODE_RISCV64 + c.MODE_RISCVC),
    normalise: normaliseRiscv,
    target: (_, distance) => String(distance),
    // Compressed hints, jalr's offset, li, an empty set of fence, which of two names a branch on zero and zero has, and
    // roundings of exact conversions, which only newer tools know.
    spelling:
      /^(?:fcvt\.d\.(?:s|wu?) .*, (?:r\w\w|dyn), nothing|c\.nop\b|c\.(?:li|lui|slli|mv|add) zero\b|jalr\b|jr\b|fence.*\b0\b|b\w+ zero, -?\d+, b)/,
  },
  {
    isa: arm64,
    rounds: 3,
    groups: arm64.groups.map((g) => g.name),
    start: (c) => new c.Capstone(c.ARCH_ARM64, c.MODE_ARM),
    normalise: normaliseArm,
    target: (from, distance) => `#${String(BigInt.asUintN(64, from + BigInt(distance)))}`,
    // Moves of 32 bits by sign, prefetches without a name, pairs and writebacks that are unpredictable, shifts by
    // nothing, and barriers and hints with newer names.
    spelling:
      /^(?:mov w\d+, #.*, mov w\d+, #\d+|prfu?m #.*|(?:ld|st).*, nothing|[su]xtl2? .*, [su]shll.*|movi .*#0+|dsb #.*|hint #.*)$/,
  },
];

it.each(opinions)("prints $isa.name as Capstone does", async (opinion) => {
  const { isa, rounds, groups, normalise, target, spelling } = opinion;
  const theirs = opinion.start(await (loadCapstone as () => Promise<CapstoneModule>)()); // see the import
  const decoder = createDecoder(isa);
  const random = new Random(SEED);
  const style: PrintStyle = {
    ...READABLE,
    target: (distance, unit) => target(BigInt(ADDRESS - (ADDRESS % unit)), distance),
  };
  const different: string[] = [];
  for (const instruction of isa.instructions.filter((i) => groups.includes(i.group))) {
    for (let round = 0; round < rounds; round += 1) {
      const word = wordOf(isa, instruction, sampleValues(isa, instruction, random, round));
      const bytes = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
      const found = normalise(textOf(theirs, bytes.slice(0, instruction.encoding.bits / 8)));
      const decoded = decoder.decode(word);
      if (decoded === null) throw new Error(`${instruction.name}: ${word.toString(16)} is not decoded`);
      const print = instruction.encoding.bits === 16 ? printInstruction : printWithAliases;
      const ours = normalise(print(isa, instruction, namedValues(decoded), style));
      if (ours !== found && !spelling.test(`${ours}, ${found}`))
        different.push(`${instruction.name} ${word.toString(16)}: ours \`${ours}\`, Capstone \`${found}\``);
    }
  }
  expect(different).toEqual([]);
});
