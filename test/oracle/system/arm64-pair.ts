// An Arm64 hart of ours and one of QEMU, set to one privileged state, stepped once and compared.
//
// Relies on qemu-system-aarch64 7.2 and its GDB stub. The stub cannot write system registers, so a program at the highest
// level does; ours takes over what QEMU then shows. Guarantees: `step` compares general registers, pc, PSTATE, every
// register in `compared`, and the doublewords that the test names.

import type { BusDevice } from "../../../runtime/core/bus.ts";
import type { Hart } from "../../../runtime/core/hart.ts";
import { csrNumber } from "../../../runtime/isa/binding.ts";
import { arm64System } from "../../../runtime/isa/arm64/system.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { MASK } from "../../../spec/isa/arm64/privileged-state.ts";
import { systemRegisters } from "../../../spec/isa/arm64/privileged.ts";
import type { FirmwareCalls } from "../../../runtime/isa/system.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { PlainBoard } from "../../runtime/support/plain-board.ts";
import { startQemu, type GdbClient, type QemuUnderTest } from "../../support/gdb-client.ts";

/** RAM of both machines. */
export const RAM = { start: 0x4000_0000n, bytes: 1 << 26 } as const;

/** Where the program is that sets registers, and the values that it loads. */
const PROGRAM = RAM.start + 0x10_0000n;
const VALUES = RAM.start + 0x11_0000n;

const ALL = (1n << 64n) - 1n;
// N, Z, C, V, IL, DAIF, EL and SPSel of PSTATE; others are not there.
const STATE_BITS = 0xf010_03cfn;
const FLAG_FILES = ["flagV", "flagC", "flagZ", "flagN"] as const;
const LOWER_IS_WIDE = 1n << 31n;
const NOT_SUPPORTED = ALL;

// Names of the stub that are not ours in capitals.
const stubNames: Readonly<Record<string, string>> = {
  sctlr_el1: "SCTLR",
  cpacr_el1: "CPACR",
  vbar_el1: "VBAR",
  cntkctl_el1: "CNTKCTL",
  csselr_el1: "CSSELR",
};

/** Not compared: counters and timers run on host time, the stub does not have some. */
const incomparable =
  /^(pmccntr|pmuserenr|cnt.*_(t|c)val|cnt.*_ctl|cnt.*ct_|oslar|osl|cntfrq|spsel|daif|mdscr)/;

/** Registers that are compared after a step: all that can be written. */
export const compared: readonly string[] = systemRegisters
  .filter(({ name, writable }) => writable !== 0n && !incomparable.test(name))
  .map(({ name }) => name);

// Not compared, but copied, because they control traps.
const controls = ["pmuserenr_el0", "mdscr_el1"];

/** Which levels the machine has. */
export interface PairKind {
  readonly hasEl2: boolean;
  readonly interrupts: boolean;
}

/** What is looked at besides registers, and what is not. */
export interface Watched {
  /** Addresses of doublewords. */
  readonly memory?: readonly bigint[];
  /** Registers that are not compared. */
  readonly except?: readonly string[];
}

/** A privileged state. Registers that are not named keep what they have after reset. */
export interface PrivilegedSetup {
  /** PSTATE as SPSR holds it: level, stack selection, masks, flags. */
  readonly state: bigint;
  readonly pc: bigint;
  /** x0 to x30 by number; others are zero. */
  readonly x: Readonly<Record<number, bigint>>;
  readonly sp: bigint;
  readonly registers: readonly (readonly [name: string, value: bigint])[];
  /** Physical; multiples of 8 bytes. Other memory is zero. */
  readonly memory: readonly (readonly [address: bigint, value: bigint])[];
  /** The physical interrupt line is high. */
  readonly irq?: boolean;
}

const MSR_X0 = 0xd510_0000;
const LOAD_NEXT = 0xf840_8420; // ldr x0, [x1], #8
const ERET = 0xd69f_03e0;
const MOVE_SP = 0x9100_001f; // mov sp, x0

function writeOf(name: string): number {
  return MSR_X0 + ((csrNumber(arm64, name) & 0x7fff) << 5);
}

// nzcv is a register file of ours, and no csr.
const WRITE_FLAGS = 0xd51b_4200;

const FLAGS = 0xf000_0000n;
const VECTOR_TABLE_BYTES = 0x800n;

// True if the pc is at a vector of its level.
function tookException(hart: Hart, level: number): boolean {
  const base = level === 0 ? null : hart.read(`vbar_el${String(level)}`, 0);
  return base !== null && hart.pc >= base && hart.pc < base + VECTOR_TABLE_BYTES;
}

