// SBI behind `ecall` from supervisor mode: a RISC-V board's own machine-level firmware.
//
// Relies on spec/abi/sbi.ts and firmware-machine.ts. Source: RISC-V Supervisor Binary Interface Specification 2.0. A hart
// starts with everything delegated that can be (spec/isa/riscv64/privileged.ts), so timers are the supervisor's own.

import {
  SBI_ALL_HARTS,
  SBI_ERROR,
  SBI_EXTENSION,
  SBI_FUNCTION,
  SBI_HART_STATE,
  SBI_LEGACY,
  SBI_REGISTERS,
  SBI_RESET_REASON,
  SBI_RESET_TYPE,
  SBI_SUSPEND,
  SBI_VERSION,
} from "../../spec/abi/sbi.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { isFault } from "../core/memory.ts";
import { csrNumber } from "../isa/binding.ts";
import { PrivilegedHart } from "../isa/riscv64/privileged-hart.ts";
import type { FirmwareCalls, SystemHart } from "../isa/system.ts";
import type { FirmwareConsole, FirmwareMachine } from "./firmware-machine.ts";

/** Error and value; null: the hart does not go on after the call. */
type Answer = { readonly error: bigint; readonly value: bigint } | null;
type Call = (args: readonly bigint[], hart: SystemHart) => Answer;
/** A legacy call answers in a0 alone; null: it answers nothing, or the hart does not go on. */
type LegacyCall = (args: readonly bigint[], hart: SystemHart) => bigint | null;

const FILE = "x";
const A0 = 10;
const A1 = 11;
const STIMECMP = csrNumber(riscv64, "stimecmp");
/** No SBI implementation that is registered: numbers up to 10 are taken. */
const IMPLEMENTATION_ID = 0x50_414e_4341_4b45n;
const MAX_CONSOLE_BYTES = 1n << 16n;

const { success, notSupported, invalidParameter, invalidAddress, alreadyAvailable, failed } = SBI_ERROR;

function done(value = 0n): Answer {
  return { error: success, value };
}

function refused(error: bigint): Answer {
  return { error, value: 0n };
}

/** The firmware of `machine`, with the console that it answers console calls by. */
export function sbiFirmware(machine: FirmwareMachine, console: FirmwareConsole): FirmwareCalls {
  const extensions = extensionTable(machine, console);
  const legacy = legacyTable(machine, console);
  return {
    call(system) {
      const { hart } = system;
      const read = (number: number): bigint => hart.read(FILE, number);
      const { extension, function: functionAt, argument } = SBI_REGISTERS;
      const args = [0, 1, 2, 3, 4, 5].map((i) => read(argument + i));
      const legacyCall = legacy.get(read(extension));
      if (legacyCall !== undefined) {
        const value = legacyCall(args, system);
        if (value !== null) hart.write(FILE, A0, value);
        return true;
      }
      const call = extensions.get(read(extension))?.get(BigInt.asUintN(32, read(functionAt)));
      const answer = call === undefined ? refused(notSupported) : call(args, system);
      if (answer === null) return true;
      hart.write(FILE, SBI_REGISTERS.error, answer.error);
      hart.write(FILE, SBI_REGISTERS.value, answer.value);
      return true;
    },
  };
}

type Extensions = ReadonlyMap<bigint, ReadonlyMap<bigint, Call>>;

function extensionTable(machine: FirmwareMachine, console: FirmwareConsole): Extensions {
  const e = SBI_EXTENSION;
  const table: Map<bigint, ReadonlyMap<bigint, Call>> = new Map([
    [e.timer, new Map<bigint, Call>([[SBI_FUNCTION.timer.set, ([time = 0n], hart) => setTimer(hart, time)]])],
    [e.ipi, new Map<bigint, Call>([[SBI_FUNCTION.ipi.send, (args) => sendIpi(machine, args)]])],
    [e.remoteFence, remoteFences(machine)],
    [e.hartState, hartCalls(machine)],
    [e.systemReset, new Map<bigint, Call>([[SBI_FUNCTION.systemReset.reset, (args, hart) => reset(machine, args, hart)]])],
    [e.debugConsole, consoleCalls(machine, console)],
  ]); // prettier-ignore
  return table.set(e.base, baseCalls(table));
}

