// `pancake cake`'s output against C: every item of reference-compiler.md 4.6 that a program can observe.

import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { analyse, compileToCake } from "../../../compiler/compile.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { options, Workshop, type Ran } from "../object/toolchain.ts";
import { buildWithC, lines, SAYS, type Scenario } from "./c-half.ts";
import { deepMain, fullProgram, plainMain } from "./programs.ts";

const FILE = "driver.pnk";

interface Build extends Scenario {
  readonly program: string;
  readonly optimise?: 0 | 1 | 2;
}

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  afterAll(() => {
    shop.close();
  });

  function cakeText(text: string, mainReturn: boolean, optimise: 0 | 1 | 2 = 1): string {
    const analysis = analyse([{ path: FILE, text }], { reader: { read: () => null } });
    expect(analysis.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
    const made = compileToCake(analysis, options({ target, os: "cake", mainReturn, optimise }));
    expect(made.diagnostics).toEqual([]);
    return made.value;
  }

  function run({ program, optimise, ...scenario }: Build): Ran {
    // Not every program has all functions that shim.c calls in its other scenarios.
    const flags = ["-O1", "-Wl,--unresolved-symbols=ignore-all"];
    buildWithC(shop, cakeText(program, scenario.mainReturn, optimise), scenario, flags);
    return shop.qemu("a.out");
  }

  describe.each([0, 1, 2] as const)("with --main_return=true, -O%i", (optimise) => {
    const full = { program: fullProgram, mainReturn: true, optimise };

    test("entry discipline, arguments, globals, heap, re-entry", () => {
      const ran = run({ ...full, scenario: 1, stack: 4096 });
      expect(lines(ran)).toEqual(SAYS.entry);
      expect(ran.status).toBe(0);
    });

    test("an overflow is reported, C gets control back unharmed, later calls work", () => {
      expect(lines(run({ ...full, scenario: 2, stack: 2048 }))).toEqual(SAYS.overflow);
    });

    test("C's registers and stack pointer survive; foreign functions see an aligned stack", () => {
      expect(lines(run({ ...full, scenario: 3, stack: 4096 })).slice(1)).toEqual(SAYS.registers);
    });

    test("a small region is enough for small functions and refused by large ones", () => {
      expect(lines(run({ ...full, scenario: 4, stack: 256 })).slice(1)).toEqual(["f0 6", "big 0", "f0 7"]);
      const refused = ["f0 6", "cml_exit(2)", "big 2", "f0 7"];
      expect(lines(run({ ...full, scenario: 4, stack: 128 })).slice(1)).toEqual(refused);
    });
  });

  test("an overflow in cml_main with an exit that returns", () => {
    const ran = run({ program: deepMain, mainReturn: true, scenario: 6, stack: 4096 });
    expect(lines(ran)).toEqual(["cml_exit(2)", "back"]);
  });

  test("cml_main leaves main's value in the result register", () => {
    const ran = run({ program: plainMain, mainReturn: true, scenario: 7, stack: 1024 });
    expect(lines(ran)).toEqual(["c=1 clen=2 a=3 alen=4", "value 139"]);
  });

  describe("without --main_return", () => {
    test("the end of main is cml_exit(0)", () => {
      const ran = run({ program: plainMain, mainReturn: false, scenario: 5, stack: 512 });
      expect(lines(ran)).toEqual(["c=1 clen=2 a=3 alen=4", "cml_exit(0)"]);
      expect(ran.status).toBe(0);
    });

    test("an overflow is cml_exit(2), found before main or while it runs", () => {
      const early = run({ program: plainMain, mainReturn: false, scenario: 5, stack: 96 });
      expect(lines(early)).toEqual(["cml_exit(2)"]);
      const late = run({ program: deepMain, mainReturn: false, scenario: 5, stack: 4096 });
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

  test("the text is the same program after any C preprocessing", () => {
    const text = cakeText(fullProgram, true);
    shop.write("x.S", text);
    shop.write("x.s", text);
    const macros = ["-Df0x", "-Dmain=7", "-Dlinux", "-Dpancake_state=1"];
    shop.tool("gcc", "-c", ...macros, "x.S", "-o", "one.o");
    shop.tool("as", ...shop.isa.assemblerOptions, "x.s", "-o", "two.o");
    for (const name of ["one", "two"]) shop.tool("ld", "-r", `${name}.o`, "-o", `${name}.r`);
    const dump = (name: string): string => shop.tool("objdump", "-d", name).replace(/^.*file format.*$/m, "");
    expect(dump("one.r")).toBe(dump("two.r"));
  });

  test("gdb finds its way from Pancake code back into C", () => {
    shop.write(FILE, fullProgram);
    const scenario = { scenario: 1, stack: 4096, mainReturn: true };
    buildWithC(shop, cakeText(fullProgram, true, 0), scenario, ["-g", "-O0"]);
    const port = 20_000 + (process.pid % 20_000);
    const qemu = spawn(shop.isa.qemu, ["-g", String(port), shop.path("a.out")], { stdio: "ignore" });
    try {
      const condition = `break deep if $${shop.isa.firstArgument} == 18`;
      const script = ["set pagination off", "set confirm off", `target remote :${String(port)}`, condition];
      shop.write("script", [...script, "continue", "bt", "kill"].join("\n"));
      const out = shop.run("gdb-multiarch", ["-q", "-batch", "-nx", "-x", "script", "a.out"]).stdout;
      expect(out).toMatch(
        /#0 +deep \(\) at .*driver\.pnk:(\d+)\n#1 .* deep \(\) at .*driver\.pnk:\d+\n#2 .* deep/,
      );
      expect(out).toMatch(/#4 .* main \(\) at .*shim\.c:\d+/);
    } finally {
      qemu.kill();
    }
  });
});

test("the text assembles for rv64imac as well as for rv64gc", () => {
  const shop = new Workshop("riscv64");
  const analysis = analyse([{ path: FILE, text: fullProgram }], { reader: { read: () => null } });
  shop.write("x.S", compileToCake(analysis, options({ os: "cake", mainReturn: true })).value);
  shop.tool("gcc", "-c", "-march=rv64imac", "-mabi=lp64", "x.S", "-o", "soft.o");
  expect(shop.tool("readelf", "-h", "soft.o")).toContain("soft-float ABI");
  shop.close();
});
