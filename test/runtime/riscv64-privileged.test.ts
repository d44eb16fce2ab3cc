// RISC-V's privileged behaviour on a board of RAM alone: walks, protection, traps and delegation, interrupts, waiting.

import { expect, test } from "vitest";
import { EXECUTE, READ, WRITE } from "../../runtime/core/paged-memory.ts";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { riscv64System } from "../../runtime/isa/riscv64/system.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { wordOf } from "../isa/samples.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x8000_0000n, bytes: 1 << 24 };
const [USER, SUPERVISOR, MACHINE] = [0n, 1n, 3n];
const ROOT = RAM.start + 0x1000n;
const MIDDLE = RAM.start + 0x2000n;
const LAST = RAM.start + 0x3000n;
const PAGE = RAM.start + 0x5000n;
const HANDLER = RAM.start + 0x10_0000n;
const [V, R, W, X, U, A, D] = [1n, 2n, 4n, 8n, 16n, 64n, 128n];

const entry = (address: bigint, flags: bigint): bigint => ((address >> 12n) << 10n) | flags;

class Machine extends PlainBoard {
  constructor() {
    super(riscv64System, RAM);
    this.system.reset({ pc: RAM.start, registers: new Map(), privilege: "M", isOn: true });
    this.csr("pmpaddr0", -1n);
    this.csr("pmpcfg0", 0x1fn);
    this.csr("mtvec", HANDLER);
    this.csr("stvec", HANDLER + 0x1001n);
  }

  /** Writes with the rights of machine mode. */
  csr(name: string, value: bigint): void {
    const was = this.hart.read("privilege", 0);
    this.hart.write("privilege", 0, MACHINE);
    expect(this.system.port.writeCsr(csrNumber(riscv64, name), value, this.hart)).toBe(null);
    this.hart.write("privilege", 0, was);
  }

  read(name: string): bigint {
    return this.hart.read(name, 0);
  }

  put(address: bigint, value: bigint): void {
    expect(this.physical.store(address, value, 8)).toBe(null);
  }

  /** Sv39 with `leaf` for virtual page 0 behind three levels, then that privilege. */
  page(leaf: bigint, privilege: bigint): void {
    this.put(ROOT, entry(MIDDLE, V));
    this.put(MIDDLE, entry(LAST, V));
    this.put(LAST, leaf);
    this.csr("satp", (8n << 60n) | (ROOT >> 12n));
    this.hart.write("privilege", 0, privilege);
  }

  execute(name: string, operands: Readonly<Record<string, number>>): void {
    this.put(this.hart.pc, BigInt(wordOf(riscv64, riscv64.instruction(name), operands)));
    this.step();
  }
}

test("a walk gives the page, its rights, and sets the flags", () => {
  const machine = new Machine();
  machine.page(entry(PAGE, V | R | W | X), SUPERVISOR);
  const { translator } = machine.system;
  expect(translator.translate(0x123n, "load", 4)).toEqual({
    physical: PAGE,
    permissions: READ | EXECUTE,
    pages: 1,
  });
  expect(machine.physical.load(LAST, 8)).toBe(entry(PAGE, V | R | W | X | A));
  const stored = translator.translate(0x123n, "store", 4);
  expect(stored).toEqual({ physical: PAGE, permissions: READ | WRITE | EXECUTE, pages: 1 });
  expect(machine.physical.load(LAST, 8)).toBe(entry(PAGE, V | R | W | X | A | D));
});

test("pages of users and of the supervisor", () => {
  const machine = new Machine();
  machine.page(entry(PAGE, V | R | X | U | A), SUPERVISOR);
  const { translator } = machine.system;
  expect(translator.translate(0n, "load", 4)).toMatchObject({ reason: "translation" });
  machine.csr("mstatus", 1n << 18n);
  expect(translator.translate(0n, "load", 4)).toMatchObject({ physical: PAGE, permissions: READ });
  expect(translator.translate(0n, "fetch", 4)).toMatchObject({ kind: "fault", access: "fetch", address: 0n });
  machine.hart.write("privilege", 0, USER);
  expect(translator.translate(0n, "fetch", 4)).toMatchObject({ permissions: READ | EXECUTE });
});