const levelOf = (state: bigint): number => Number((state >> 2n) & 3n);

// QEMU's answer to calls that PSCI does not know.
const firmware: FirmwareCalls = {
  call: ({ hart }) => {
    hart.write("x", 0, NOT_SUPPORTED);
    return true;
  },
};

// Everything below RAM.
class Elsewhere implements BusDevice {
  readonly name = "elsewhere";
  readonly bytes = Number(RAM.start);
  isTouched = false;

  load(): bigint {
    this.isTouched = true;
    return 0n;
  }

  store(): void {
    this.isTouched = true;
  }

  reset(): void {
    this.isTouched = false;
  }

  saveState(): null {
    return null;
  }

  restoreState(): void {
    this.isTouched = false;
  }
}

export class Arm64Pair {
  readonly board: PlainBoard;
  private readonly qemu: QemuUnderTest;
  private readonly kind: PairKind;
  private readonly names: readonly string[];
  private dirty: readonly bigint[] = [];
  private readonly elsewhere = new Elsewhere();

  private constructor(qemu: QemuUnderTest, kind: PairKind, executor: ExecutorName) {
    this.qemu = qemu;
    this.kind = kind;
    this.board = new PlainBoard(arm64System(kind), RAM, executor, firmware);
    const there = new Map(systemRegisters.map(({ name, el2 }) => [name, el2 !== "needed" || kind.hasEl2]));
    this.board.bus.attach(0n, this.elsewhere);
    this.names = compared.filter((name) => there.get(name) === true);
  }

  /** Steps take interrupts if `kind` says so. */
  static async start(kind: PairKind, executor: ExecutorName = "reference"): Promise<Arm64Pair> {
    const machine = kind.hasEl2 ? "virt,virtualization=on" : "virt";
    const args = ["-M", machine, "-cpu", "cortex-a53", "-nic", "none", "-m", String(RAM.bytes >> 20)];
    const qemu = await startQemu("qemu-system-aarch64", args);
    await qemu.gdb.usePhysicalMemory();
    await qemu.gdb.setStepFlags(kind.interrupts ? 1 : 7);
    return new Arm64Pair(qemu, kind, executor);
  }

  stop(): void {
    this.qemu.stop();
  }

  /** Sets both to the state, executes one instruction in both, and says what differs; null: nothing can be said. */
  async step(
    setup: PrivilegedSetup,
    { memory = [], except = [] }: Watched = {},
  ): Promise<readonly string[] | null> {
    await this.setTheirs(setup);
    await this.copyToOurs(setup);
    this.elsewhere.isTouched = false;
    this.board.step();
    await this.qemu.gdb.step();
    const found = this.isElsewhere() ? null : await this.differences(memory, except);
    this.dirty = [...setup.memory.map(([address]) => address), ...memory];
    return found;
  }

  // Flash and devices of QEMU's board are not ours: nothing can be said of an access there.
  private isElsewhere(): boolean {
    const { hart } = this.board;
    const syndrome = hart.read(`esr_el${String(hart.read("el", 0) === 2n ? 2 : 1)}`, 0);
    const isFetch = syndrome >> 27n === INSTRUCTION_ABORT && (syndrome & 0x3fn) === EXTERNAL;
    return this.elsewhere.isTouched || isFetch;
  }

  private async setTheirs(setup: PrivilegedSetup): Promise<void> {
    const { gdb } = this.qemu;
    await gdb.command(`qRcmd,${Buffer.from("system_reset").toString("hex")}`);
    const highest = this.kind.hasEl2 ? 2 : 1;
    while (levelOf(await gdb.read("cpsr")) !== highest || (await gdb.read("pc")) !== 0n) await pause();
    await writeWords(gdb, [...this.dirty.map((at) => [at, 0n] as const), ...setup.memory]);
    if (setup.irq === true) await raiseInterrupt(gdb);
    await this.runProgram(setup, highest);
    for (let i = 0; i < 31; i += 1) await gdb.write(`x${String(i)}`, setup.x[i] ?? 0n);
    if (levelOf(setup.state) < highest) await gdb.step();
    else await gdb.write("pc", setup.pc);
  }

