// Our linker against GNU ld, and our objects in GNU ld's hands: the programs must do the same.

import { afterAll, describe, expect, test } from "vitest";
import { readObject } from "../../../compiler/object/elf/read-object.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { machineNamed } from "../../../compiler/object/machine/machine-named.ts";
import { link } from "../../../compiler/object/link/link.ts";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import type { ObjectFile } from "../../../compiler/object/object-file.ts";
import { labObject, labProgram, locateIn, options, Workshop } from "./toolchain.ts";
import { printAssembly } from "../../../compiler/target/print-assembly.ts";
import { oracleIsas } from "./oracle-isa.ts";
import { calls, cProgram, farBranches, harness } from "./programs.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

function read(shop: Workshop, name: string): ObjectFile {
  const made = readObject(shop.read(name), name, shop.isa.name);
  expect(made.diagnostics).toEqual([]);
  return made.value;
}

/** Links with both linkers; what the two programs do. */
function linkBoth(
  shop: Workshop,
  names: readonly string[],
): readonly [ReturnType<Workshop["qemu"]>, ReturnType<Workshop["qemu"]>] {
  const objects = names.map((name) => read(shop, name));
  const ours = link(objects, { entry: "_start", baseAddress: machineNamed(shop.isa.name).linuxBaseAddress });
  expect(ours.diagnostics).toEqual([]);
  shop.write("ours", ours.value, 0o755);
  shop.tool("ld", "-static", "--gc-sections", ...names, "-o", "theirs");
  return [shop.qemu("ours"), shop.qemu("theirs")];
}

describe.each(Object.values(oracleIsas))("objects of GNU as and gcc -c for $name", (isa) => {
  const shop = new Workshop(isa.name);
  afterAll(() => {
    shop.close();
  });
  for (const flags of isa.compilations) {
    test(flags.join(" "), () => {
      shop.write("start.s", isa.start);
      shop.write("c.c", isa.systemCall + cProgram);
      const own = flags.filter((flag) => /^-m(arch|abi)/.test(flag));
      const options = own.length > 0 ? own : isa.assemblerOptions;
      shop.tool("as", ...options, "start.s", "-o", "start.o");
      shop.tool("gcc", "-c", "-ffreestanding", ...flags, "c.c", "-o", "c.o");
      const [ours, theirs] = linkBoth(shop, ["start.o", "c.o"]);
      expect(ours).toEqual(theirs);
      expect(ours.stdout).toContain("checksum");
      const wrong = shop.run(`${isa.prefix}readelf`, ["-a", "-w", "ours"]).stderr;
      expect(wrong.split("\n").filter((line) => /error|corrupt|out of range/i.test(line))).toEqual([]);
    });
  }
});

describe("our objects", () => {
  test("link with gcc's by GNU ld, for both conventions of floating point", () => {
    for (const [os, abi] of [
      ["linux", ["-march=rv64gc", "-mabi=lp64d"]],
      ["none", ["-march=rv64imac", "-mabi=lp64"]],
    ] as const) {
      shop.write("p.o", writeObject(labObject(calls, "calls.pnk", options({ os }))));
      shop.write("h.c", shop.isa.systemCall + harness);
      shop.write("start.s", shop.isa.start);
      shop.tool("as", ...abi, "start.s", "-o", "start.o");
      shop.tool("gcc", "-c", "-O2", "-ffreestanding", ...abi, "h.c", "-o", "h.o");
      shop.tool("ld", "-static", "--gc-sections", "--fatal-warnings", "start.o", "h.o", "p.o", "-o", "a.out");
      expect(shop.qemu("a.out").stdout).toBe("foreign 1 2 3 4\nmain 42\nadd 30\nheap 77\n");
      const header = shop.tool("readelf", "-h", "p.o");
      expect(header).toContain(os === "linux" ? "RVC, double-float ABI" : "RVC, soft-float ABI");
    }
  });

  test("are read back as they were", () => {
    const object = labObject(calls, "calls.pnk");
    const read = readObject(writeObject(object), object.name, "riscv64").value;
    expect(read.sections.map((s) => [s.name, s.sizeBytes, s.alignment])).toEqual(
      object.sections.map((s) => [s.name, s.sizeBytes, s.alignment]),
    );
    expect(read.sections.map((s) => s.relocations.length)).toEqual(
      object.sections.map((s) => s.relocations.length),
    );
    expect(read.architecture).toBe(object.architecture);
  });

  test("satisfy readelf and objdump", () => {
    shop.write("p.o", writeObject(labObject(calls, "calls.pnk")));
    const text = shop.tool("readelf", "-a", "-w", "p.o") + shop.tool("objdump", "-dlr", "p.o");
    expect(text.split("\n").filter((line) => /warning|error|corrupt|unrecogni/i.test(line))).toEqual([]);
  });
});

describe("-S", () => {
  /** The code that GNU as makes of our text against ours, both linked by GNU ld. */
  function codes(text: string, optimise: 0 | 1): readonly [string, string] {
    const given = options({ optimise });
    const object = labObject(text, "p.pnk", given);
    const context = { options: given, object, debug: true, locate: locateIn(text, "p.pnk") };
    shop.write("p.s", printAssembly(labProgram(text), context).text);
    shop.tool("as", "-march=rv64imafdc", "-mabi=lp64d", "p.s", "-o", "theirs.o");
    shop.write("ours.o", writeObject(object));
    const code = (name: string): string => {
      shop.tool(
        "ld",
        "--no-relax",
        "-Ttext=0x10000",
        "--unresolved-symbols=ignore-all",
        `${name}.o`,
        "-o",
        `${name}.elf`,
      );
      shop.tool("objcopy", "-O", "binary", "-j", ".text", `${name}.elf`, `${name}.bin`);
      return Buffer.from(shop.read(`${name}.bin`)).toString("hex");
    };
    return [code("ours"), code("theirs")];
  }

  test("assembles to the same bytes, with and without short forms", () => {
    for (const optimise of [0, 1] as const) {
      for (const text of [calls, farBranches(10), farBranches(300), farBranches(3000)]) {
        const [ours, theirs] = codes(text, optimise);
        expect(ours).toBe(theirs);
      }
    }
  });

  test("branches and jumps beyond a megabyte reach", () => {
    const [ours, theirs] = codes(farBranches(262_500), 0);
    expect(ours === theirs).toBe(true);
    const object = labObject(farBranches(262_500), "p.pnk", options({ optimise: 0 }));
    const parts = { object, others: [], stackNeed: 0, baseAddress: null, producer: "test", folder: "" };
    shop.write("far", linkProgram(parts, options()).value, 0o755);
    expect(shop.qemu("far").status).toBe(7);
  });
});
