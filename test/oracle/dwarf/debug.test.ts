// Our debugging tables in the hands of the GNU tools: readelf, addr2line, objdump, gdb.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyse, compileProgram, compileToAssembly, compileToLinkable } from "../../../compiler/compile.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { options, Workshop } from "../object/toolchain.ts";

const FILE = "fib.pnk";
const fibonacci = `fun 1 main() {
  var 1 result = 0;
  result = fib(10);
  return result + 1;
}

export fun 1 fib(1 n) {
  if n < 2 {
    return n;
  }
  var 1 a = 0;
  a = fib(n - 1);
  var 1 b = 0;
  b = fib(n - 2);
  return a + b;
}
`;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  const given = options({ target, optimise: 0 });

  beforeAll(() => {
    shop.write(FILE, fibonacci);
    const analysis = analyse([{ path: FILE, text: fibonacci }], { reader: { read: () => null } });
    const linked = compileProgram(analysis, given);
    expect(linked.diagnostics).toEqual([]);
    shop.write("fib", linked.value, 0o755);
    shop.write("fib.o", writeObject(compileToLinkable(analysis, given).value));
    shop.write("fib.s", compileToAssembly(analysis, given).value.text);
  });
  afterAll(() => {
    shop.close();
  });

  function symbolAddress(name: string): number {
    const line = shop
      .tool("nm", "fib")
      .split("\n")
      .find((text) => text.endsWith(` ${name}`));
    return parseInt(line ?? "", 16);
  }

  test("readelf reads all tables without complaint, in objects and programs", () => {
    for (const name of ["fib", "fib.o"]) {
      const dump = shop.tool("readelf", "-w", name);
      expect(dump.split("\n").filter((line) => /warning|error|corrupt|unable/i.test(line))).toEqual([]);
      for (const word of ["DW_TAG_subprogram", "DW_CFA_def_cfa_offset", "Line Number Statements"]) {
        expect(dump).toContain(word);
      }
    }
  });

  test("addr2line finds function and line", () => {
    const at = symbolAddress("fib");
    expect(shop.tool("addr2line", "-f", "-e", "fib", at.toString(16)).trim()).toBe(`fib\n${FILE}:8`);
    const lines = Array.from({ length: 60 }, (_, i) => (at + 2 * i).toString(16));
    const found = shop.tool("addr2line", "-e", "fib", ...lines);
    for (const line of [8, 9, 12, 14, 15]) expect(found).toContain(`${FILE}:${String(line)}`);
  });

  test("objdump puts source lines beside the code", () => {
    expect(shop.tool("objdump", "-dl", "fib")).toContain(`${FILE}:12`);
    expect(shop.tool("objdump", "-dS", "fib")).toContain("a = fib(n - 1);");
  });

  test("GNU as makes the same line and frame tables of `-S`", () => {
    shop.tool("as", ...shop.isa.assemblerOptions, "fib.s", "-o", "as.o");
    for (const name of ["fib.o", "as.o"])
      shop.tool("ld", "-Ttext=0x10000", "-e0", "--unresolved-symbols=ignore-all", name, "-o", `${name}.elf`);
    const addresses = Array.from({ length: 40 }, (_, i) => (0x10000 + 2 * i).toString(16));
    const [ours, theirs] = ["fib.o.elf", "as.o.elf"].map((name) =>
      shop.tool("addr2line", "-f", "-e", name, ...addresses),
    );
    expect(ours).toBe(theirs);
    const rows = (name: string): readonly string[] =>
      shop
        .tool("readelf", "--debug-dump=frames-interp", name)
        .split("\n")
        .filter((line) => /^[0-9a-f]{16} sp/.test(line));
    expect(rows("fib.o.elf").length).toBeGreaterThan(4);
    expect(rows("fib.o.elf")).toEqual(rows("as.o.elf"));
  });

  test("gdb breaks by function name, lists the source, unwinds the stack", async () => {
    const port = await freePort();
    const qemu = spawn(shop.isa.qemu, ["-g", String(port), shop.path("fib")], { stdio: "ignore" });
    try {
      const script = [
        "set pagination off",
        "set confirm off",
        `target remote :${String(port)}`,
        `break fib if $${shop.isa.firstArgument} == 7`,
        "continue",
        "bt",
        "list",
        "finish",
        "bt 1",
        "kill",
      ];
      shop.write("script", script.join("\n"));
      const out = shop.run("gdb-multiarch", ["-q", "-batch", "-nx", "-x", "script", "fib"]).stdout;
      expect(out).toMatch(/Breakpoint 1, fib \(\) at fib\.pnk:8/);
      expect(out).toMatch(/#0 {2}fib \(\) at fib\.pnk:8\n#1 .* in fib \(\) at fib\.pnk:12\n/);
      expect(out).toMatch(/#4 .* in main \(\) at fib\.pnk:3\n/);
      expect(out).toContain("a = fib(n - 1);");
      expect(out).toMatch(/#4 [^]*in fib \(\) at fib\.pnk:12\n12/);
    } finally {
      qemu.kill();
    }
  });
});
