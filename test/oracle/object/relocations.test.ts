// Every relocation that the linker applies, at several distances, against GNU ld: the same bytes, or both refuse.

import { afterAll, describe, expect, test } from "vitest";
import { readObject } from "../../../compiler/object/elf/read-object.ts";
import { readElf } from "../../../compiler/object/elf/read-elf.ts";
import { link } from "../../../compiler/object/link/link.ts";
import { machineNamed } from "../../../compiler/object/machine/machine-named.ts";
import type { ObjectFile, ObjectMachine } from "../../../compiler/object/object-file.ts";
import type { RelocationPlace, RelocationRule } from "../../../spec/abi/elf-relocation.ts";
import { Workshop } from "./toolchain.ts";

const BASE = 0x40000n;

/** Addresses that the relocations refer to: near ones, the ends of short and long reaches, far ones. */
const targets = [
  0x40000n,
  0x40008n,
  0x40003n,
  0x41fffn,
  0x42000n,
  0x47ff8n,
  0x48000n,
  0x13fff8n,
  0x140000n,
  0x8000000n,
  0x8040000n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x100040000n,
  0xffff12345670n,
  0x1234567890abcdf0n,
  0xfffffffffffffff0n,
];

/** Not comparable one by one: pairs, remarks, lengths that change, entries of a table that GNU ld places elsewhere. */
function isAlone({ name, value, places }: RelocationRule): boolean {
  return (
    value !== "none" &&
    value !== "partner" &&
    !value.startsWith("got") &&
    !places.some((place) => place.kind === "uleb") &&
    !unknownToGnu.has(name)
  );
}

/** Where we refuse, GNU ld cuts values and Arm64 branches between instructions, and makes veneers for far calls. */
function isTakenByGnu({ name, value }: RelocationRule, target: bigint): boolean {
  if (["32", "32_PCREL", "JUMP26", "CALL26"].includes(name)) return true;
  return value === "branch" && target % 4n !== 0n;
}

/** binutils 2.40 has no name for them in `.reloc`. */
const unknownToGnu = new Set(["PLT32"]);

const prefixes: Readonly<Record<ObjectMachine, string>> = { riscv64: "R_RISCV_", arm64: "R_AARCH64_" };

describe.each(["riscv64", "arm64"] as const)("%s", (machine) => {
  const shop = new Workshop(machine);
  afterAll(() => {
    shop.close();
  });
  const { isa, relocations } = machineNamed(machine);
  const rules = [...relocations.values()].filter(isAlone);

  /** What stands at the place before: the instruction with empty operands, or data. */
  function contents(place: RelocationPlace): string {
    if (place.kind !== "field") return "    .8byte 0x0123456789abcdef";
    const { match, bits } = isa.instruction(place.instruction).encoding;
    return `    .${String(bits / 8)}byte ${String(match)}`;
  }

  /** The object of one relocation of `target`, made by GNU as. */
  function assembled(rule: RelocationRule): ObjectFile {
    const relocation = `    .reloc ., ${prefixes[machine]}${rule.name}, target`;
    const lines = ["    .text", "    .globl _start", "_start:", relocation, ...rule.places.map(contents)];
    shop.write("a.s", `${lines.join("\n")}\n`);
    shop.tool("as", "a.s", "-o", "a.o");
    return readObject(shop.read("a.o"), "a.o", machine).value;
  }

  function textOf(program: Uint8Array): string {
    const text = readElf(program, "program").sections.find((s) => s.name === ".text");
    return Buffer.from(text?.bytes ?? []).toString("hex");
  }

  function ours(object: ObjectFile, target: bigint): string | null {
    const place = { kind: "absolute", value: target } as const;
    const symbol = { name: "target", place, sizeBytes: 0, binding: "global", type: "none" } as const;
    const other: ObjectFile = { ...object, name: "b.o", sections: [], symbols: [symbol] };
    const linked = link([object, other], { entry: "_start", baseAddress: BASE });
    return linked.diagnostics.length > 0 ? null : textOf(linked.value);
  }

  function theirs(target: bigint): string | null {
    const options = ["--no-relax", `-Ttext=${BASE.toString(16)}`, `--defsym=target=${String(target)}`];
    const done = shop.run(`${shop.isa.prefix}ld`, [...options, "a.o", "-o", "theirs"]);
    return done.status === 0 ? textOf(shop.read("theirs")) : null;
  }

  test.each(rules)("$name", (rule) => {
    const object = assembled(rule);
    for (const target of targets) {
      const own = ours(object, target);
      if (own === null && isTakenByGnu(rule, target)) continue;
      expect([target.toString(16), own]).toEqual([target.toString(16), theirs(target)]);
    }
  });
});
