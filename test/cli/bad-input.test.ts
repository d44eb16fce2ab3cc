// Bad input of every kind: a clear message, the right exit code, no stack trace, no internal error, no hang, and the
// input as it was. Each test has a time limit of its own; what is slow here is slow for the user.

import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ELF_MACHINES, ET } from "../../spec/abi/elf.ts";
import { elfImage, type ImageOptions } from "../runtime/support/elf-image.ts";
import { ROOT } from "../house/source-tree.ts";
import { pancake, pancakeProcess, scratchFolder, type Shown } from "./pancake.ts";

const scratch = scratchFolder();
const LIMIT_MS = 60_000;
/** Of the cuts at every 37th byte, the default suite takes one in six. */
const STRIDE = process.env["PANCAKE_ALL_CUTS"] === undefined ? 6 : 1;
const DEPTH = 10_000;
const LONG = 1_000_000;
/** Lines of many tokens: parsing a megabyte of them takes seconds. */
const MANY = 60_000;

/** What holds of every answer to bad input. */
function expectCleanAnswer(shown: Shown): void {
  expect(shown.stderr).not.toMatch(/internal error|^\s+at .*:\d+:\d+/m);
  expect([0, 1, 2, 3]).toContain(shown.status);
  if (shown.status !== 0) expect(shown.stderr.trim()).not.toBe("");
}

/** `pancake check` of the text; the file must be untouched. */
async function checkText(name: string, content: string | Uint8Array): Promise<Shown> {
  const path = scratch.write(name, content);
  const shown = await pancake(["check", "--no-warn", path]);
  expectCleanAnswer(shown);
  expect(readFileSync(path).equals(Buffer.from(content))).toBe(true);
  return shown;
}

async function expectError(name: string, content: string | Uint8Array, message: RegExp): Promise<void> {
  const shown = await checkText(name, content);
  expect(shown.stderr).toMatch(message);
  expect(shown.status).toBe(1);
}

const inMain = (statements: string): string =>
  `exception E : 1;\nfun 1 f(1 x) { return x; }\nfun 1 main() { var v = 0; ${statements} return 0; }\n`;

describe("damaged text", () => {
  test.each(["uart.pnk", "timer.pnk"])(
    "%s cut off at every 37th byte",
    async (name) => {
      const whole = readFileSync(join(ROOT, "test/corpus", name));
      const lines = (text: string): number => text.split("\n").length;
      for (let at = 0; at < whole.length; at += 37 * STRIDE) {
        const part = whole.subarray(0, at);
        const shown = await checkText("cut.pnk", part);
        const place = /:(\d+):\d+\n/.exec(shown.stderr)?.[1];
        if (place !== undefined) expect(Number(place)).toBeLessThanOrEqual(lines(part.toString()));
      }
    },
    LIMIT_MS,
  );

  test("a binary file, a zero byte, another encoding", async () => {
    const binary = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i * 7919 + (i >> 3)) & 255);
    await expectError("binary.pnk", binary, /P0102/);
    await expectError("zero.pnk", "fun 1 main() {\0 return 0; }\n", /U\+0000/);
    const latin1 = Buffer.from("fun 1 gr\xfcn() { return 0; }\n", "latin1");
    await expectError("latin1.pnk", latin1, /UTF-8/);
    await expectError("utf16.pnk", Buffer.from("fun 1 main() { return 0; }", "utf16le"), /U\+0000/);
  });

  test("an empty file is an empty program", async () => {
    expect((await checkText("empty.pnk", "")).status).toBe(0);
    expect((await checkText("blank.pnk", "\n \t\r\n")).status).toBe(0);
  });
});

describe("lines of a megabyte", () => {
  test.each([
    ["a comment", `/* ${"x".repeat(LONG)} */ fun 1 main() { return 0; }`, null],
    ["an identifier", inMain(`v = ${"x".repeat(LONG)};`), /S0001/],
    ["a number", inMain(`v = ${"7".repeat(LONG)};`), null],
    ["a chain of +", inMain(`v = ${"1+".repeat(MANY / 2)}1;`), /P0231/],
    ["opening parentheses", inMain(`v = ${"(".repeat(MANY)}`), /P0231/],
    ["braces", "{".repeat(MANY), /error/],
    ["angle brackets", "<".repeat(LONG), /error/],
    ["at signs", "@".repeat(LONG), /error/],
    ["statements", inMain("skip;".repeat(MANY / 5)), null],
    ["mistakes", inMain("v=;".repeat(MANY / 3)), /error/],
    ["arguments", inMain(`f(${"1,".repeat(MANY / 2)}1);`), /S\d+/],
    ["fields", inMain(`v = v${".0".repeat(MANY / 2)};`), /error/],
  ] as const)(
    "%s",
    async (_, text, message) => {
      const shown = await checkText("long.pnk", text);
      expect(shown.stderr.length).toBeLessThan(200_000);
      if (message === null) expect(shown.status).toBe(0);
      else expect(shown.stderr).toMatch(message);
    },
    LIMIT_MS,
  );
});

