// A small supervisor and its user program, on both executors: page faults that it repairs, timer interrupts, system calls,
// floating point that turns dirty. The states agree at every stop, bit for bit.

import { expect, test } from "vitest";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../compiler/target/assembler/riscv64-target.ts";
import { link } from "../../compiler/object/link/link.ts";
import { hashHart, hashMemory, StateHasher } from "../../runtime/core/state-hash.ts";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import { riscv64System } from "../../runtime/isa/riscv64/system.ts";
import { isProblem, readElf } from "../../runtime/images/elf-file.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x8000_0000n, bytes: 1 << 22 };
const END = 1000;

// Root table at 0x80100000: entry 2 is the RAM itself, entry 0 leads to the user's pages. User page 1 is the code,
// page 2 the data, whose entry is not valid until the first fault.
const program = `
  .globl _start
_start:
  li t0, -1
  csrw pmpaddr0, t0
  li t0, 0x1f
  csrw pmpcfg0, t0
  la t0, machine
  csrw mtvec, t0
  li t0, 0xb1ff
  csrw medeleg, t0
  li t0, 0x222
  csrw mideleg, t0
  li t0, -1
  csrw mcounteren, t0
  csrw scounteren, t0
  li t0, 1
  slli t0, t0, 63
  csrw menvcfg, t0
  li s0, 0x80100000
  li t0, 0x200000cf        # the RAM: valid, readable, writable, executable, accessed, dirty
  sd t0, 16(s0)
  li t0, 0x20040401        # table at 0x80101000
  sd t0, 0(s0)
  li t1, 0x80101000
  li t0, 0x20040801        # table at 0x80102000
  sd t0, 0(t1)
  li s1, 0x80102000
  la t0, user
  srli t0, t0, 12
  slli t0, t0, 10
  ori t0, t0, 0x1b         # valid, readable, executable, user
  sd t0, 8(s1)
  la t0, supervisor
  csrw stvec, t0
  la t0, begin
  csrw mepc, t0
  li t0, 0x2800            # back to supervisor mode, floating point initial
  csrw mstatus, t0
  li t0, 0x80100
  li t1, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrw satp, t0
  li s2, 0                 # timer interrupts
  li s3, 0                 # system calls
  li s4, 0                 # page faults
  mret
begin:
  sfence.vma
  csrr t0, time
  addi t0, t0, 3
  csrw stimecmp, t0
  li t0, 0x20
  csrw sie, t0
  li t0, 0x1000
  csrw sepc, t0
  sret
  .balign 4
supervisor:
  csrrw t6, sscratch, t6
  csrr t5, scause
  bltz t5, timer
  li t4, 8
  beq t5, t4, call
  addi s4, s4, 1           # a page fault: map the data page, of 0x80103000
  li t4, 0x80102000
  li t5, 0x20040c17        # valid, readable, writable, user
  sd t5, 16(t4)
  sfence.vma
  j back
call:
  addi s3, s3, 1
  csrr t5, sepc
  addi t5, t5, 4
  csrw sepc, t5
  andi t5, s3, 63
  bnez t5, back
  li t4, 0x80102000        # now and then the page goes away
  sd zero, 16(t4)
  sfence.vma
  j back
timer:
  addi s2, s2, 1
  li t4, 40
  beq s2, t4, finished
  csrr t5, time
  addi t5, t5, 7
  csrw stimecmp, t5
back:
  csrrw t6, sscratch, t6
  sret
finished:
  ecall
  .balign 4
machine:
  li a7, ${String(END)}
  j machine
  .balign 4096
user:
  li a0, 0x2000
  fcvt.d.w fa0, zero
  li a1, 1
  fcvt.d.w fa1, a1
again:
  ld a2, 0(a0)
  addi a2, a2, 1
  sd a2, 0(a0)
  fadd.d fa0, fa0, fa1
  fsd fa0, 8(a0)
  andi a3, a2, 15
  bnez a3, again
  ecall
  j again
`;

function image(): ReturnType<typeof readElf> {
  const object = assemble(program, riscv64Target, { name: "supervisor.s", lines: false, compress: true });
  const linked = link([object.value], { entry: "_start", baseAddress: RAM.start });
  expect([...object.diagnostics, ...linked.diagnostics].map((d) => d.message)).toEqual([]);
  return readElf(linked.value);
}

function machine(executor: ExecutorName): PlainBoard {
  const board = new PlainBoard(riscv64System, RAM, executor);
  const elf = image();
  if (isProblem(elf)) throw new Error("our linker writes no ELF file");
  for (const { address, offset, fileBytes } of elf.segments) {
    const from = Number(offset);
    expect(board.space.fill(address, elf.bytes.slice(from, from + Number(fileBytes)))).toBe(null);
  }
  board.system.reset({ pc: elf.header.entry, registers: new Map(), privilege: "M", isOn: true });
  return board;
}

function stateOf({ hart, space }: PlainBoard): string {
  const hasher = new StateHasher();
  hashHart(hasher, hart);
  hashMemory(hasher, space);
  return hasher.digest();
}

test("a supervisor and its user program", () => {
  const [slow, fast] = [machine("reference"), machine("fast")];
  for (let stops = 0; stops < 400; stops += 1) {
    const count = 1 + ((stops * 37) % 181);
    slow.run(count);
    fast.run(count);
    expect(stateOf(fast), `after stop ${String(stops)} at ${fast.hart.pc.toString(16)}`).toBe(stateOf(slow));
  }
  const counts = [18, 19, 20, 17].map((number) => Number(fast.hart.read("x", number)));
  expect(counts[0]).toBe(40);
  expect(counts[1]).toBeGreaterThan(200);
  expect(counts[2]).toBeGreaterThan(3);
  expect(counts[3]).toBe(END);
  // Floating point was marked as changed, and the data page as accessed and dirty.
  expect((fast.hart.read("mstatus", 0) >> 13n) & 3n).toBe(3n);
  expect(fast.physical.load(0x8010_2010n, 8)).toBe(0x2004_0cd7n);
});
