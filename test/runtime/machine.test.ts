// The step-wise machine: snapshots that can be put back, hashes that mean equal states, code that changes itself.

import { expect, test } from "vitest";
import { createUserMachine, memoryHost, type UserMachine, type UserOptions } from "../../runtime/index.ts";
import { assembled } from "./support/assembled.ts";

function start(text: string, options: Partial<UserOptions> = {}): UserMachine {
  const image = assembled(`    .globl _start\n_start:\n${text}`);
  const created = createUserMachine(image, { host: memoryHost(), engine: { hotArrivals: 2 }, ...options });
  if (created.kind === "problems") throw new Error(created.problems.map((p) => p.message).join("; "));
  return created.machine;
}

const COUNT_TO_MEMORY = `
    la      t0, cells
    li      t1, 3000
1:  sd      t1, 0(t0)
    ld      t2, 8(t0)
    add     t2, t2, t1
    sd      t2, 8(t0)
    addi    t1, t1, -1
    bnez    t1, 1b
    andi    a0, t2, 255
    li      a7, 93
    ecall
    .data
    .balign 8
cells: .space 16
`;

test("a snapshot restores hart, memory and kernel; the run after it is the same", () => {
  const machine = start(COUNT_TO_MEMORY);
  machine.step(5000);
  const saved = machine.snapshot();
  const hash = machine.stateHash();
  const end = machine.step(1e6);
  const endHash = machine.stateHash();
  machine.restore(structuredClone(saved));
  expect(machine.stateHash()).toBe(hash);
  expect(machine.hart.retired).toBe(5000n);
  expect(machine.step(1e6)).toEqual(end);
  expect(machine.stateHash()).toBe(endHash);
});

test("a snapshot goes into another machine of either executor", () => {
  const first = start(COUNT_TO_MEMORY);
  first.step(7777);
  const second = start(COUNT_TO_MEMORY, { executor: "reference" });
  second.restore(first.snapshot());
  expect(second.stateHash()).toBe(first.stateHash());
  expect(second.step(1e6)).toEqual(first.step(1e6));
  expect(second.stateHash()).toBe(first.stateHash());
});

test("the hash differs when a register, a byte of memory or the count differs", () => {
  const hashes = [1, 2, 3, 100, 101].map((steps) => {
    const machine = start(COUNT_TO_MEMORY);
    machine.step(steps);
    return machine.stateHash();
  });
  const changed = start(COUNT_TO_MEMORY);
  changed.step(100);
  changed.memory.store(changed.memory.regions().at(-1)?.start ?? 0n, 1n, 1);
  expect(new Set([...hashes, changed.stateHash()]).size).toBe(hashes.length + 1);
});

test("single steps", () => {
  const machine = start("    li a0, 1\n    li a0, 2\n    li a7, 93\n    ecall\n");
  const { pc } = machine.hart;
  expect(machine.step(1)).toEqual({ kind: "limit" });
  expect(machine.hart.pc - pc).toBe(2n);
  expect(machine.step(10)).toEqual({ kind: "exit", code: 2 });
  expect(machine.step(10)).toEqual({ kind: "exit", code: 2 });
  expect(machine.hart.retired).toBe(4n);
});

// A loop that calls a function in writable memory and, every 50 rounds, changes the number that it returns.
const CHANGES_ITSELF = `
    li      a0, 0
    li      a1, 4096
    li      a2, 7
    li      a3, 0x22
    li      a4, -1
    li      a5, 0
    li      a7, 222
    ecall
    mv      s0, a0
    li      s1, 0           # sum
    li      s2, 1000        # rounds
    la      t0, template
    lw      s3, 0(t0)       # addi a0, zero, 0
    lw      s4, 4(t0)       # ret
    sw      s3, 0(s0)
    sw      s4, 4(s0)
1:  jalr    s0
    add     s1, s1, a0
    addi    s2, s2, -1
    li      t1, 50
    remu    t2, s2, t1
    bnez    t2, 2f
    slli    t3, s2, 20
    add     t3, t3, s3
    sw      t3, 0(s0)
    FENCE
2:  bnez    s2, 1b
    andi    a0, s1, 255
    li      a7, 93
    ecall
    .option norvc
template:
    addi    a0, zero, 0
    jalr    zero, 0(ra)
`;

for (const fence of ["fence.i", "nop"]) {
  test(`code that changes itself, with ${fence}: both executors see the change`, () => {
    const text = CHANGES_ITSELF.replace("FENCE", fence);
    const slow = start(text, { executor: "reference" });
    const fast = start(text, { engine: { hotArrivals: 1 } });
    const end = slow.step(1e6);
    expect(end.kind).toBe("exit");
    expect(fast.step(1e6)).toEqual(end);
    expect(fast.stateHash()).toBe(slow.stateHash());
  });
}