describe("nesting of ten thousand", () => {
  const nested = (open: string, middle: string, close: string): string =>
    open.repeat(DEPTH) + middle + close.repeat(DEPTH);
  test.each([
    ["parentheses", inMain(`v = ${nested("(", "1", ")")};`)],
    ["blocks", inMain(nested("{ ", "", "};"))],
    ["conditionals", inMain(nested("if v {", "", "}"))],
    ["loops", inMain(nested("while v {", "", "}"))],
    ["else if", inMain(`if v {} ${nested("else if v {}", "", "")}`)],
    ["handlers", inMain(nested("try f(1) catch E => v {", "", "}"))],
    ["struct values", inMain(`var x = ${nested("< ", "1", " >")};`)],
    ["shapes", inMain(`var ${nested("{", "1", "}")} x = 1;`)],
    ["calls", inMain(`v = ${nested("f(", "1", ")")};`)],
    ["loads", inMain(`v = ${nested("lds 1 (", "@base", ")")};`)],
    ["negations", inMain(`v = ${nested("!", "1", "")};`)],
    ["shifts", inMain(`v = v ${nested("<< v", "", "")};`)],
    ["conditions of the preprocessor", `#if ${nested("(", "1", ")")}\n#endif\n`],
    ["macro arguments", `#define F(x) x\n${inMain(`v = ${nested("F(", "1", ")")};`)}`],
  ])(
    "%s",
    async (_, text) => {
      const shown = await checkText("deep.pnk", text);
      expect(shown.stderr).toMatch(/deep|nest|too large/);
      expect(shown.status).toBe(1);
    },
    LIMIT_MS,
  );

  test(
    "declarations one in the other's scope are no nesting",
    async () => {
      expect((await checkText("vars.pnk", inMain("var x = 1; ".repeat(DEPTH)))).status).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    "a macro that grows without bound",
    async () => {
      const doubling = Array.from({ length: 40 }, (_, i) => `#define A${i} A${i + 1} + A${i + 1}\n`).join("");
      await expectError("bomb.pnk", `${doubling}#define A40 1\n${inMain("v = A0;")}`, /too large/);
    },
    LIMIT_MS,
  );
});

describe("files", () => {
  const ok = scratch.write("ok.pnk", "fun 1 main() { return 0; }\n");
  const folder = join(scratch.path, "folder.pnk");
  mkdirSync(folder);

  test("missing files and folders", async () => {
    for (const command of ["check", "compile", "run", "explore", "lower", "disasm"]) {
      for (const path of [join(scratch.path, "none.pnk"), folder, join(ok, "below.pnk")]) {
        const shown = await pancake([command, path]);
        expectCleanAnswer(shown);
        expect(shown.stderr).toContain(`cannot read \`${path}\``);
        expect(shown.status).toBe(1);
      }
    }
  });

  test("includes that are missing or circular", async () => {
    await expectError("missing.pnk", '#include "none.h"\n', /cannot find the included file `none.h`/);
    await expectError("circle.pnk", '#include "circle.pnk"\n', /200 files deep/);
    await expectError("folder-include.pnk", '#include "folder.pnk"\n', /folder\.pnk/);
  });

  test("the folder of an output is missing", async () => {
    const folder = join(scratch.path, "no/such/folder");
    const shown = await pancake(["compile", "-o", join(folder, "out"), ok]);
    expect(shown.stderr).toContain(`: there is no folder \`${folder}\``);
  });

  test("outputs that cannot be written", async () => {
    for (const output of [folder, join(scratch.path, "no/such/folder/out"), join(ok, "out")]) {
      for (const words of [
        ["compile", "-o"],
        ["compile", "-c", "-o"],
        ["compile", "-S", "-o"],
        ["lower", "-o"],
      ]) {
        const shown = await pancake([...words, output, ok]);
        expectCleanAnswer(shown);
        expect(shown.stderr).toContain(`cannot write \`${output}\``);
        expect(shown.status).toBe(1);
      }
    }
  });

  test("an output that would overwrite its source", async () => {
    const before = readFileSync(ok, "utf8");
    for (const words of [
      ["compile", "-o"],
      ["compile", "-S", "-o"],
      ["lower", "-o"],
      ["explore", "-o"],
    ]) {
      const shown = await pancake([...words, ok, ok]);
      expect(readFileSync(ok, "utf8")).toBe(before);
      expect(shown.stderr).toContain("is also an input");
      expect(shown.status).toBe(2);
    }
  });

  test("standard input named twice", async () => {
    const shown = await pancake(["check", "-", "-"]);
    expect(shown.stderr).toContain("standard input");
    expect(shown.status).toBe(2);
  });
});

describe("objects and programs", () => {
  const foreign = (machine: number): Uint8Array => {
    const bytes = new Uint8Array(64);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    bytes.set([2, 0, machine, 0, 1], 16);
    return bytes;
  };

  test("a program of another machine, and what is no program", async () => {
    const cases = [
      ["x86.elf", foreign(62)],
      ["short.elf", foreign(243).subarray(0, 20)],
      ["magic.elf", Uint8Array.from([0x7f, 0x45, 0x4c, 0x46])],
      ["header.elf", foreign(243)],
    ] as const;
    for (const [name, bytes] of cases) {
      const path = scratch.write(name, bytes);
      for (const command of ["run", "disasm"]) {
        const shown = await pancake([command, path]);
        expectCleanAnswer(shown);
        expect(shown.status, `${command} ${name}: ${shown.stderr}`).toBe(1);
      }
    }
    for (const name of ["text.o", "text.a"]) {
      const text = scratch.write(name, "fun 1 main() { return 0; }\n");
      const shown = await pancake(["compile", "-o", join(scratch.path, "x"), text]);
      expectCleanAnswer(shown);
      expect(shown.status).toBe(1);
    }
  });

  test.each(["riscv64", "arm64"] as const)(
    "programs for %s that cannot run, and that go wrong",
    async (machine) => {
      const code = { address: 0x10000, bytes: new Uint8Array(8) };
      const image = (options: Partial<ImageOptions>): Uint8Array =>
        elfImage({ segments: [code], machine: ELF_MACHINES[machine], ...options });
      const breakpoint = machine === "riscv64" ? [0x73, 0x00, 0x10, 0x00] : [0x00, 0x00, 0x20, 0xd4];
      const cases = [
        [
          "cut",
          image({}).subarray(0, 121),
          1,
          /R0002\]: the file ends early: segment 0 needs 128 bytes, found 121/,
        ],
        [
          "overlap",
          image({ segments: [code, { ...code, address: 0x10004 }] }),
          1,
          /R0007\]: segments 0 and 1 overlap/,
        ],
        [
          "entry",
          image({ entry: 0x20000 }),
          1,
          /R0008\]: the entry point 0x00020000 is not in an executable segment/,
        ],
        ["object", image({ type: ET.REL }), 1, /R0005\]: expected an executable, found a relocatable object/],
        ["undefined", image({}), 3, /R0104\]: undefined instruction 0x0000/],
        ["breakpoint", image({ segments: [{ ...code, bytes: Uint8Array.from(breakpoint) }] }), 3, /R0105\]/],
      ] as const;
      for (const [name, bytes, status, message] of cases) {
        const shown = await pancake(["run", scratch.write(`${machine}-${name}.elf`, bytes)]);
        expectCleanAnswer(shown);
        expect(shown.stderr).toMatch(message);
        expect(shown.status, name).toBe(status);
      }
    },
  );

  test(
    "a compiled program cut off anywhere",
    async () => {
      const source = scratch.write("whole.pnk", "fun 1 main() { @putint(7, 0, 0, 0); return 0; }\n");
      const elf = join(scratch.path, "whole.elf");
      const object = join(scratch.path, "whole.o");
      expect((await pancake(["compile", "-o", elf, source])).status).toBe(0);
      expect((await pancake(["compile", "-c", "-o", object, source])).status).toBe(0);
      for (const [path, command] of [
        [elf, ["run", "--max-instructions", "100000"]],
        [elf, ["disasm"]],
        [object, ["disasm"]],
        [object, ["compile", "-o", join(scratch.path, "y")]],
      ] as const) {
        const whole = readFileSync(path);
        const step = Math.max(1, Math.floor(whole.length / 40));
        for (let length = 0; length < whole.length; length += step) {
          const cut = scratch.write(`cut${path.endsWith(".o") ? ".o" : ".elf"}`, whole.subarray(0, length));
          expectCleanAnswer(await pancake([...command, cut]));
        }
      }
    },
    LIMIT_MS,
  );
});