  // Writes all registers, then the state: by a return to a lower level, or in place.
  private async runProgram({ registers, state, pc, sp }: PrivilegedSetup, highest: number): Promise<void> {
    const { gdb } = this.qemu;
    const isLower = levelOf(state) < highest;
    const suffix = `_el${String(highest)}`;
    const stack = (state & 1n) === 0n ? "sp_el0" : `sp_el${String(levelOf(state))}`;
    const writes: (readonly [number, bigint])[] = [];
    if (stack !== `sp${suffix}` || isLower) writes.push([writeOf(stack), sp]);
    else writes.push([MOVE_SP, sp]);
    // EL1 is 64-bit.
    if (highest === 2) writes.push([writeOf("hcr_el2"), LOWER_IS_WIDE]);
    writes.push(...registers.map(([name, value]) => [writeOf(name), value] as const));
    if (isLower) {
      writes.push([writeOf(`spsr${suffix}`), state], [writeOf(`elr${suffix}`), pc]);
    } else {
      writes.push([WRITE_FLAGS, state], [writeOf("spsel"), state & 1n], [writeOf("daif"), state & MASK.all]);
    }
    // What lets interrupts in comes last, or what switches translation on.
    const last = writes.findIndex(([word]) => word === writeOf(`sctlr${suffix}`));
    if (last >= 0) writes.push(...writes.splice(last, 1));
    const code = writes.flatMap(([word]) => [LOAD_NEXT, word]);
    if (code.length % 2 === 1) throw new Error("pairs of words");
    await gdb.writeMemory(PROGRAM, wordBytes([...code, ERET, ERET]));
    await gdb.writeMemory(VALUES, doublewordBytes(writes.map(([, value]) => value)));
    await gdb.write("x1", VALUES);
    await gdb.write("pc", PROGRAM);
    // Up to the last write, which is stepped over: the next fetch may be translated.
    const end = PROGRAM + BigInt(4 * (code.length - 1));
    await gdb.command(`Z1,${end.toString(16)},4`);
    await gdb.command("c");
    await gdb.command(`z1,${end.toString(16)},4`);
    await gdb.step();
  }

  // What QEMU shows, into our register files.
  private async copyToOurs({ memory, x, irq = false }: PrivilegedSetup): Promise<void> {
    const { gdb } = this.qemu;
    const { board, kind } = this;
    const { hart, system, space } = board;
    system.reset({ pc: 0n, registers: new Map(), privilege: kind.hasEl2 ? "EL2" : "EL1", isOn: true });
    system.input("irq").set(irq);
    const state = await gdb.read("cpsr");
    for (const name of [...this.names, ...controls]) hart.write(name, 0, await gdb.read(stubName(name)));
    if (kind.hasEl2) hart.write("sp_el2", 0, await gdb.read("SP_EL2"));
    hart.write("el", 0, BigInt(levelOf(state)));
    hart.write("spsel", 0, state & 1n);
    hart.write("daif", 0, state & MASK.all);
    hart.write("il", 0, state >> 20n);
    FLAG_FILES.forEach((file, i) => {
      hart.write(file, 0, state >> BigInt(28 + i));
    });
    for (let i = 0; i < 31; i += 1) hart.write("x", i, x[i] ?? 0n);
    hart.write("x", 31, await gdb.read("sp"));
    hart.pc = await gdb.read("pc");
    for (const at of this.dirty) space.store(at, 0n, 8);
    for (const [at, value] of memory) space.store(at, value, 8);
    board.executors.flush(null);
  }

  private async differences(
    memory: readonly bigint[],
    except: readonly string[],
  ): Promise<readonly string[]> {
    const { gdb } = this.qemu;
    const { hart, space } = this.board;
    const found: string[] = [];
    const compare = (name: string, ours: bigint, theirs: bigint): void => {
      if (ours !== theirs && !except.includes(name))
        found.push(`${name}: ours ${ours.toString(16)}, QEMU's ${theirs.toString(16)}`);
    };
    const state = (await gdb.read("cpsr")) & STATE_BITS;
    compare("pc", hart.pc, await gdb.read("pc"));
    // The condition flags stay as they are when a handler is entered; QEMU clears them.
    const isEntry = tookException(hart, levelOf(state));
    const mask = isEntry ? STATE_BITS & ~FLAGS : STATE_BITS;
    compare("pstate", this.ourState() & mask, state & mask);
    for (let i = 0; i < 31; i += 1) {
      compare(`x${String(i)}`, hart.read("x", i), await gdb.read(`x${String(i)}`));
    }
    compare("sp", hart.read("x", 31), await gdb.read("sp"));
    const selected = (state & 1n) === 0n ? "sp_el0" : `sp_el${String(levelOf(state))}`;
    for (const name of this.names) {
      // The file of the selected stack pointer is stale in both.
      if (name === selected) continue;
      const [ours, theirs] = [hart.read(name, 0), await gdb.read(stubName(name))];
      const mask = comparableBits(name, ours);
      compare(name, ours & mask, theirs & mask);
    }
    for (const at of memory) {
      const [theirs] = doublewords(await gdb.readMemory(at, 8));
      const ours = space.load(at, 8);
      if (typeof ours === "bigint") compare(`memory at ${at.toString(16)}`, ours, theirs ?? 0n);
    }
    return found;
  }

