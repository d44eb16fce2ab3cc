// Our debugging tables in the hands of the GNU tools: readelf, addr2line, objdump, gdb.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import { printAssembly } from "../../../compiler/target/print-assembly.ts";
import { labObject, labProgram, locateIn, options, Workshop } from "../object/toolchain.ts";

const fibonacci = `isa riscv64; entry main;
section main(0) -> 1 frame 16 {
  addi sp, sp, -16
  sd ra, 8(sp) : stack
  addi a0, zero, 10
  call fib
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return
}
export section fib(1) -> 1 frame 32 {
  addi t0, zero, 2
  if bge a0, t0 then b1
  return
b1:
  addi sp, sp, -32
  sd ra, 24(sp) : stack
  sd s0, 16(sp) : stack
  sd s1, 8(sp) : stack
  addi s0, a0, 0
  addi a0, s0, -1
  call fib
  addi s1, a0, 0
  addi a0, s0, -2
  call fib
  add a0, a0, s1
  ld ra, 24(sp) : stack
  ld s0, 16(sp) : stack
  ld s1, 8(sp) : stack
  addi sp, sp, 32
  return
}
`;
const FILE = "fib.pnk";
const shop = new Workshop();

beforeAll(() => {
  shop.write(FILE, fibonacci);
  const object = labObject(fibonacci, FILE);
  const parts = { object, others: [], stackNeed: 0, baseAddress: null, producer: "pancake test", folder: "" };
  const linked = linkProgram(parts, options());
  expect(linked.diagnostics).toEqual([]);
  shop.write("fib", linked.value, 0o755);
  shop.write("fib.o", writeObject(object));
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

describe("tables", () => {
  test("readelf reads all of them without complaint, in objects and programs", () => {
    for (const name of ["fib", "fib.o"]) {
      const dump = shop.tool("readelf", "-w", name);
      expect(dump.split("\n").filter((line) => /warning|error|corrupt|unable/i.test(line))).toEqual([]);
      for (const word of ["DW_TAG_subprogram", "DW_CFA_def_cfa_offset", "Line Number Statements"]) {
        expect(dump).toContain(word);
      }
    }
  });

  test("addr2line finds function and line", () => {
    const at = symbolAddress("fib").toString(16);
    expect(shop.tool("addr2line", "-f", "-e", "fib", at).trim()).toBe(`fib\n${FILE}:12`);
    // The base case, after `addi` in two bytes and the branch in four.
    const next = (symbolAddress("fib") + 6).toString(16);
    expect(shop.tool("addr2line", "-e", "fib", next).trim()).toBe(`${FILE}:14`);
  });

  test("objdump puts source lines beside the code", () => {
    expect(shop.tool("objdump", "-dl", "fib")).toContain(`${FILE}:24`);
    expect(shop.tool("objdump", "-dS", "fib")).toContain("call fib");
  });

  test("GNU as makes the same line table of `-S`", () => {
    const object = labObject(fibonacci, FILE);
    const context = { options: options(), object, debug: true, locate: locateIn(fibonacci, FILE) };
    shop.write("fib.s", printAssembly(labProgram(fibonacci), context).text);
    shop.tool("as", "-march=rv64imafdc", "-mabi=lp64d", "fib.s", "-o", "as.o");
    for (const name of ["fib.o", "as.o"]) shop.tool("ld", "-Ttext=0x10000", "-e0", name, "-o", `${name}.elf`);
    for (let address = 0x10000; address < 0x10050; address += 6) {
      const [ours, theirs] = ["fib.o.elf", "as.o.elf"].map((name) =>
        shop.tool("addr2line", "-f", "-e", name, address.toString(16)),
      );
      expect(ours).toBe(theirs);
    }
    const rows = (name: string): readonly string[] =>
      shop
        .tool("readelf", "--debug-dump=frames-interp", name)
        .split("\n")
        .filter((line) => /^[0-9a-f]{16} sp/.test(line));
    expect(rows("fib.o.elf")).toEqual(rows("as.o.elf"));
  });
});

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

describe("gdb", () => {
  test("breaks by function name, lists the source, unwinds the stack", async () => {
    const port = await freePort();
    const qemu = spawn("qemu-riscv64", ["-g", String(port), shop.path("fib")], { stdio: "ignore" });
    try {
      const script = [
        "set pagination off",
        "set confirm off",
        `target remote :${String(port)}`,
        "break fib if $a0 == 7",
        "continue",
        "bt",
        "list",
        "finish",
        "bt 1",
        "kill",
      ];
      shop.write("script", script.join("\n"));
      const out = shop.run("gdb-multiarch", ["-q", "-batch", "-nx", "-x", "script", "fib"]).stdout;
      expect(out).toContain(`Breakpoint 1, fib () at ${FILE}:12`);
      expect(out).toMatch(/#0 {2}fib \(\) at fib\.pnk:12\n#1 .* in fib \(\) at fib\.pnk:22\n/);
      expect(out).toMatch(/#4 .* in main \(\) at fib\.pnk:6\n/);
      expect(out).toContain("if bge a0, t0 then b1");
      expect(out).toMatch(/fib \(\) at fib\.pnk:23/);
    } finally {
      qemu.kill();
    }
  });
});
