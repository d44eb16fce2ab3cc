// `--os none`: placement, start-up code of one's own, foreign functions from an assembly file. There is no bare machine
// among the oracles, so the program's own files end it through the Linux kernel of qemu-user.

import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../../compiler/target/assembler/riscv64-target.ts";
import { linkProgram } from "../../../compiler/target/link-program.ts";
import type { ObjectFile } from "../../../compiler/object/object-file.ts";
import { labObject, options, Workshop } from "./toolchain.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

const program = `isa riscv64; entry main; globals 1;
section main(0) -> 1 frame 16 {
  addi sp, sp, -16
  sd ra, 8(sp) : stack
  t0 = @globals
  ld a0, 0(t0) : global
  addi a0, a0, 41
  foreign leave
  ld ra, 8(sp) : stack
  addi sp, sp, 16
  return
}
`;

const leave = `
    .globl ffileave
ffileave:
    addi a0, a0, 1
    li a7, 93
    ecall
`;

/** Start-up code with its vectors first, as a kernel has it. */
const ownStart = `
    .section .text.boot, "ax", @progbits
    .globl _start
_start:
    j 1f
    .balign 64
vectors:
    j vectors
    j vectors
1:  la t0, vectors
    la sp, pancake_stack_end
    call pancake_main
`;

const bare = options({ os: "none" });

function assembled(text: string, name: string): ObjectFile {
  const made = assemble(text, riscv64Target, { name });
  expect(made.diagnostics).toEqual([]);
  return made.value;
}

function linked(files: readonly string[], baseAddress: bigint | null): Uint8Array {
  const others = files.map((text, i) => assembled(text, `file${String(i)}.s`));
  const object = labObject(program, "p.pnk", bare);
  const made = linkProgram(
    { object, others, stackNeed: 16, baseAddress, producer: "test", folder: "" },
    bare,
  );
  expect(made.diagnostics).toEqual([]);
  return made.value;
}

describe("placement", () => {
  test("at the start of RAM unless asked otherwise, the entry first", () => {
    shop.write("p", linked([leave], null));
    expect(shop.tool("readelf", "-h", "p")).toContain("0x80000000");
    shop.write("q", linked([leave], 0xffffffff_80000000n));
    expect(shop.tool("readelf", "-lW", "q")).toMatch(/LOAD +0x\w+ 0xffffffff80000000 .* R E/);
    expect(shop.tool("objdump", "-d", "q")).toContain("ffffffff80000000 <_start>:");
  });
});

describe("programs", () => {
  test("start with our code: stack, zeroed data, main", () => {
    shop.write("p", linked([leave], 0x10000n), 0o755);
    expect(shop.qemu("p")).toMatchObject({ status: 42, stderr: "" });
  });

  test("start with their own code, placed first, with its vectors aligned", () => {
    shop.write("p", linked([leave, ownStart], 0x10000n), 0o755);
    expect(shop.qemu("p")).toMatchObject({ status: 42, stderr: "" });
    const symbols = shop.tool("nm", "p");
    expect(symbols).toMatch(/^0*10000 T _start$/m);
    expect(symbols).toMatch(/^0*10040 t vectors$/m);
    // Ours is not even part of the program.
    expect(shop.tool("objdump", "-d", "p")).not.toContain("wfi");
  });
});
