// What the compiler makes of Pancake programs, in the hands of the GNU tools of each machine: objects that link with C,
// and assembly text of which GNU as makes the same bytes.

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import {
  analyse,
  compileProgram,
  compileToAssembly,
  compileToLinkable,
  type Analysis,
} from "../../../compiler/compile.ts";
import { readArchive } from "../../../compiler/object/archive/read-archive.ts";
import { readObject } from "../../../compiler/object/elf/read-object.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import { printAssembly } from "../../../compiler/target/print-assembly.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { farBranchesArm64, harness } from "./programs.ts";
import { labObject, labProgram, locateIn, options, Workshop } from "./toolchain.ts";

/** What `harness` calls: an exported function, a foreign call, a global and the heap. */
const calls = `
var 1 global = 0;
fun 1 plus(1 x) { return global + x; }
export fun 1 add(1 a, 1 b) { return a + b; }
fun 1 main() {
  @show(1, 2, 3, 4);
  global = 40;
  st @base + 8, 77;
  var 1 sum = 0;
  sum = plus(2);
  return sum;
}
`;

function corpus(name: string): string {
  return readFileSync(new URL(`../../corpus/${name}.pnk`, import.meta.url), "utf8");
}

function analysed(text: string): Analysis {
  const analysis = analyse([{ path: "p.pnk", text }], { reader: { read: () => null } });
  expect(analysis.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  return analysis;
}

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  afterAll(() => {
    shop.close();
  });

  function complaints(text: string): readonly string[] {
    return text.split("\n").filter((line) => /warning|error|corrupt|unrecogni/i.test(line));
  }

  test("an object links with gcc's by GNU ld", () => {
    const object = compileToLinkable(analysed(calls), options({ target })).value;
    shop.write("p.o", writeObject(object));
    shop.write("h.c", shop.isa.systemCall + harness);
    shop.write("start.s", shop.isa.start);
    shop.tool("as", ...shop.isa.assemblerOptions, "start.s", "-o", "start.o");
    shop.tool("gcc", "-c", "-O2", "-ffreestanding", "h.c", "-o", "h.o");
    shop.tool("ld", "-static", "--gc-sections", "--fatal-warnings", "start.o", "h.o", "p.o", "-o", "a.out");
    expect(shop.qemu("a.out").stdout).toBe("foreign 1 2 3 4\nmain 42\nadd 30\nheap 77\n");
    const text = shop.tool("readelf", "-a", "-w", "p.o") + shop.tool("objdump", "-dlr", "p.o");
    expect(complaints(text)).toEqual([]);
  });

  test("an object is read back as it was", () => {
    const object = compileToLinkable(analysed(calls), options({ target })).value;
    const read = readObject(writeObject(object), object.name, target).value;
    const shape = ({ sections }: typeof object): unknown =>
      sections.map((s) => [s.name, s.sizeBytes, s.alignment, s.relocations.length]);
    expect(shape(read)).toEqual(shape(object));
    const names = ({ symbols }: typeof object): string[] => symbols.map((s) => s.name).sort();
    // The file's symbol 0 has no name.
    expect(names(read)).toEqual(["", ...names(object)]);
  });

  test("members of a library that gcc and ar made are linked as they are needed", () => {
    const calls =
      "fun 1 main() { @twice(21, 0, @base, 8); var 1 x = lds 1 @base; @putint(x, 0, 0, 0); return 0; }";
    shop.write(
      "twice.c",
      "long half(long); void ffitwice(long a, long b, long *c) { *c = 2 * half(2 * a); }",
    );
    shop.write("a_file_with_a_rather_long_name.c", "long half(long x) { return x / 2; }");
    shop.write("unused.c", "void missing(void); void ffiunused(void) { missing(); }");
    const names = ["twice", "a_file_with_a_rather_long_name", "unused"];
    for (const name of names) shop.tool("gcc", "-c", "-O2", "-fno-pic", `${name}.c`, "-o", `${name}.o`);
    shop.tool("ar", "rcs", "lib.a", ...names.map((name) => `${name}.o`));
    const archive = readArchive(shop.read("lib.a"), "lib.a");
    const request = { others: [], archives: [archive.value], baseAddress: null };
    const made = compileProgram(analysed(calls), options({ target }), request);
    expect([...archive.diagnostics, ...made.diagnostics]).toEqual([]);
    shop.write("a.out", made.value, 0o755);
    expect(shop.qemu("a.out").stdout).toBe("42\n");
  });

  /** The code of an object after GNU ld. */
  function code(name: string): string {
    const elf = `${name}.elf`;
    const rest = ["--no-relax", "-Ttext=0x10000", "--unresolved-symbols=ignore-all"];
    shop.tool("ld", ...rest, `${name}.o`, "-o", elf);
    shop.tool("objcopy", "-O", "binary", "-j", ".text", elf, `${name}.bin`);
    return Buffer.from(shop.read(`${name}.bin`)).toString("hex");
  }

  test.each(["uart", "timer", "ethernet"])("GNU as makes the same code of -S: %s", (name) => {
    for (const optimise of [0, 1, 2] as const) {
      const analysis = analysed(corpus(name));
      const given = options({ target, optimise });
      shop.write("ours.o", writeObject(compileToLinkable(analysis, given).value));
      shop.write("theirs.s", compileToAssembly(analysis, given).value.text);
      shop.tool("as", ...shop.isa.assemblerOptions, "theirs.s", "-o", "theirs.o");
      expect(code("ours")).toBe(code("theirs"));
    }
  });
});

describe("arm64 branches", () => {
  const shop = new Workshop("arm64");
  afterAll(() => {
    shop.close();
  });
  const given = options({ target: "arm64" });

  test.each([10, 9000, 263_000])("over %i instructions reach", (count) => {
    const text = farBranchesArm64(count);
    const object = labObject(text, "p.pnk", given);
    const context = { options: given, object, debug: false, locate: locateIn(text, "p.pnk") };
    shop.write("theirs.s", printAssembly(labProgram(text), context).text);
    shop.tool("as", "theirs.s", "-o", "theirs.o");
    const parts = { object, others: [], stackNeed: 0, baseAddress: null, producer: "test", folder: "" };
    shop.write("far", linkProgram(parts, given).value, 0o755);
    expect(shop.qemu("far").status).toBe(7);
  });
});
