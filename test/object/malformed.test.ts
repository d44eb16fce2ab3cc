// Damaged files: every reader answers with a diagnostic or a value, never with an exception, and never runs away.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readObject } from "../../compiler/object/elf/read-object.ts";
import { readProgramSymbols } from "../../compiler/object/elf/read-program.ts";
import { writeObject } from "../../compiler/object/elf/write-object.ts";
import { link } from "../../compiler/object/link/link.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { ARM64_SAMPLE, objectOf, SAMPLE } from "./samples.ts";

const good = writeObject(objectOf(SAMPLE));
const goodArm64 = writeObject(assemble(ARM64_SAMPLE, arm64Target, { name: "x.s" }).value);
const codes = (bytes: Uint8Array): readonly string[] =>
  readObject(bytes, "x.o", "riscv64").diagnostics.map((d) => d.code);

/** A copy with `bytes` at `offset`. */
function patched(offset: number, ...bytes: readonly number[]): Uint8Array {
  const copy = good.slice();
  copy.set(bytes, offset);
  return copy;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
const sectionTable = Number(view(good).getBigUint64(40, true));
const sectionCount = view(good).getUint16(60, true);

describe("what is wrong is said", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  test.each([
    ["an empty file", new Uint8Array(0), "L0101", "an empty file"],
    ["text", text("fun 1 main() { return 0; }\n"), "L0101", "it holds text"],
    ["an archive", text("!<arch>\n"), "L0101", "static library"],
    ["other bytes", Uint8Array.of(0, 1, 2, 255), "L0101", "bytes 00 01 02 ff"],
    ["32 bits", patched(4, 1), "L0102", "32-bit"],
    ["big-endian", patched(5, 2), "L0102", "big-endian"],
    ["a PC's object", patched(18, 62, 0), "L0103", "x86-64"],
    ["an unknown machine", patched(18, 99, 0), "L0103", "machine number 99"],
    ["an AArch64 object", patched(18, 183, 0), "L0103", "arm64"],
    ["a program", patched(16, 2), "L0104", "a program, expected an object"],
    ["a shared object", patched(16, 3), "L0104", "shared object"],
    ["half of it", good.slice(0, good.length / 2), "L0105", "section"],
    ["only the header", good.slice(0, 64), "L0105", "section header 0"],
    ["less than the header", good.slice(0, 20), "L0105", "the file header is at 0 to 64 of 20 bytes"],
    ["a wrong size of section headers", patched(58, 8, 0), "L0106", "is 8, expected at least 64"],
    ["a wrong section of names", patched(62, 200, 0), "L0106", `number 200 of ${String(sectionCount)}`],
    ["a strange alignment", patched(sectionTable + 64 + 48, 3), "L0106", "alignment of section 1 is 3"],
    ["an endless section", patched(sectionTable + 64 + 32, 0, 0, 0, 0, 0, 0, 0, 1), "L0105", "section 1"],
  ])("%s", (_, bytes, code, words) => {
    const { diagnostics } = readObject(bytes, "x.o", "riscv64");
    expect(diagnostics.map((d) => d.code)).toEqual([code]);
    expect(diagnostics[0]?.message).toContain(words);
    expect(diagnostics[0]?.message).toContain("`x.o`");
  });
});

test("every shorter file is refused", () => {
  for (let length = 0; length < good.length; length += 7)
    expect(codes(good.slice(0, length))).not.toEqual([]);
});

describe.each([
  ["riscv64", good, "pancake_main"],
  ["arm64", goodArm64, "_start"],
] as const)("%s: any changed bytes give a value or a diagnostic", (machine, file, entry) => {
  const change = fc.record({ at: fc.nat(file.length - 1), byte: fc.integer({ min: 0, max: 255 }) });

  test("also to the linker", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const copy = file.slice();
        for (const { at, byte } of changes) copy[at] = byte;
        const read = readObject(copy, "x.o", machine);
        if (read.diagnostics.length > 0) return;
        const size = read.value.sections.reduce((sum, s) => sum + s.sizeBytes, 0);
        if (size > 1 << 22) return;
        const linked = link([read.value], { entry, baseAddress: 0x10000n });
        readProgramSymbols(linked.value);
      }),
      { seed: 20261123, numRuns: 2000 },
    );
  });
});