test("execute-only pages are readable with MXR", () => {
  const machine = new Machine();
  machine.page(entry(PAGE, V | X | A), SUPERVISOR);
  const { translator } = machine.system;
  expect(translator.translate(0n, "load", 4)).toMatchObject({ kind: "fault" });
  machine.csr("mstatus", 1n << 19n);
  expect(translator.translate(0n, "load", 4)).toMatchObject({ permissions: READ | EXECUTE });
});

test("superpages must be aligned, reserved bits zero, addresses canonical", () => {
  const machine = new Machine();
  machine.page(0n, SUPERVISOR);
  const { translator } = machine.system;
  machine.put(ROOT, entry(MIDDLE, V));
  machine.put(MIDDLE, entry(RAM.start + 0x20_0000n, V | R | A));
  expect(translator.translate(0x1234n, "load", 4)).toEqual({
    physical: RAM.start + 0x20_1000n,
    permissions: READ,
    pages: 512,
  });
  machine.put(MIDDLE, entry(RAM.start + 0x20_1000n, V | R | A));
  expect(translator.translate(0n, "load", 4)).toMatchObject({ reason: "translation" });
  machine.put(MIDDLE, entry(LAST, V | (1n << 63n)));
  expect(translator.translate(0n, "load", 4)).toMatchObject({ reason: "translation" });
  expect(translator.translate(1n << 39n, "load", 4)).toMatchObject({
    reason: "translation",
    address: 1n << 39n,
  });
  machine.put(MIDDLE, entry(1n << 50n, V));
  expect(translator.translate(0n, "store", 4)).toMatchObject({ access: "store", reason: "bus" });
});

test("a page that protection splits is remembered by nobody", () => {
  const machine = new Machine();
  // 16 readable bytes at PAGE, then what entry 1 allows.
  machine.csr("pmpaddr0", (PAGE >> 2n) | 1n);
  machine.csr("pmpaddr1", -1n);
  machine.csr("pmpcfg0", 0x1f19n);
  machine.hart.write("privilege", 0, USER);
  const { translator } = machine.system;
  expect(translator.translate(PAGE, "load", 8)).toEqual({ physical: PAGE, permissions: 0 });
  expect(translator.translate(PAGE, "store", 8)).toMatchObject({ kind: "fault", reason: "bus" });
  expect(translator.translate(PAGE + 12n, "load", 8)).toMatchObject({ kind: "fault", address: PAGE + 12n });
  expect(translator.translate(PAGE + 16n, "store", 8)).toEqual({ physical: PAGE, permissions: 0 });
  expect(translator.translate(PAGE + 0x1000n, "store", 8)).toMatchObject({
    permissions: READ | WRITE | EXECUTE,
  });
});

test("locked entries bind the machine, and tables need rights too", () => {
  const machine = new Machine();
  machine.csr("pmpcfg0", 0n);
  expect(machine.system.translator.translate(PAGE, "store", 8)).toMatchObject({ physical: PAGE });
  machine.csr("pmpaddr1", (ROOT >> 2n) | 0x1ffn);
  machine.csr("pmpaddr2", -1n);
  machine.csr("pmpcfg0", 0x1f_9c00n);
  expect(machine.system.translator.translate(ROOT, "load", 8)).toMatchObject({
    kind: "fault",
    reason: "bus",
  });
  expect(machine.system.translator.translate(ROOT, "fetch", 4)).toMatchObject({ physical: ROOT });
  machine.csr("satp", (8n << 60n) | (ROOT >> 12n));
  machine.hart.write("privilege", 0, SUPERVISOR);
  expect(machine.system.translator.translate(0n, "fetch", 4)).toMatchObject({ kind: "fault", reason: "bus" });
});

test("exceptions go to the machine unless they are delegated", () => {
  const machine = new Machine();
  machine.hart.write("privilege", 0, USER);
  machine.execute("ecall", {});
  expect([machine.hart.pc, machine.read("mcause"), machine.read("mepc")]).toEqual([HANDLER, 8n, RAM.start]);
  machine.csr("medeleg", 0x300n);
  machine.hart.pc = RAM.start;
  machine.hart.write("privilege", 0, USER);
  machine.execute("ecall", {});
  // Vectors are for interrupts only.
  expect([machine.hart.pc, machine.read("scause")]).toEqual([HANDLER + 0x1000n, 8n]);
  expect(machine.read("privilege")).toBe(SUPERVISOR);
  machine.execute("sret", {});
  expect([machine.hart.pc, machine.read("privilege")]).toEqual([RAM.start, USER]);
});