  private ourState(): bigint {
    const { hart } = this.board;
    const flags = FLAG_FILES.reduce((all, file, i) => all | (hart.read(file, 0) << BigInt(28 + i)), 0n);
    const level = (hart.read("el", 0) << 2n) | hart.read("spsel", 0);
    return flags | (hart.read("il", 0) << 20n) | hart.read("daif", 0) | level;
  }
}

// QEMU 7.2 gives the level of the first stage where the second one refused its table, describes instructions for faults
// of EL2's own tables too, and does not force the shareability of device memory in PAR_EL1.
function comparableBits(name: string, ours: bigint): bigint {
  if (name.startsWith("sctlr")) return ALL & ~BIG_ENDIAN;
  if (name === "hcr_el2") return ALL & ~LOWER_IS_WIDE;
  if (name === "par_el1" && (ours & PAR_FAILED) === 0n) return ALL & ~PAR_SHAREABILITY;
  if (name === "par_el1") return (ours & PAR_TABLE_ACCESS) === 0n ? ALL : ALL & ~PAR_LEVEL;
  if (!name.startsWith("esr_el")) return ALL;
  const exceptionClass = ours >> 26n;
  const isAbort = exceptionClass >> 1n === INSTRUCTION_ABORT || exceptionClass >> 1n === DATA_ABORT;
  if (isAbort && (ours & TABLE_ACCESS) !== 0n) return ALL & ~3n;
  // It swaps op1 and op2 of a trapped msr with an immediate.
  if (exceptionClass === SYSTEM_REGISTER && (ours & OP0) === 0n) return ALL & ~OP1_OP2;
  return exceptionClass === DATA_ABORT * 2n + 1n ? ALL & ~INSTRUCTION_SYNDROME : ALL;
}
const BIG_ENDIAN = 3n << 24n;
const SYSTEM_REGISTER = 0x18n;
const OP0 = 3n << 20n;
const OP1_OP2 = 0x3fn << 14n;
const EXTERNAL = 0x10n;
const PAR_FAILED = 1n;
const PAR_TABLE_ACCESS = 1n << 8n;
const PAR_LEVEL = 3n << 1n;
const PAR_SHAREABILITY = 3n << 7n;
const INSTRUCTION_ABORT = 0x20n >> 1n;
const DATA_ABORT = 0x24n >> 1n;
const TABLE_ACCESS = 1n << 7n;
const INSTRUCTION_SYNDROME = 0x7ffn << 14n;

function stubName(name: string): string {
  return stubNames[name] ?? name.toUpperCase();
}

function pause(): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, 1);
  });
}

/** Little-endian bytes of instruction words. */
export function wordBytes(words: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * words.length);
  words.forEach((word, i) => bytes.writeUInt32LE(word >>> 0, 4 * i));
  return bytes;
}

function doublewordBytes(values: readonly bigint[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, i) => bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8 * i));
  return bytes;
}

function doublewords(bytes: Uint8Array): bigint[] {
  const buffer = Buffer.from(bytes);
  return Array.from({ length: bytes.length >> 3 }, (_, i) => buffer.readBigUInt64LE(8 * i));
}

// A software interrupt becomes pending in the GICv2 of QEMU's board.
async function raiseInterrupt(gdb: GdbClient): Promise<void> {
  const [distributor, processor] = [0x800_0000n, 0x801_0000n];
  const writes: readonly (readonly [bigint, number])[] = [
    [distributor, 1],
    [processor, 1],
    [processor + 4n, 0xff],
    [distributor + 0x100n, 1],
    [distributor + 0xf20n, 1],
  ];
  for (const [at, value] of writes) await gdb.writeMemory(at, wordBytes([value]));
}

// Neighbours travel in one packet; the last value of an address counts.
async function writeWords(gdb: GdbClient, words: readonly (readonly [bigint, bigint])[]): Promise<void> {
  const sorted = [...new Map(words)].sort(([a], [b]) => (a < b ? -1 : 1));
  let run: { readonly start: bigint; readonly values: bigint[] } | null = null;
  const send = async (): Promise<void> => {
    if (run !== null) await gdb.writeMemory(run.start, doublewordBytes(run.values));
  };
  for (const [at, value] of sorted) {
    const next: bigint | null = run === null ? null : run.start + BigInt(8 * run.values.length);
    if (run !== null && at === next && run.values.length < 128) run.values.push(value);
    else {
      await send();
      run = { start: at, values: [value] };
    }
  }
  await send();
}