describe("the command line", () => {
  const ok = scratch.write("fine.pnk", "fun 1 main() { return 0; }\n");
  test.each([
    [["check", "--frobnicate", ok], /unknown option '--frobnicate'/],
    [["check", "--format", "xml", ok], /text, json/],
    [["nonsense"], /unknown command 'nonsense'/],
    [["chek", ok], /Did you mean check/],
    [["compile", "-O", "7", ok], /-O takes 0, 1 or 2, found `7`/],
    [["compile", "--heap", "lots", ok], /--heap takes a number of bytes/],
    [["compile", "--heap", "-8", ok], /--heap takes a number of bytes/],
    [["compile", "--stack", "1", ok], /--stack takes a number of bytes from 256 to 1099511627776/],
    [
      ["compile", "--heap", "2000G", ok],
      /--heap takes a number of bytes from 0 to 1099511627776, found `2000G`/,
    ],
    [["compile", "--march", "rv64imac_zfoo", ok], /does not know `zfoo`/],
    [["compile", "--march", "armv8", ok], /starts with `rv64imac`/],
    [["compile", "--target", "z80", ok], /riscv64, arm64, wasm32/],
    [["compile", "--target", "arm64", "--march", "rv64imac", ok], /`armv8-a` for arm64/],
    [["compile", "--target", "wasm32", "--os", "none", ok], /`--os none` is for machines/],
    [["compile", "--target", "wasm32", "--stack", "2M", ok], /`--stack` is for machines/],
    [["compile", "--target", "wasm32", "--march", "rv64imac", ok], /`--march` is for machines/],
    [["compile", "--target", "wasm32", ok, "stub.s"], /`stub.s` holds machine code/],
    [
      ["run", "--target", "wasm32", "--max-instructions", "9", ok],
      /`--max-instructions` is for programs on the emulator: .* does not count instructions/,
    ],
    [["compile", "-c", "-S", ok], /exclude each other/],
    [["compile", "-c", ok, "boot.s", "lib.a"], /`-c` takes Pancake files only.* found `boot.s`, `lib.a`/],
    [["compile", "-S", "--target", "arm64", "more.o", ok], /`-S` takes Pancake files only.* found `more.o`/],
    [["compile", "--emit", "surface-to-pan", ok, "more.o"], /`--emit` takes Pancake files only/],
    [["compile", "-c", "--target", "wasm32", ok, "more.o"], /`more.o` holds machine code/],
    [["compile", "--source-map", "x.map", ok], /goes with `-S`/],
    [["compile", "--emit", "nothing", ok], /--emit takes one of/],
    [["compile", "-MX", ok], /-MD|D/],
    [["explore", "--pass", "nothing", ok], /--pass takes `all` or one of/],
    [["run", "--max-instructions", "0", ok], /positive whole number/],
    [["run", "--executor", "warp", ok], /fast, reference/],
    [["disasm"], /missing required argument/],
    [["explain"], /missing required argument/],
  ] as const)("%j", async (words, message) => {
    const shown = await pancake(words);
    expectCleanAnswer(shown);
    expect(shown.stderr).toMatch(message);
    expect(shown.stdout).toBe("");
    expect(shown.status).toBe(2);
  });

  test("what is not there yet says so, with exit code 1", async () => {
    for (const words of [
      ["compile", "--os", "microkit", ok],
      ["run", "--os", "none", ok],
      ["build", "x.system"],
      ["explain", "X9999"],
    ]) {
      const shown = await pancake(words);
      expectCleanAnswer(shown);
      expect(shown.stderr).toMatch(/not there yet|only|there is no diagnostic/);
      expect(shown.status).toBe(1);
    }
  });
});

describe("as a process", () => {
  test(
    "a closed pipe and a device without space are no reason for a stack trace",
    () => {
      const driver = join(ROOT, "test/corpus/uart.pnk");
      const noise = scratch.write(
        "noise.pnk",
        "fun 1 main() { var i = 0; while i < 200000 { @putint(i, 0, 0, 0); i = i + 1; } return 0; }",
      );
      for (const command of [`explore ${driver}`, `run ${noise}`]) {
        const shown = pancakeProcess(`$PANCAKE ${command} | head -c 10 >/dev/null; exit 0`);
        expect(shown.stderr, command).not.toMatch(/EPIPE|internal error|^\s+at /m);
      }
      const full = pancakeProcess(`$PANCAKE compile -S -o /dev/full ${driver}`);
      expectCleanAnswer(full);
      expect(full.stderr).toContain("no space is left");
      expect(full.status).toBe(1);
    },
    LIMIT_MS,
  );
});