function baseCalls(table: Extensions): ReadonlyMap<bigint, Call> {
  const f = SBI_FUNCTION.base;
  const version = (SBI_VERSION.major << 24n) | SBI_VERSION.minor;
  const known = (extension: bigint): boolean =>
    extension === SBI_EXTENSION.base ||
    table.has(extension) ||
    Object.values(SBI_LEGACY).includes(extension as 0n);
  return new Map<bigint, Call>([
    [f.specificationVersion, () => done(version)],
    [f.implementationId, () => done(IMPLEMENTATION_ID)],
    [f.implementationVersion, () => done()],
    [f.probeExtension, ([extension = 0n]) => done(known(extension) ? 1n : 0n)],
    [f.vendorId, () => done()],
    [f.architectureId, () => done()],
    [f.machineImplementationId, () => done()],
  ]);
}

function remoteFences(machine: FirmwareMachine): ReadonlyMap<bigint, Call> {
  const f = SBI_FUNCTION.remoteFence;
  const fence: Call = (args) => {
    const harts = maskedHarts(machine, args);
    if (harts === null) return refused(invalidParameter);
    machine.flushTranslations({ address: null, everywhere: true });
    return done();
  };
  return new Map<bigint, Call>([
    // Executors notice changed code by themselves.
    [f.instruction, (args) => (maskedHarts(machine, args) === null ? refused(invalidParameter) : done())],
    [f.translation, fence],
    [f.translationSpace, fence],
  ]);
}

function hartCalls(machine: FirmwareMachine): ReadonlyMap<bigint, Call> {
  const f = SBI_FUNCTION.hartState;
  return new Map<bigint, Call>([
    [f.start, ([index = 0n, pc = 0n, opaque = 0n]) => {
      const hart = machine.harts[Number(index)];
      if (hart === undefined) return refused(invalidParameter);
      if (hart.isOn) return refused(privileged(hart).isSuspended ? invalidParameter : alreadyAvailable);
      if (pc % 2n !== 0n) return refused(invalidAddress);
      startAt(hart, pc, opaque);
      return done();
    }],
    [f.stop, (_args, hart) => {
      hart.turnOff();
      return null;
    }],
    [f.status, ([index = 0n]) => {
      const hart = machine.harts[Number(index)];
      if (hart === undefined) return refused(invalidParameter);
      if (!hart.isOn) return done(SBI_HART_STATE.stopped);
      return done(privileged(hart).isSuspended ? SBI_HART_STATE.suspended : SBI_HART_STATE.started);
    }],
    [f.suspend, ([wide = 0n], hart) => {
      const type = BigInt.asUintN(32, wide);
      if (isReservedSuspension(type)) return refused(invalidParameter);
      if (type !== SBI_SUSPEND.retentive) return refused(notSupported);
      privileged(hart).suspend();
      return done();
    }],
  ]); // prettier-ignore
}

// Between the default of each kind and those of platforms.
function isReservedSuspension(type: bigint): boolean {
  const ofKind = type % SBI_SUSPEND.nonRetentive;
  return ofKind > SBI_SUSPEND.retentive && ofKind < SBI_SUSPEND.platform;
}