test("interrupts are taken in the manual's order, through vectors", () => {
  const machine = new Machine();
  machine.csr("mie", 0xaaan);
  machine.csr("mip", 0x222n);
  machine.csr("mtvec", HANDLER | 1n);
  machine.system.input("timer").set(true);
  machine.system.input("external").set(true);
  machine.system.input("software").set(true);
  expect(machine.system.takeInterrupt()).toBe(false);
  const order: bigint[] = [];
  for (const input of ["external", "software", "timer"]) {
    machine.csr("mstatus", 8n);
    expect(machine.system.takeInterrupt()).toBe(true);
    order.push(machine.read("mcause") & 0xffn);
    machine.system.input(input).set(false);
  }
  for (const bit of [9n, 1n, 5n]) {
    machine.csr("mstatus", 8n);
    machine.system.takeInterrupt();
    order.push(machine.read("mcause") & 0xffn);
    machine.csr("mip", machine.read("mip") & ~(1n << bit));
  }
  expect(order).toEqual([11n, 3n, 7n, 9n, 1n, 5n]);
  expect(machine.hart.pc).toBe(HANDLER + 20n);
});

test("a wait ends when an enabled interrupt is pending, masked or not", () => {
  const machine = new Machine();
  machine.csr("mie", 0x80n);
  machine.execute("wfi", {});
  expect([machine.system.isWaiting, machine.hart.pc]).toEqual([true, RAM.start + 4n]);
  machine.system.input("software").set(true);
  expect(machine.system.isWaiting).toBe(true);
  machine.system.input("timer").set(true);
  expect(machine.system.isWaiting).toBe(false);
  machine.execute("wfi", {});
  expect(machine.system.isWaiting).toBe(false);
});

test("stimecmp raises the supervisor's timer interrupt when its time comes", () => {
  const machine = new Machine();
  machine.csr("mideleg", 0x20n);
  machine.csr("mie", 0x20n);
  machine.csr("menvcfg", 1n << 63n);
  machine.csr("stimecmp", 3n);
  expect(machine.timeline.nextDeadline()).toBe(300n);
  machine.hart.write("privilege", 0, USER);
  expect(machine.system.takeInterrupt()).toBe(false);
  machine.hart.retired = 300n;
  machine.timeline.fireDue();
  expect(machine.system.takeInterrupt()).toBe(true);
  expect([machine.read("scause"), machine.hart.pc]).toEqual([(1n << 63n) | 5n, HANDLER + 0x1014n]);
});

test("floating point is illegal while off, and turns dirty when it changes", () => {
  const machine = new Machine();
  const float = (): bigint => (machine.read("mstatus") >> 13n) & 3n;
  machine.execute("fmv.d.x", { frd: 1, rs1: 0 });
  expect([machine.read("mcause"), machine.read("mtval")]).toEqual([2n, 0xf200_00d3n]);
  machine.hart.pc = RAM.start;
  machine.csr("mstatus", 1n << 13n);
  machine.execute("csrrs", { csr: 3, rs1: 0, rd: 5 });
  machine.execute("fmv.x.d", { rd: 5, frs1: 1 });
  expect(float()).toBe(1n);
  machine.execute("csrrwi", { csr: 2, zimm: 1, rd: 0 });
  expect(float()).toBe(3n);
  machine.csr("mstatus", 2n << 13n);
  machine.execute("fadd.d", { frd: 1, frs1: 1, frs2: 1, rm: 0 });
  expect(float()).toBe(3n);
  expect(machine.hart.pc).toBe(RAM.start + 16n);
});

test("a supervisor that starts without firmware has what firmware leaves", () => {
  const machine = new PlainBoard(riscv64System, RAM);
  machine.system.reset({ pc: RAM.start, registers: new Map([[10, 7n]]), privilege: "S", isOn: true });
  expect(machine.system.mode().name).toBe("S");
  expect(machine.hart.read("x", 10)).toBe(7n);
  const read = (name: string): unknown =>
    machine.system.port.readCsr(csrNumber(riscv64, name), machine.hart, "shown");
  expect([read("time"), read("stimecmp")]).toEqual([0n, (1n << 64n) - 1n]);
  expect(machine.system.translator.translate(PAGE, "store", 8)).toMatchObject({ permissions: 7 });
  machine.system.turnOff();
  expect([machine.system.isOn, machine.system.isWaiting]).toEqual([false, false]);
});
