// A RISC-V hart of ours and one of QEMU, set to one privileged state, stepped once and compared.
//
// Relies on qemu-system-riscv64 7.2 and the GDB stub. Guarantees: `step` compares pc, x, privilege, every register that both
// machines have, and the memory that the test put there. What is not compared, and why, is in `comparable` below.

import { csrNumber } from "../../../runtime/isa/binding.ts";
import { riscv64System } from "../../../runtime/isa/riscv64/system.ts";
import { privilegedRegisters } from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { PlainBoard } from "../../runtime/support/plain-board.ts";
import type { Random } from "../../isa/samples.ts";
import { startQemu, type GdbClient, type QemuUnderTest } from "../../support/gdb-client.ts";

/** RAM of both machines. */
export const RAM = { start: 0x8000_0000n, bytes: 1 << 26 } as const;

const ALL = (1n << 64n) - 1n;
const WORD32 = 0xffff_ffffn;
const INTERRUPTS = 0xaaan;

/**
 * Bits of registers that mean the same in both. QEMU keeps bits that the manual calls read-only zero without the
 * extensions that they belong to: VS and MPV and GVA of mstatus, hypervisor's and overflow's interrupts and causes, bit 0
 * of mepc, counter-enable bits past 31, bits 54 and up of protection addresses, bits 5 and 6 of configurations.
 */
const comparable: Readonly<Record<string, bigint>> = {
  mstatus: ALL & ~0xc0_0000_0600n,
  sstatus: ALL & ~0x600n,
  medeleg: 0xb3ffn,
  mideleg: 0x222n,
  mie: INTERRUPTS,
  sie: INTERRUPTS,
  mip: INTERRUPTS,
  sip: INTERRUPTS,
  mepc: ALL & ~1n,
  sepc: ALL & ~1n,
  mcounteren: WORD32,
  scounteren: WORD32,
  mcountinhibit: WORD32 & ~2n,
  menvcfg: ALL & ~(1n << 62n),
  pmpcfg0: 0x9f9f_9f9f_9f9f_9f9fn,
  pmpcfg2: 0x9f9f_9f9f_9f9f_9f9fn,
  // Ours start at another value; machines may choose.
  marchid: 0n,
  mimpid: 0n,
};

/** Counters of host time in QEMU, triggers that we lack, and what the stub does not have. */
// prettier-ignore
const incomparable: ReadonlySet<string> = new Set([
  "mcycle", "minstret", "cycle", "time", "instret", "tselect", "tdata1", "tdata2", "tdata3", "stimecmp",
]);

/** Where instructions are put that set what the stub cannot set. */
const SCRATCH = RAM.start + BigInt(RAM.bytes) - 4096n;

function mask(name: string): bigint {
  return comparable[name] ?? (name.startsWith("pmpaddr") ? (1n << 54n) - 1n : ALL);
}

/** Registers of a state that are compared after a step. */
const compared: readonly string[] = privilegedRegisters
  .map(({ name }) => name)
  .filter((name) => !incomparable.has(name) && !/^m?hpm/.test(name) && mask(name) !== 0n);

/** True if an instruction's reading of that register is the same in both. */
export function isComparable(csr: string): boolean {
  return !incomparable.has(csr) && mask(csr) === ALL;
}

/** What a value read from that register means to both. */
export function comparableMask(csr: string): bigint {
  return incomparable.has(csr) ? 0n : mask(csr);
}

/** A privileged state. Registers that are not named keep what they have. */
export interface PrivilegedSetup {
  readonly privilege: bigint;
  readonly pc: bigint;
  /** By number; others are zero. */
  readonly x: Readonly<Record<number, bigint>>;
  /** In this order, written with the rights of machine mode. */
  readonly registers: readonly (readonly [name: string, value: bigint])[];
  /** Physical; multiples of 8 bytes. */
  readonly memory: readonly (readonly [address: bigint, value: bigint])[];
}

/** What is looked at besides registers, and what of `x` is not. */
export interface Watched {
  /** Addresses of doublewords. */
  readonly memory: readonly bigint[];
  /** Bits of x that are compared, if not all. */
  readonly x?: Readonly<Record<number, bigint>>;
  /** Registers that are not compared this time. */
  readonly except?: readonly string[];
}

/** A state with what to look at, and a text for failures. */
export interface Sample {
  readonly text: string;
  readonly setup: PrivilegedSetup;
  readonly watched: Watched;
}

/** Steps `count` random states and stops the pair; what differed. */
export async function compareStates(
  pair: Riscv64Pair,
  count: number,
  random: Random,
  make: (random: Random) => Sample,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    for (let i = 0; i < count; i += 1) {
      const { text, setup, watched } = make(random);
      const found = await pair.step(setup, watched);
      if (found.length > 0) wrong.push(`${text}: ${found.join("; ")}`);
    }
  } finally {
    pair.stop();
  }
  return wrong;
}

export class Riscv64Pair {
  readonly board: PlainBoard;
  private readonly qemu: QemuUnderTest;