function consoleCalls(machine: FirmwareMachine, console: FirmwareConsole): ReadonlyMap<bigint, Call> {
  const f = SBI_FUNCTION.debugConsole;
  return new Map<bigint, Call>([
    [f.write, ([bytes = 0n, low = 0n, high = 0n]) => {
      const count = bytes < MAX_CONSOLE_BYTES ? bytes : MAX_CONSOLE_BYTES;
      if (high !== 0n) return refused(invalidParameter);
      for (let i = 0n; i < count; i += 1n) {
        const byte = machine.physical.load(low + i, 1);
        if (isFault(byte)) return i === 0n ? refused(invalidParameter) : done(i);
        console.write(Number(byte));
      }
      return done(count);
    }],
    [f.read, ([bytes = 0n, low = 0n]) => {
      let count = 0n;
      for (; count < bytes; count += 1n) {
        const byte = console.read();
        if (byte === null) break;
        if (isFault(machine.physical.store(low + count, BigInt(byte), 1))) return refused(failed);
      }
      return done(count);
    }],
    [f.writeByte, ([byte = 0n]) => {
      console.write(Number(byte & 0xffn));
      return done();
    }],
  ]); // prettier-ignore
}

function legacyTable(machine: FirmwareMachine, console: FirmwareConsole): ReadonlyMap<bigint, LegacyCall> {
  const l = SBI_LEGACY;
  // Masks of legacy calls are in memory, at a virtual address; every kernel since 2020 uses the extensions. All harts.
  const everywhere: LegacyCall = () => {
    machine.flushTranslations({ address: null, everywhere: true });
    return 0n;
  };
  return new Map<bigint, LegacyCall>([
    [l.setTimer, ([time = 0n], hart) => {
      setTimer(hart, time);
      return 0n;
    }],
    [l.putCharacter, ([character = 0n]) => {
      console.write(Number(character & 0xffn));
      return 0n;
    }],
    [l.getCharacter, () => BigInt(console.read() ?? -1)],
    // The supervisor can clear it itself.
    [l.clearIpi, () => 0n],
    [l.sendIpi, () => {
      sendIpi(machine, [0n, SBI_ALL_HARTS]);
      return 0n;
    }],
    [l.remoteFenceInstruction, () => 0n],
    [l.remoteFenceTranslation, everywhere],
    [l.remoteFenceTranslationSpace, everywhere],
    [l.shutdown, (_args, hart) => {
      hart.turnOff();
      machine.power({ kind: "off", exitCode: 0 });
      return null;
    }],
  ]); // prettier-ignore
}

function setTimer(hart: SystemHart, time: bigint): Answer {
  hart.port.writeCsr(STIMECMP, time, hart.hart);
  return done();
}

// Harts of a mask and its base; null if one of them does not exist.
function maskedHarts({ harts }: FirmwareMachine, args: readonly bigint[]): readonly SystemHart[] | null {
  const [mask = 0n, base = 0n] = args;
  if (base === SBI_ALL_HARTS) return harts;
  const chosen: SystemHart[] = [];
  for (let bit = 0n; bit < 64n; bit += 1n) {
    if (((mask >> bit) & 1n) === 0n) continue;
    const hart = harts[Number(base + bit)];
    if (hart === undefined) return null;
    chosen.push(hart);
  }
  return chosen;
}

function sendIpi(machine: FirmwareMachine, args: readonly bigint[]): Answer {
  const harts = maskedHarts(machine, args);
  if (harts === null) return refused(invalidParameter);
  for (const hart of harts) {
    privileged(hart).pendSoftware();
  }
  return done();
}

function privileged(hart: SystemHart): PrivilegedHart {
  if (!(hart instanceof PrivilegedHart)) throw new Error("SBI runs on RISC-V harts only");
  return hart;
}

function startAt(hart: SystemHart, pc: bigint, opaque: bigint): void {
  const registers = new Map([
    [A0, BigInt(hart.index)],
    [A1, opaque],
  ]);
  hart.reset({ pc, registers, privilege: "S", isOn: true });
}

function reset(machine: FirmwareMachine, args: readonly bigint[], hart: SystemHart): Answer {
  const [type = 0n, reason = 0n] = args;
  const { shutdown, coldReboot, warmReboot } = SBI_RESET_TYPE;
  const kind = type === shutdown ? "off" : type === coldReboot || type === warmReboot ? "reset" : null;
  if (kind === null) return refused(invalidParameter);
  hart.turnOff();
  machine.power({ kind, exitCode: reason === SBI_RESET_REASON.none ? 0 : 1 });
  return null;
}
