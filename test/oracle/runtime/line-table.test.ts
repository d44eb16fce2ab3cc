// Our reading of `.debug_line` against addr2line: every 6 bytes of a program's code, DWARF 2 to 5.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { isProblem, readElf } from "../../../runtime/images/elf-file.ts";
import { programSymbols } from "../../../runtime/user/program-symbols.ts";

const SOURCE = join(import.meta.dirname, "programs", "everything.c");
const folder = mkdtempSync(join(tmpdir(), "pancake-lines-"));

for (const version of [2, 3, 4, 5]) {
  test(`DWARF ${String(version)}`, () => {
    const file = join(folder, `lines-${String(version)}`);
    const flags = [
      "-march=rv64imac",
      "-mabi=lp64",
      "-nostdlib",
      "-static",
      "-ffreestanding",
      "-O2",
      `-gdwarf-${String(version)}`,
    ];
    const made = spawnSync("riscv64-linux-gnu-gcc", [...flags, SOURCE, "-o", file, "-lgcc"]);
    expect(made.status, made.stderr.toString()).toBe(0);
    const elf = readElf(readFileSync(file));
    if (isProblem(elf)) throw new Error(elf.message);
    const text = elf.sections.find((s) => s.name === ".text");
    if (text === undefined) throw new Error("no .text");
    const addresses: bigint[] = [];
    for (let at = 0n; at < BigInt(text.bytes.length); at += 6n) addresses.push(text.address + at);
    const input = addresses.map((a) => `0x${a.toString(16)}`).join("\n");
    const answers = spawnSync("riscv64-linux-gnu-addr2line", ["-e", file], { input, maxBuffer: 1 << 26 });
    const theirs = answers.stdout.toString().trim().split("\n");
    const symbols = programSymbols(elf);
    const ours = addresses.flatMap((address) => {
      const place = symbols.placeAt(address);
      return place === null ? "?" : `${basename(place.file)}:${String(place.line)}`;
    });
    const expected = theirs
      .map((line) => basename(line.replace(/ \(discriminator \d+\)$/, "")))
      .map((line) => (line.startsWith("?") || line.endsWith(":?") ? "?" : line));
    const different = ours.filter((line, i) => line !== expected[i]);
    expect(
      different.length,
      JSON.stringify(
        ours
          .map((o, i) => [o, expected[i]])
          .filter(([a, b]) => a !== b)
          .slice(0, 5),
      ),
    ).toBe(0);
    expect(ours.filter((line) => line !== "?").length).toBeGreaterThan(500);
  });
}
