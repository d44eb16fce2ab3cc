// `--os none`: placement, start-up code of one's own, foreign functions from an assembly file. There is no bare machine
// among the oracles, so the program's own files end it through the Linux kernel of qemu-user.

import { afterAll, describe, expect, test } from "vitest";
import { assemble } from "../../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../../compiler/target/assembler/assembler-named.ts";
import { compileProgram, analyse } from "../../../compiler/compile.ts";
import type { ObjectFile } from "../../../compiler/object/object-file.ts";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { options, Workshop } from "./toolchain.ts";

const program =
  "var 1 start = 0; fun 1 main() { var 1 value = start; @leave(value + 41, 0, 0, 0); return 0; }";

interface BareFiles {
  /** Where programs are placed: in the RAM of QEMU's board. */
  readonly place: string;
  /** Ends the program through the kernel. */
  readonly leave: string;
  /** Start-up code with its vectors first, as a kernel has it. */
  readonly ownStart: string;
}

const files: Readonly<Record<MachineTarget, BareFiles>> = {
  riscv64: {
    place: "0x80000000",
    leave: `
    .globl ffileave
ffileave:
    addi a0, a0, 1
    li a7, 93
    ecall
`,
    ownStart: `
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
`,
  },
  arm64: {
    place: "0x40200000",
    leave: `
    .globl ffileave
ffileave:
    add x0, x0, #1
    mov x8, #93
    svc #0
`,
    ownStart: `
    .section .text.boot, "ax", @progbits
    .globl _start
_start:
    b 1f
    .balign 64
vectors:
    b vectors
    b vectors
1:  ldr x9, =vectors
    adrp x9, pancake_stack_end
    add sp, x9, :lo12:pancake_stack_end
    bl pancake_main
`,
  },
};

describe.each(machineTargets)("%s", (target) => {
  const shop = new Workshop(target);
  afterAll(() => {
    shop.close();
  });
  const bare = options({ os: "none", target });
  const { leave, ownStart } = files[target];

  function assembled(text: string, name: string): ObjectFile {
    const made = assemble(text, assemblerNamed(target), { name });
    expect(made.diagnostics).toEqual([]);
    return made.value;
  }

  function linked(texts: readonly string[], baseAddress: bigint | null): Uint8Array {
    const others = texts.map((text, i) => assembled(text, `file${String(i)}.s`));
    const analysis = analyse([{ path: "p.pnk", text: program }], { reader: { read: () => null } });
    const made = compileProgram(analysis, bare, { others, baseAddress });
    expect(made.diagnostics).toEqual([]);
    return made.value;
  }

  test("programs are placed at the start of RAM unless asked otherwise, the entry first", () => {
    shop.write("p", linked([leave], null));
    expect(shop.tool("readelf", "-h", "p")).toContain(files[target].place);
    shop.write("q", linked([leave], 0xffffffff_80000000n));
    expect(shop.tool("readelf", "-lW", "q")).toMatch(/LOAD +0x\w+ 0xffffffff80000000 .* R E/);
    expect(shop.tool("objdump", "-d", "q")).toContain("ffffffff80000000 <_start>:");
  });

  test("programs start with our code: stack, zeroed data, main", () => {
    shop.write("p", linked([leave], 0x10000n), 0o755);
    expect(shop.qemu("p")).toMatchObject({ status: 42, stderr: "" });
  });

  test("programs start with their own code, placed first, with its vectors aligned", () => {
    shop.write("p", linked([leave, ownStart], 0x10000n), 0o755);
    expect(shop.qemu("p")).toMatchObject({ status: 42, stderr: "" });
    const symbols = shop.tool("nm", "p");
    expect(symbols).toMatch(/^0*10000 T _start$/m);
    expect(symbols).toMatch(/^0*10040 t vectors$/m);
    // Ours is not even part of the program.
    expect(shop.tool("objdump", "-d", "p")).not.toContain("wfi");
  });
});