test("accesses across a page border, mapped and unmapped", () => {
  const text = `
    la      t0, area
    li      t1, 4096
    add     t0, t0, t1
    li      s1, 100
    li      t2, 0x1234567
1:  sd      t2, -3(t0)
    ld      a0, -3(t0)
    sw      a0, -1(t0)
    lhu     a1, -1(t0)
    addi    s1, s1, -1
    bnez    s1, 1b
    add     t0, t0, t1
    sd      t2, -3(t0)
    .bss
    .balign 4096
area: .space 8192
`;
  const [slow, fast] = [start(text, { executor: "reference" }), start(text, { engine: { hotArrivals: 1 } })];
  const end = slow.step(1e6);
  expect(end).toMatchObject({ kind: "fault", trap: { cause: "storePageFault" } });
  expect(fast.step(1e6)).toEqual(end);
  expect(fast.stateHash()).toBe(slow.stateHash());
});

test("load-reserved and store-conditional: success, changed value, other address, other size", () => {
  const text = `
    la      t0, word
    li      s1, 60
    li      s2, 0
1:  lr.w    t1, (t0)
    addi    t1, t1, 1
    sc.w    t2, t1, (t0)
    add     s2, s2, t2      # 0
    sc.w    t2, t1, (t0)
    add     s2, s2, t2      # 1: the reservation is used up
    lr.w    t1, (t0)
    sw      s1, 0(t0)
    sc.w    t2, t1, (t0)    # 1: the word changed
    add     s2, s2, t2
    lr.d    t1, (t0)
    sc.w    t2, t1, (t0)    # 1: another size
    add     s2, s2, t2
    lr.w    t1, (t0)
    addi    t3, t0, 4
    sc.w    t2, t1, (t3)    # 1: another address
    add     s2, s2, t2
    addi    s1, s1, -1
    bnez    s1, 1b
    andi    a0, s2, 255
    li      a7, 93
    ecall
    .data
    .balign 8
word: .dword 5
`;
  const [slow, fast] = [start(text, { executor: "reference" }), start(text, { engine: { hotArrivals: 1 } })];
  const end = slow.step(1e6);
  expect(end).toEqual({ kind: "exit", code: 240 });
  expect(fast.step(1e6)).toEqual(end);
  expect(fast.stateHash()).toBe(slow.stateHash());
});

test("data beside code on one page: stores to it keep the translations", () => {
  const text = `
    la      s0, _start
    li      a1, 4096
    sub     a0, s0, zero
    li      t0, -4096
    and     a0, a0, t0
    mv      s0, a0
    li      a2, 7
    li      a7, 226
    ecall
    li      s1, 6000
1:  sd      s1, 2040(s0)
    ld      t1, 2040(s0)
    add     s2, s2, t1
    addi    s1, s1, -1
    bnez    s1, 1b
    andi    a0, s2, 255
    li      a7, 93
    ecall
`;
  const slow = start(text, { executor: "reference" });
  const fast = start(text, { engine: { hotArrivals: 10, interpretAfter: 0 } });
  const end = slow.step(1e6);
  expect(end.kind).toBe("exit");
  expect(fast.step(1e6)).toEqual(end);
  expect(fast.stateHash()).toBe(slow.stateHash());
  expect(fast.engineStatistics()?.regions).toBeLessThan(5);
});

test("neighbouring mappings become one region", () => {
  const grow = "    li a7, 214\n    li a0, 0\n    ecall\n    mv s0, a0\n".concat(
    ...Array.from({ length: 20 }, () => "    li t0, 4096\n    add s0, s0, t0\n    mv a0, s0\n    ecall\n"),
    "    li a7, 93\n    ecall\n",
  );
  const machine = start(grow);
  machine.step(1000);
  expect(machine.memory.regions().filter((r) => r.name === "heap")).toHaveLength(1);
});

test("a loop of computed jumps ends up in translated code, not in the interpreter", () => {
  const machine = start(
    `
    la      s0, cases
    li      s1, 100000
1:  andi    t0, s1, 3
    slli    t0, t0, 3
    add     t0, t0, s0
    jr      t0
    .balign 8
    .option norvc
cases:
    addi    s2, s2, 1
    j       2f
    addi    s2, s2, 3
    j       2f
    addi    s2, s2, 5
    j       2f
    addi    s2, s2, 7
    j       2f
2:  addi    s1, s1, -1
    bnez    s1, 1b
    srli    a0, s2, 12
    li      a7, 93
    ecall
`,
    { engine: {} },
  );
  expect(machine.step(1e7)).toEqual({ kind: "exit", code: (16 * 25_000) >> 12 });
  const { interpreted, cold } = machine.engineStatistics() ?? { interpreted: 0, cold: 0 };
  expect(interpreted + cold).toBeLessThan(Number(machine.hart.retired) / 4);
});
