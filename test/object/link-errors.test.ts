// What the linker says about programs that cannot be linked; goldens of assembly files are in test/cases/link.

import { describe, expect, test } from "vitest";
import { R_RISCV } from "../../spec/abi/elf-riscv64.ts";
import { link } from "../../compiler/object/link/link.ts";
import {
  plainSection,
  SECTION_FLAGS,
  type ObjectFile,
  type ObjectMachine,
} from "../../compiler/object/object-file.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { nearest } from "../../compiler/source/near-miss.ts";
import { linkProgram } from "../../compiler/target/link-program.ts";
import { takenNames } from "../../compiler/target/reserved-names.ts";
import { objectOf, program, SAMPLE } from "./samples.ts";

const request = { others: [], stackNeed: 0, baseAddress: null, producer: "test", folder: "" };

describe("foreign functions", () => {
  test("an unknown one is named as in the source, at its call, with the nearest known one", () => {
    const text = SAMPLE.replace("foreign putchar", "foreign putcher");
    const [problem, ...rest] = linkProgram(
      { ...request, object: objectOf(text) },
      defaultOptions,
    ).diagnostics;
    expect(rest).toEqual([]);
    expect(problem).toMatchObject({
      code: "L0201",
      message: "unknown foreign function `@putcher`, called in `main` of sample.pnk",
      help: "did you mean `@putchar`?",
    });
    expect(text.slice(problem?.span.start, problem?.span.end)).toContain("foreign putcher");
  });

  test("without a near name the help says which symbol is needed, and other calls are shown", () => {
    const text = SAMPLE.replace("foreign putchar", "foreign blink\n  foreign blink");
    const [problem] = linkProgram({ ...request, object: objectOf(text) }, defaultOptions).diagnostics;
    expect(problem?.help).toContain("needs the symbol `ffiblink`");
    expect(problem?.related).toHaveLength(1);
  });

  test("on the bare machine none is known", () => {
    const options = { ...defaultOptions, os: "none" } as const;
    const { diagnostics } = linkProgram({ ...request, object: objectOf(SAMPLE, options) }, options);
    expect(diagnostics.map((d) => d.code)).toEqual(["L0201"]);
  });
});

test("a stack that the calls of main do not fit", () => {
  const { diagnostics } = linkProgram(
    { ...request, object: objectOf(SAMPLE), stackNeed: 2 << 20 },
    defaultOptions,
  );
  expect(diagnostics.map((d) => [d.code, d.help])).toEqual([["L0207", "give more with `--stack 2097152`"]]);
});

test.each([
  ["riscv64", 2 ** 31],
  ["arm64", 2 ** 32],
] as const)("a stack that code of %s does not reach", (machine, reach) => {
  const object = { ...objectOf(SAMPLE), machine };
  const { diagnostics } = linkProgram({ ...request, object }, { ...defaultOptions, stackBytes: reach });
  expect(diagnostics.map((d) => [d.code, d.message])).toEqual([
    [
      "L0208",
      `a stack of ${String(reach)} bytes is out of reach: code of ${machine} reaches addresses within ${String(reach)} bytes`,
    ],
  ]);
});

test("a stack that code just reaches", () => {
  const options = { ...defaultOptions, stackBytes: 2 ** 31 - 2 ** 20 };
  expect(linkProgram({ ...request, object: objectOf(SAMPLE) }, options).diagnostics).toEqual([]);
});

test("exported functions with names that belong to somebody else", () => {
  const text = SAMPLE.replace("export section twice", "export section cml_main").replace(
    "call twice",
    "call cml_main",
  );
  const named = (os: "cake" | "linux", from: string): readonly string[] =>
    takenNames(program(from), { ...defaultOptions, os }).map((d) => `${d.code} ${d.message}`);
  expect(named("linux", text)).toEqual([]);
  expect(named("cake", text)).toEqual([
    "L0206 the exported function `cml_main` has the name of a symbol that the link interface defines",
  ]);
  const foreign = text.replaceAll("cml_main", "ffiputchar");
  expect(named("cake", foreign)[0]).toContain("that the foreign function `@putchar` defines");
});

describe("relocations", () => {
  function objectWith(type: number, machine: ObjectMachine = "riscv64"): ObjectFile {
    const text = plainSection(".text", SECTION_FLAGS.text, new Uint8Array(8), 4);
    const relocation = { offset: 0, type, symbol: 0, addend: 0n };
    const place = { kind: "section", section: 0, offset: 0 } as const;
    return {
      name: "hand.o",
      machine,
      flags: 0,
      architecture: null,
      sections: [{ ...text, relocations: [relocation] }],
      symbols: [{ name: "_start", place, sizeBytes: 8, binding: "global", type: "function" }],
    };
  }
  const codesFor = (type: number, machine: ObjectMachine = "riscv64"): readonly string[] =>
    link([objectWith(type, machine)], { entry: "_start", baseAddress: 0x10000n }).diagnostics.map(
      (d) => `${d.code} ${d.message}`,
    );

  test("of shared objects and thread-local variables are refused by name", () => {
    expect(codesFor(29)).toEqual([
      "L0108 `_start` of hand.o needs the relocation TPREL_HI20 (thread-local variables), which is not supported",
    ]);
    expect(codesFor(250)[0]).toContain("number 250");
    expect(codesFor(549, "arm64")).toEqual([
      "L0108 `_start` of hand.o needs the relocation TLSLE_ADD_TPREL_HI12 (thread-local variables), which is not supported",
    ]);
    expect(codesFor(1024, "arm64")[0]).toContain("COPY (shared objects)");
    expect(codesFor(2, "arm64")[0]).toContain("number 2");
  });

  test("that we know are applied", () => {
    for (const type of [
      R_RISCV.CALL_PLT,
      R_RISCV.JAL,
      R_RISCV.BRANCH,
      R_RISCV[32],
      R_RISCV[64],
      R_RISCV.HI20,
    ]) {
      expect(codesFor(type)).toEqual([]);
    }
  });
});

describe("near names", () => {
  test("swaps, replacements, insertions and deletions are slips", () => {
    expect(nearest("putcher", ["puthex", "putchar"])).toBe("putchar");
    expect(nearest("putchr", ["puthex", "putchar"])).toBe("putchar");
    expect(nearest("ptuchar", ["putchar"])).toBe("putchar");
    expect(nearest("putcharr", ["putchar"])).toBe("putchar");
  });

  test("another name is not", () => {
    expect(nearest("led_on", ["putchar"])).toBeNull();
    expect(nearest("x", ["y"])).toBeNull();
  });
});
