// Our disassembler against Capstone's, an independent one that needs no tools on the machine: RV64GC.
// (Capstone 5 knows no Zb* and Zicond and names other CSRs; test/oracle/isa compares those, and everything else again, with GNU binutils.)

// @ts-expect-error: the package has no type declarations; `Capstone` below says what is used.
import loadCapstone from "@alexaltea/capstone-js/dist/capstone.js";
import { expect, it } from "vitest";
import { createDecoder, namedValues } from "../../runtime/isa/decoder.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { printInstruction, printWithAliases } from "../../spec/isa/syntax.ts";
import { Random, sampleValues, wordOf } from "./samples.ts";

interface CapstoneModule {
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
    const [line] = capstone.disasm(bytes, 0x1000);
    return line === undefined ? "nothing" : `${line.mnemonic} ${line.op_str}`;
  } catch {
    return "nothing";
  }
}

const SEED = 20261105;
const GROUPS = ["I", "M", "A", "F", "D", "C", "Zcd", "Zifencei"];

// Spellings that differ without a difference: compressed hints, jalr's offset, li, an empty set of fence, and which of
// two names a branch on zero and zero has.
// Also: roundings of exact conversions, which only newer tools know.
const spelling =
  /^(?:fcvt\.d\.(?:s|wu?) .*, (?:r\w\w|dyn)$|c\.nop\b|c\.(?:li|lui|slli|mv|add) zero\b|jalr\b|jr\b|fence.*\b0\b|b\w+ zero, -?\d+$)/;

// Numbers in one spelling, distances without a dot.
function normalise(text: string): string {
  return text
    .trim()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\.\+?(?=-?\d)/g, "")
    .replace(/^addi (\w+), zero, /, "li $1, ")
    .replaceAll(/-?\b0x[0-9a-f]+\b/g, (n) =>
      n.startsWith("-") ? String(-Number(n.slice(1))) : String(Number(n)),
    );
}

it("prints RV64GC as Capstone does", async () => {
  const capstone = await (loadCapstone as () => Promise<CapstoneModule>)(); // see the import
  const theirs = new capstone.Capstone(capstone.ARCH_RISCV, capstone.MODE_RISCV64 + capstone.MODE_RISCVC);
  const decoder = createDecoder(riscv64);
  const random = new Random(SEED);
  const different: string[] = [];
  for (const instruction of riscv64.instructions.filter((i) => GROUPS.includes(i.group))) {
    for (let round = 0; round < 12; round += 1) {
      const word = wordOf(riscv64, instruction, sampleValues(riscv64, instruction, random, round));
      const bytes = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
      const found = normalise(textOf(theirs, bytes.slice(0, instruction.encoding.bits / 8)));
      const decoded = decoder.decode(word);
      if (decoded === null) throw new Error(`${instruction.name}: ${word.toString(16)} is not decoded`);
      const print = instruction.encoding.bits === 16 ? printInstruction : printWithAliases;
      const ours = normalise(print(riscv64, instruction, namedValues(decoded)));
      if (ours !== found && !spelling.test(ours))
        different.push(`${word.toString(16)}: ours \`${ours}\`, Capstone \`${found}\``);
    }
  }
  expect(different).toEqual([]);
});
