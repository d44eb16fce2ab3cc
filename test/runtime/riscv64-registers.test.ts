// RISC-V's privileged registers: the table is complete and consistent, and accesses have the rights that numbers say.

import { expect, test } from "vitest";
import { absentRegisters, privilegedFiles, privilegedRegisters } from "../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { riscv64System } from "../../runtime/isa/riscv64/system.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x8000_0000n, bytes: 1 << 20 };
const PRIVILEGE_CODES = { U: 0n, S: 1n, M: 3n } as const;

function board(privilege: keyof typeof PRIVILEGE_CODES = "M"): PlainBoard {
  const made = new PlainBoard(riscv64System, RAM);
  made.system.reset({ pc: RAM.start, registers: new Map(), privilege: "M", isOn: true });
  made.hart.write("privilege", 0, PRIVILEGE_CODES[privilege]);
  return made;
}

const read = ({ system, hart }: PlainBoard, name: string): bigint | string => {
  const value = system.port.readCsr(csrNumber(riscv64, name), hart, "shown");
  return typeof value === "bigint" ? value : value.cause;
};

const write = ({ system, hart }: PlainBoard, name: string, value: bigint): string | null =>
  system.port.writeCsr(csrNumber(riscv64, name), value, hart)?.cause ?? null;

test("every CSR of the tables is described, absent for a reason, or a view of register files", () => {
  const described = privilegedRegisters.map(({ name }) => name);
  const views = riscv64.csrs.filter(({ fields }) => fields !== undefined).map(({ name }) => name);
  const all = [...described, ...Object.keys(absentRegisters), ...views];
  expect(all.toSorted()).toEqual(riscv64.csrs.map(({ name }) => name).toSorted());
});

test("every register's storage is there, and what it writes is what it shows", () => {
  const files = new Map(privilegedFiles.map((file) => [file.name, file]));
  for (const register of privilegedRegisters) {
    if (register.kind !== "stored") continue;
    const file = files.get(register.file);
    expect(file?.count, register.name).toBeGreaterThan(register.index);
    expect(register.writable & ~register.visible, register.name).toBe(0n);
    expect(register.visible >> BigInt(Math.max(64, file?.width ?? 0)), register.name).toBe(0n);
  }
});

test("numbers say who may touch a register, and whether it can be written", () => {
  for (const { name, number } of riscv64.csrs) {
    if (!privilegedRegisters.some((r) => r.name === name)) continue;
    const [lowest, isReadOnly] = [(number >> 8) & 3, number >> 10 === 3];
    expect(typeof read(board("M"), name), name).toBe("bigint");
    expect(write(board("M"), name, 0n), name).toBe(isReadOnly ? "illegalInstruction" : null);
    if (lowest > 0) expect(read(board("U"), name), name).toBe("illegalInstruction");
    if (lowest > 1) expect(read(board("S"), name), name).toBe("illegalInstruction");
  }
});

test("a register that is not there is illegal and told once by name", () => {
  const machine = board();
  expect(read(machine, "mtinst")).toBe("illegalInstruction");
  expect(read(machine, "mtinst")).toBe("illegalInstruction");
  expect([...machine.unknown]).toEqual(["CSR mtinst"]);
});

test("the supervisor's registers are views of the machine's", () => {
  const machine = board();
  write(machine, "mstatus", -1n);
  expect(read(machine, "mstatus")).toBe(0x8000_000a_007e_79aan);
  expect(read(machine, "sstatus")).toBe(0x8000_0002_000c_6122n);
  write(machine, "mie", -1n);
  expect(read(machine, "sie")).toBe(0n);
  write(machine, "mideleg", 0x20n);
  expect(read(machine, "sie")).toBe(0x20n);
  write(machine, "sie", 0n);
  expect(read(machine, "mie")).toBe(0xa8an);
  write(machine, "sstatus", 0n);
  expect(read(machine, "mstatus")).toBe(0xa_0072_1888n);
});