  private readonly takesInterrupts: boolean;

  private constructor(qemu: QemuUnderTest, takesInterrupts: boolean, executor: ExecutorName) {
    this.qemu = qemu;
    this.takesInterrupts = takesInterrupts;
    this.board = new PlainBoard(riscv64System, RAM, executor);
    this.board.system.reset({ pc: RAM.start, registers: new Map(), privilege: "M", isOn: true });
    // QEMU's timer compares with zero from the start.
    this.board.system.input("timer").set(true);
  }

  static async start(takesInterrupts: boolean, executor: ExecutorName = "reference"): Promise<Riscv64Pair> {
    const args = ["-M", "virt", "-cpu", "rv64,h=false", "-bios", "none", "-m", String(RAM.bytes >> 20)];
    const qemu = await startQemu("qemu-system-riscv64", args);
    await qemu.gdb.usePhysicalMemory();
    await qemu.gdb.setStepFlags(takesInterrupts ? 1 : 7);
    return new Riscv64Pair(qemu, takesInterrupts, executor);
  }

  stop(): void {
    this.qemu.stop();
  }

  /** Sets both to the state, executes one instruction in both, and says what differs. */
  async step(setup: PrivilegedSetup, watched: Watched): Promise<readonly string[]> {
    this.setOurs(setup);
    await this.setTheirs(setup);
    if (this.takesInterrupts) this.board.step();
    else this.board.stepMasked();
    await this.qemu.gdb.step();
    return this.differences(watched);
  }

  private setOurs({ privilege, pc, x, registers, memory }: PrivilegedSetup): void {
    const { hart, system, space, executors } = this.board;
    hart.write("privilege", 0, 3n);
    for (let i = 1; i < 32; i += 1) hart.write("x", i, x[i] ?? 0n);
    for (const [name, value] of registers) {
      const refused = system.port.writeCsr(csrNumber(riscv64, name), value, hart);
      if (refused !== null) throw new Error(`our hart refuses to write ${name}`);
    }
    hart.write("privilege", 0, privilege);
    hart.write("waiting", 0, 0n);
    hart.dropReservation();
    hart.pc = pc;
    for (const [address, value] of memory) space.store(address, value, 8);
    executors.flush(null);
  }

  private async setTheirs({ privilege, pc, x, registers, memory }: PrivilegedSetup): Promise<void> {
    const { gdb } = this.qemu;
    await gdb.write("priv", 3n);
    // Both writes flush QEMU's translations.
    await gdb.write("satp", 8n << 60n);
    await gdb.write("satp", 0n);
    for (const [name, value] of registers) await this.writeRegister(name, value);
    await gdb.write("priv", privilege);
    await gdb.writeGeneral([...Array.from({ length: 32 }, (_, i) => x[i] ?? 0n), pc]);
    for (const [address, value] of memory) await gdb.writeMemory(address, bytesOf(value));
  }

  // By `csrw` from t0 if the stub has no such register.
  private async writeRegister(name: string, value: bigint): Promise<void> {
    const { gdb } = this.qemu;
    if (gdb.registers.has(name)) {
      await gdb.write(name, value);
      return;
    }
    await gdb.writeMemory(SCRATCH, bytesOf((BigInt(csrNumber(riscv64, name)) << 20n) | 0x29073n));
    await gdb.write("t0", value);
    await gdb.write("pc", SCRATCH);
    await gdb.step();
  }

  private async differences({ memory, x = {}, except = [] }: Watched): Promise<readonly string[]> {
    const { hart, system, space } = this.board;
    const { gdb } = this.qemu;
    const found: string[] = [];
    const note = (what: string, ours: bigint, theirs: bigint): void => {
      if (ours !== theirs) found.push(`${what}: ours ${ours.toString(16)}, QEMU ${theirs.toString(16)}`);
    };
    const general = await gdb.readGeneral();
    for (let i = 1; i < 32; i += 1) {
      const bits = x[i] ?? ALL;
      note(`x${String(i)}`, hart.read("x", i) & bits, (general[i] ?? 0n) & bits);
    }
    note("pc", hart.pc, general[32] ?? 0n);
    const privilege = hart.read("privilege", 0);
    note("privilege", privilege, await gdb.read("priv"));
    hart.write("privilege", 0, 3n);
    await gdb.write("priv", 3n);
    for (const name of compared) {
      if (except.includes(name)) continue;
      const ours = system.port.readCsr(csrNumber(riscv64, name), hart, "shown");
      if (typeof ours !== "bigint") throw new Error(`our hart refuses to read ${name}`);
      note(name, ours & mask(name), (await gdb.read(name)) & mask(name));
    }
    for (const address of memory) {
      const ours = space.load(address, 8);
      note(
        `memory ${address.toString(16)}`,
        typeof ours === "bigint" ? ours : -1n,
        await wordAt(gdb, address),
      );
    }
    return found;
  }
}

async function wordAt(gdb: GdbClient, address: bigint): Promise<bigint> {
  const bytes = await gdb.readMemory(address, 8);
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes;
}
