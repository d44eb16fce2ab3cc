// `pancake cake`'s output against C: every item of reference-compiler.md 4.6 that a program can observe.

import { afterAll, describe, expect, test } from "vitest";
import { cakeAssembly } from "../../../compiler/cake/cake-assembly.ts";
import { labObject, labProgram, locateIn, options, Workshop, type Ran } from "../object/toolchain.ts";
import { buildWithC, lines, SAYS } from "./c-half.ts";
import { deepMain, fullProgram, plainMain } from "./programs.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

function cakeText(text: string, mainReturn: boolean): string {
  const given = options({ os: "cake", mainReturn });
  const object = labObject(text, "p.pnk", given);
  const made = cakeAssembly(labProgram(text), {
    options: given,
    object,
    debug: false,
    locate: locateIn(text, "p.pnk"),
  });
  expect(made.diagnostics).toEqual([]);
  return made.value;
}

interface Build {
  readonly program: string;
  readonly mainReturn: boolean;
  readonly scenario: number;
  readonly stack: number;
}

function runBuild({ program, mainReturn, scenario, stack }: Build): Ran {
  // Not every program has all functions that shim.c calls in its other scenarios.
  const flags = ["-O1", "-Wl,--unresolved-symbols=ignore-all"];
  buildWithC(shop, cakeText(program, mainReturn), { scenario, stack, mainReturn }, flags);
  return shop.qemu("a.out");
}

describe("with --main_return=true", () => {
  test("entry discipline, arguments, globals, heap, re-entry", () => {
    const ran = runBuild({ program: fullProgram, mainReturn: true, scenario: 1, stack: 4096 });
    expect(lines(ran)).toEqual(SAYS.entry);
    expect(ran.status).toBe(0);
  });

  test("an overflow is reported, C gets control back unharmed, later calls work", () => {
    const ran = runBuild({ program: fullProgram, mainReturn: true, scenario: 2, stack: 2048 });
    expect(lines(ran)).toEqual(SAYS.overflow);
  });

  test("callee-saved registers, gp, tp and the stack pointer survive; foreign functions see an aligned stack", () => {
    const ran = runBuild({ program: fullProgram, mainReturn: true, scenario: 3, stack: 4096 });
    expect(lines(ran).slice(1)).toEqual(SAYS.registers);
  });

  test("a region of 256 bytes is enough for small functions and refused by large ones", () => {
    const ran = runBuild({ program: fullProgram, mainReturn: true, scenario: 4, stack: 256 });
    expect(lines(ran).slice(1)).toEqual(["f0 6", "cml_exit(2)", "big 2", "f0 7"]);
  });

  test("an overflow in cml_main with an exit that returns", () => {
    const ran = runBuild({ program: deepMain, mainReturn: true, scenario: 6, stack: 4096 });
    expect(lines(ran)).toEqual(["cml_exit(2)", "back"]);
  });

  test("cml_main leaves main's value in the result register", () => {
    const ran = runBuild({ program: plainMain, mainReturn: true, scenario: 7, stack: 1024 });
    expect(lines(ran)).toEqual(["c=1 clen=2 a=3 alen=4", "value 7"]);
  });
});

describe("without --main_return", () => {
  test("the end of main is cml_exit(0)", () => {
    const ran = runBuild({ program: plainMain, mainReturn: false, scenario: 5, stack: 512 });
    expect(lines(ran)).toEqual(["c=1 clen=2 a=3 alen=4", "cml_exit(0)"]);
    expect(ran.status).toBe(0);
  });

  test("an overflow is cml_exit(2), found before main or while it runs", () => {
    const early = runBuild({ program: plainMain, mainReturn: false, scenario: 5, stack: 128 });
    expect(lines(early)).toEqual(["cml_exit(2)"]);
    const late = runBuild({ program: deepMain, mainReturn: false, scenario: 5, stack: 4096 });
    expect(lines(late)).toEqual(["cml_exit(2)"]);
    expect(late.status).toBe(2);
  });

  test("exported functions have no symbol", () => {
    shop.write("x.S", cakeText(fullProgram, false));
    shop.tool("gcc", "-c", "x.S", "-o", "x.o");
    const names = shop
      .tool("nm", "x.o")
      .split("\n")
      .filter((line) => / [A-TV-Z] /.test(line));
    expect(names.map((line) => line.split(" ").at(-1)).sort()).toEqual([
      "cake_bitmaps_buffer_begin",
      "cake_bitmaps_buffer_end",
      "cake_codebuffer_begin",
      "cake_codebuffer_end",
      "cml_heap",
      "cml_main",
      "cml_stack",
      "cml_stackend",
    ]);
  });
});

describe("the text", () => {
  test("is the same program after any C preprocessing", () => {
    const text = cakeText(fullProgram, true);
    shop.write("x.S", text);
    shop.write("x.s", text);
    const macros = ["-Df0x", "-Dmain=7", "-Dlinux", "-Dpancake_state=1"];
    shop.tool("gcc", "-c", ...macros, "x.S", "-o", "one.o");
    shop.tool("as", "-march=rv64imafdc", "-mabi=lp64d", "x.s", "-o", "two.o");
    for (const name of ["one", "two"]) shop.tool("ld", "-r", `${name}.o`, "-o", `${name}.r`);
    const dump = (name: string): string => shop.tool("objdump", "-d", name).replace(/^.*file format.*$/m, "");
    expect(dump("one.r")).toBe(dump("two.r"));
  });

  test("assembles for rv64imac as well as for rv64gc", () => {
    shop.write("x.S", cakeText(fullProgram, true));
    shop.tool("gcc", "-c", "-march=rv64imac", "-mabi=lp64", "x.S", "-o", "soft.o");
    expect(shop.tool("readelf", "-h", "soft.o")).toContain("soft-float ABI");
  });
});