test("values that are not legal leave the field or the register", () => {
  const machine = board();
  write(machine, "mstatus", 2n << 11n);
  expect(read(machine, "mstatus")).toBe(0xa_0000_0000n);
  write(machine, "mtvec", 0x8000_1001n);
  write(machine, "mtvec", 0x9000_0002n);
  expect(read(machine, "mtvec")).toBe(0x8000_1001n);
  write(machine, "satp", (9n << 60n) | 5n);
  write(machine, "satp", (4n << 60n) | 7n);
  expect(read(machine, "satp")).toBe((9n << 60n) | 5n);
  expect(machine.flushes).toBeGreaterThan(0);
});

test("mip shows software's bit and the wire together, and a change of other bits begins with software's", () => {
  const { system, hart } = board();
  const mip = csrNumber(riscv64, "mip");
  const views = (): unknown[] =>
    (["shown", "written"] as const).map((view) => system.port.readCsr(mip, hart, view));
  system.input("supervisorExternal").set(true);
  expect(views()).toEqual([0x200n, 0n]);
  system.port.writeCsr(mip, 0x202n, hart);
  system.input("supervisorExternal").set(false);
  expect(views()).toEqual([0x202n, 0x202n]);
});

test("counters count instructions, can be set and stopped", () => {
  const machine = board();
  machine.hart.retired = 1000n;
  expect(read(machine, "mcycle")).toBe(1000n);
  expect(read(machine, "time")).toBe(10n);
  write(machine, "minstret", 5n);
  machine.hart.retired = 1004n;
  expect(read(machine, "instret")).toBe(8n);
  write(machine, "mcountinhibit", 4n);
  machine.hart.retired = 2000n;
  expect(read(machine, "minstret")).toBe(8n);
  write(machine, "mhpmevent3", 2n);
  machine.hart.retired = 2101n;
  expect(read(machine, "mhpmcounter3")).toBe(100n);
  expect(read(machine, "mhpmcounter4")).toBe(0n);
});

test("counters and timer are shown to lower privileges by permission", () => {
  const machine = board();
  write(machine, "mcounteren", 2n);
  write(machine, "menvcfg", 1n << 63n);
  machine.hart.write("privilege", 0, PRIVILEGE_CODES.S);
  expect([read(machine, "time"), read(machine, "cycle")]).toEqual([0n, "illegalInstruction"]);
  expect(read(machine, "stimecmp")).toBe(0n);
  machine.hart.write("privilege", 0, PRIVILEGE_CODES.U);
  expect(read(machine, "time")).toBe("illegalInstruction");
  machine.hart.write("privilege", 0, PRIVILEGE_CODES.M);
  write(machine, "scounteren", 2n);
  machine.hart.write("privilege", 0, PRIVILEGE_CODES.U);
  expect(read(machine, "time")).toBe(0n);
});

test("the supervisor cannot touch satp while TVM is set", () => {
  const machine = board();
  write(machine, "mstatus", 1n << 20n);
  expect(read(machine, "satp")).toBe(0n);
  machine.hart.write("privilege", 0, PRIVILEGE_CODES.S);
  expect([read(machine, "satp"), write(machine, "satp", 0n)]).toEqual([
    "illegalInstruction",
    "illegalInstruction",
  ]);
});

test("protection entries can be locked until reset", () => {
  const machine = board();
  write(machine, "pmpaddr0", 1n);
  write(machine, "pmpaddr1", -1n);
  write(machine, "pmpcfg0", 0xe9_00n | 0xff_0000n);
  expect(read(machine, "pmpcfg0")).toBe(0x9f_8900n);
  expect(read(machine, "pmpaddr1")).toBe((1n << 54n) - 1n);
  write(machine, "pmpcfg0", 0n);
  expect(read(machine, "pmpcfg0")).toBe(0x9f_8900n);
  // Entry 1 is the top of a locked range that entry 0's address begins.
  write(machine, "pmpaddr0", 7n);
  write(machine, "pmpaddr1", 7n);
  expect([read(machine, "pmpaddr0"), read(machine, "pmpaddr1")]).toEqual([1n, (1n << 54n) - 1n]);
});
