// The start-up code and host calls of `--os linux` under qemu-user: output, input, exit status, traps, short writes.

import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import { labObject, options, Workshop } from "./toolchain.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

/** A program whose main runs `body` and returns a0. */
function build(body: string, name = "a.out", more = ""): string {
  const text = `isa riscv64; entry main; globals 1;
section main(0) -> 1 frame 16 {
  addi sp, sp, -16
  sd ra, 8(sp) : stack
  sd s0, 0(sp) : stack
${body}
  ld s0, 0(sp) : stack
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return
}
${more}`;
  const object = labObject(text, "p.pnk");
  const parts = { object, others: [], stackNeed: 16, baseAddress: null, producer: "test", folder: "" };
  const linked = linkProgram(parts, options({ heapBytes: 1 << 16 }));
  expect(linked.diagnostics).toEqual([]);
  return shop.write(name, linked.value, 0o755);
}

/** Loads any 64-bit constant into a register. */
function load(register: string, value: bigint): string {
  const bits = BigInt.asUintN(64, value).toString(2).padStart(64, "0");
  const lines = [`  addi ${register}, zero, 0`];
  for (let at = 0; at < 64; at += 8) {
    lines.push(
      `  slli ${register}, ${register}, 8`,
      `  ori ${register}, ${register}, ${String(parseInt(bits.slice(at, at + 8), 2))}`,
    );
  }
  return lines.join("\n");
}

describe("output", () => {
  test("numbers", () => {
    const numbers = [0n, 1n, 9n, 10n, -1n, 123456789n, (1n << 63n) - 1n, -(1n << 63n), 0xdeadbeefn];
    build(
      numbers
        .flatMap((n) => [`${load("a0", n)}\n  foreign putint`, `${load("a0", n)}\n  foreign puthex`])
        .join("\n"),
    );
    const expected = numbers.map(
      (n) => `${String(n)}\n${BigInt.asUintN(64, n).toString(16).padStart(16, "0")}\n`,
    );
    expect(shop.qemu("a.out").stdout).toBe(expected.join(""));
  });

  test("characters beyond the buffer, in order with everything else", () => {
    build(`  addi s0, zero, 0
b1:
  addi a0, s0, 0
  andi a0, a0, 63
  addi a0, a0, 48
  foreign putchar
  addi s0, s0, 1
  lui a1, 5
  if bltu s0, a1 then b1
  a0 = @base
  addi a1, zero, 65
  sb a1, 0(a0) : local
  addi a1, zero, 1
  foreign write
  a0 = @base
  lui a1, 3
  foreign write
  addi a0, zero, 66
  foreign putchar
  addi a0, zero, 300`);
    const ran = shop.qemu("a.out");
    const characters = Array.from({ length: 5 << 12 }, (_, i) => String.fromCharCode(48 + (i & 63)));
    expect(ran.stdout).toBe(`${characters.join("")}AA${"\0".repeat((3 << 12) - 1)}B`);
    expect(ran.status).toBe(300 & 255);
  });

  test("standard error after what was written before", () => {
    build(`  addi a0, zero, 88
  foreign putchar
  a0 = @base
  addi a1, zero, 89
  sb a1, 0(a0) : local
  addi a1, zero, 1
  foreign ewrite
  addi a0, zero, 0`);
    expect(shop.qemu("a.out")).toMatchObject({ stdout: "X", stderr: "Y", status: 0 });
  });

  test("a pipe that takes little at a time gets everything", async () => {
    const path = build(`  a0 = @base
  lui a1, 16
  foreign write
  addi a0, zero, 0`);
    const child = spawn("qemu-riscv64", [path], { stdio: ["ignore", "pipe", "inherit"] });
    let bytes = 0;
    for await (const chunk of child.stdout) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(1 << 16);
  });
});

describe("input", () => {
  const echo = `b1:
  a2 = @base
  addi a3, zero, 24
  foreign read
  a0 = @base
  ld a1, 0(a0) : local
  if beq a1, zero then b2
  addi a0, a0, 8
  foreign write
  jump b1
b2:
  addi a0, zero, 0`;

  test("all of it, 16 bytes at a time, and 0 at the end", () => {
    build(echo);
    const text = "the quick brown fox jumps over the lazy dog\n".repeat(9);
    expect(shop.qemu("a.out", text)).toMatchObject({ stdout: text, status: 0 });
    expect(shop.qemu("a.out", "")).toMatchObject({ stdout: "", status: 0 });
  });

  test("a place too small for the count is left alone", () => {
    build(`  a0 = @base
  addi a1, zero, 5
  sd a1, 0(a0) : local
  addi a2, a0, 0
  addi a3, zero, 7
  foreign read
  a0 = @base
  ld a0, 0(a0) : local`);
    expect(shop.qemu("a.out", "abcdef").status).toBe(5);
  });

  test("output is written before input is waited for", () => {
    build(`  addi a0, zero, 63
  foreign putchar
  a2 = @base
  addi a3, zero, 16
  foreign read
  addi a0, zero, 1
  foreign exit`);
    expect(shop.qemu("a.out", "x")).toMatchObject({ stdout: "?", status: 1 });
  });
});

describe("the end", () => {
  test("a trap writes what there is and stops at its symbol", () => {
    for (const reason of ["uncaughtException", "stackExhausted", "unreachable"]) {
      build(`  addi a0, zero, 33\n  foreign putchar\n  trap ${reason}`);
      const ran = shop.qemu("a.out");
      expect(ran.stdout).toBe("!");
      expect(ran.signal ?? ran.status).toSatisfy((end: unknown) => end === "SIGTRAP" || end === 133);
      expect(shop.tool("nm", "-S", "a.out")).toMatch(new RegExp(`pancake_trap_${reason}`));
    }
  });

  test("recursion runs out of the stack that --stack gives", () => {
    build(
      "  lui a0, 256\n  call deep",
      "deep",
      `section deep(1) -> 1 frame 32 {
  t2 = @stacklimit
  ld t2, 0(t2) : stack
  addi t6, sp, -32
  if bltu t6, t2 then b2
  addi sp, sp, -32
  sd ra, 24(sp) : stack
  if beq a0, zero then b1
  addi a0, a0, -1
  call deep
b1:
  ld ra, 24(sp) : stack
  addi sp, sp, 32
  return
b2:
  trap stackExhausted
}
`,
    );
    const ran = shop.qemu("deep");
    expect(ran.signal ?? ran.status).toSatisfy((end: unknown) => end === "SIGTRAP" || end === 133);
  });
});
