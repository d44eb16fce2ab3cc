// Static libraries: which members a program takes, both spellings of names, and damaged files.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArchive } from "../../compiler/object/archive/read-archive.ts";
import { readProgramSymbols } from "../../compiler/object/elf/read-program.ts";
import { writeObject } from "../../compiler/object/elf/write-object.ts";
import { link } from "../../compiler/object/link/link.ts";
import type { ObjectFile, ObjectMachine } from "../../compiler/object/object-file.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../compiler/target/assembler/assembler-named.ts";

function objectOf(text: string, machine: ObjectMachine = "riscv64"): ObjectFile {
  return assemble(text, assemblerNamed(machine), { name: "main.s" }).value;
}

/** A function that calls others. */
function functionText(name: string, ...calls: readonly string[]): string {
  return `.section .text.${name}, "ax"\n.globl ${name}\n${name}: ${calls.map((c) => `call ${c}`).join("\n")}\nret\n`;
}

type Style = "gnu" | "bsd";

/** The bytes of a library as `ar` writes it. */
function archive(members: Readonly<Record<string, Uint8Array>>, style: Style = "gnu"): Uint8Array {
  const longNames = Object.keys(members).filter((name) => style === "gnu" && name.length > 15);
  const longText = longNames.map((name) => `${name}/\n`).join("");
  const header = (name: string, size: number): string =>
    `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"644".padEnd(8)}${String(size).padEnd(10)}\`\n`;
  const parts: Buffer[] = [Buffer.from("!<arch>\n")];
  const add = (name: string, data: Uint8Array): void => {
    parts.push(Buffer.from(header(name, data.length), "latin1"), Buffer.from(data));
    if (data.length % 2 === 1) parts.push(Buffer.from("\n"));
  };
  add(style === "gnu" ? "/" : "__.SYMDEF", new Uint8Array(4));
  if (longText !== "") add("//", Buffer.from(longText));
  for (const [name, data] of Object.entries(members)) {
    if (style === "bsd") add(`#1/${String(name.length)}`, Buffer.concat([Buffer.from(name), data]));
    else add(longNames.includes(name) ? `/${String(longText.indexOf(name))}` : `${name}/`, data);
  }
  return Buffer.concat(parts);
}

const member = (text: string, machine?: ObjectMachine): Uint8Array => writeObject(objectOf(text, machine));

const library = {
  "one.o": member(functionText("one", "two")),
  "a-member-with-a-long-name.o": member(functionText("two")),
  "unused.o": member(functionText("unused", "missing")),
  "again.o": member(functionText("two", "missing")),
  "note.txt": new TextEncoder().encode("not an object"),
};

/** The names in the program of `text` with the library, or what the linker says. */
function linked(text: string, bytes: Uint8Array): readonly string[] {
  const { value, diagnostics } = readArchive(bytes, "lib.a");
  const made = link([objectOf(text)], { entry: "_start", baseAddress: 0x10000n, archives: [value] });
  const problems = [...diagnostics, ...made.diagnostics];
  if (problems.length > 0) return problems.map((d) => `${d.code} ${d.message}`);
  return readProgramSymbols(made.value).map((s) => s.name);
}

const start = (...calls: readonly string[]): string => functionText("_start", ...calls);

describe.each(["gnu", "bsd"] as const)("a library in the style of %s", (style) => {
  const bytes = archive(library, style);

  test("gives the members that are needed, directly or by others, the first of several", () => {
    expect(linked(start("one"), bytes)).toEqual(["_start", "one", "two"]);
    expect(linked(start("two"), bytes)).toEqual(["_start", "two"]);
    expect(linked(start(), bytes)).toEqual(["_start"]);
  });

  test("gives nothing for names that the program defines or can do without", () => {
    expect(linked(start("one") + functionText("two"), bytes)).toEqual(["_start", "two", "one"]);
    expect(linked(`${start()}.weak one\n.data\n.dword one\n`, bytes)).toEqual(["_start"]);
  });

  test("has names for messages", () => {
    expect(linked(start("unused"), bytes)).toEqual([
      "L0202 nothing defines `missing`, which lib.a(unused.o) (.text.unused+0) needs",
    ]);
    expect(readArchive(bytes, "lib.a").value.members.map((m) => m.name)).toContain(
      "lib.a(a-member-with-a-long-name.o)",
    );
  });
});

describe("what is wrong is said", () => {
  const good = archive(library);
  const problems = (bytes: Uint8Array): readonly string[] =>
    readArchive(bytes, "lib.a").diagnostics.map((d) => `${d.code} ${d.message}`);

  test("members for another machine", () => {
    const bytes = archive({ "arm.o": member(".globl one\none: ret\n", "arm64") });
    expect(linked(start("one"), bytes)).toEqual(["L0103 `lib.a(arm.o)` is for another machine: arm64"]);
  });

  test("files that are no archives", () => {
    expect(problems(new Uint8Array(0))[0]).toContain("L0104 `lib.a` is something else");
    expect(problems(new TextEncoder().encode("!<thin>\n"))[0]).toContain("a thin archive");
  });

  test("every shorter file, and any changed bytes, give a diagnostic or a value", () => {
    for (let length = 9; length < good.length - 24; length += 5) {
      const short = readArchive(good.slice(0, length), "lib.a");
      const isWhole = short.diagnostics.length === 0 && short.value.members.length >= 5;
      expect([length, isWhole]).toEqual([length, false]);
    }
    expect(problems(good.slice(0, good.length - 30))[0]).toContain("L0105");
    const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const copy = Uint8Array.from(good);
        for (const { at, byte } of changes) copy[at] = byte;
        expect(linked(start("one"), copy).length).toBeGreaterThan(0);
      }),
      { seed: 20261128, numRuns: 500 },
    );
  });
});
