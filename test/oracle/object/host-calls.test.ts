// The start-up code and host calls of `--os linux` under qemu-user: output, input, exit status, traps, short writes.

import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { compiled, labObject, options, Workshop } from "./toolchain.ts";

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  afterAll(() => {
    shop.close();
  });
  const given = options({ target, heapBytes: 1 << 16 });

  /** A program with that body of main, in Pancake. */
  function build(body: string, more = ""): string {
    return shop.write("a.out", compiled(`${more}\nfun 1 main() {\n${body}\n}\n`, given), 0o755);
  }

  const endsInTrap = (end: unknown): boolean => end === "SIGTRAP" || end === 133;

  describe("output", () => {
    test("numbers", () => {
      const numbers = [0n, 1n, 9n, 10n, -1n, 123456789n, (1n << 63n) - 1n, -(1n << 63n), 0xdeadbeefn];
      const hex = (n: bigint): string => BigInt.asUintN(64, n).toString(16).padStart(16, "0");
      const calls = numbers.map((n) => `@putint(0x${hex(n)}, 0, 0, 0); @puthex(0x${hex(n)}, 0, 0, 0);`);
      build(`${calls.join("\n")} return 0;`);
      expect(shop.qemu("a.out").stdout).toBe(numbers.map((n) => `${String(n)}\n${hex(n)}\n`).join(""));
    });

    test("characters beyond the buffer, in order with everything else", () => {
      build(`
        var 1 i = 0;
        while i < 20480 { @putchar((i & 63) + 48, 0, 0, 0); i = i + 1; }
        st8 @base, 65;
        @write(@base, 1, 0, 0);
        @write(@base, 12288, 0, 0);
        @putchar(66, 0, 0, 0);
        return 300;`);
      const ran = shop.qemu("a.out");
      const characters = Array.from({ length: 20480 }, (_, i) => String.fromCharCode(48 + (i & 63)));
      expect(ran.stdout).toBe(`${characters.join("")}AA${"\0".repeat(12287)}B`);
      expect(ran.status).toBe(300 & 255);
    });

    test("pieces that do not fit what is left of the buffer", () => {
      build(`
        var 1 i = 0;
        while i < 300 { st8 @base + i, 97 + (i & 15); i = i + 1; }
        i = 0;
        while i < 100 { @write(@base, 2 * i + 1, 0, 0); i = i + 1; }
        return 0;`);
      const letters = Array.from({ length: 300 }, (_, i) => String.fromCharCode(97 + (i & 15))).join("");
      const pieces = Array.from({ length: 100 }, (_, i) => letters.slice(0, 2 * i + 1));
      expect(shop.qemu("a.out").stdout).toBe(pieces.join(""));
    });

    test("standard error after what was written before", () => {
      build(`@putchar(88, 0, 0, 0); st8 @base, 89; @ewrite(@base, 1, 0, 0); return 0;`);
      expect(shop.qemu("a.out")).toMatchObject({ stdout: "X", stderr: "Y", status: 0 });
    });

    test("a pipe that takes little at a time gets everything", async () => {
      const path = build("@write(@base, 65536, 0, 0); return 0;");
      const child = spawn(shop.isa.qemu, [path], { stdio: ["ignore", "pipe", "inherit"] });
      let bytes = 0;
      for await (const chunk of child.stdout) bytes += (chunk as Buffer).length;
      expect(bytes).toBe(1 << 16);
    });
  });

  describe("input", () => {
    test("all of it, 16 bytes at a time, and 0 at the end", () => {
      build(`
        @read(0, 0, @base, 24);
        var 1 count = lds 1 @base;
        while count != 0 {
          @write(@base + 8, count, 0, 0);
          @read(0, 0, @base, 24);
          count = lds 1 @base;
        }
        return 0;`);
      const text = "the quick brown fox jumps over the lazy dog\n".repeat(9);
      expect(shop.qemu("a.out", text)).toMatchObject({ stdout: text, status: 0 });
      expect(shop.qemu("a.out", "")).toMatchObject({ stdout: "", status: 0 });
    });

    test("a place too small for the count is left alone", () => {
      build("st @base, 5; @read(0, 0, @base, 7); var 1 left = lds 1 @base; return left;");
      expect(shop.qemu("a.out", "abcdef").status).toBe(5);
    });

    test("output is written before input is waited for", () => {
      build("@putchar(63, 0, 0, 0); @read(0, 0, @base, 16); @exit(1, 0, 0, 0); return 0;");
      expect(shop.qemu("a.out", "x")).toMatchObject({ stdout: "?", status: 1 });
    });
  });

  describe("the end", () => {
    test("a trap writes what there is", () => {
      build("@putchar(33, 0, 0, 0); throw Bad 0; return 0;", "exception Bad : 1;");
      const ran = shop.qemu("a.out");
      expect(ran.stdout).toBe("!");
      expect(ran.signal ?? ran.status).toSatisfy(endsInTrap);
    });

    test("a trap stops at its symbol", () => {
      for (const reason of ["uncaughtException", "stackExhausted", "unreachable"]) {
        const text = `isa ${target}; entry main;\nsection main(0) -> 1 frame 0 {\n  trap ${reason}\n}\n`;
        const object = labObject(text, "p.pnk", given);
        const parts = { object, others: [], stackNeed: 0, baseAddress: null, producer: "test", folder: "" };
        shop.write("a.out", linkProgram(parts, given).value, 0o755);
        const ran = shop.qemu("a.out");
        expect(ran.signal ?? ran.status).toSatisfy(endsInTrap);
        expect(shop.tool("nm", "-S", "a.out")).toMatch(new RegExp(`pancake_trap_${reason}`));
      }
    });

    test("recursion runs out of the stack that --stack gives", () => {
      const deep =
        "fun 1 deep(1 n) { if n == 0 { return 0; } var 1 rest = 0; rest = deep(n - 1); return rest + n; }";
      build("var 1 sum = 0; sum = deep(100); @putint(sum, 0, 0, 0); sum = deep(1048576); return sum;", deep);
      const ran = shop.qemu("a.out");
      expect(ran.stdout).toBe("5050\n");
      expect(ran.signal ?? ran.status).toSatisfy(endsInTrap);
    });
  });
});
