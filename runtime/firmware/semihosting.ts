// Semihosting: a console, a clock, a command line and an end, for programs without drivers.
//
// Relies on spec/abi/semihosting.ts, guest-bytes.ts and firmware-machine.ts. There are no files of the host: a guest sees
// none. Time is virtual, so a run can be repeated. Guarantees: one call does a bounded amount of work; all state is
// plain data.

import {
  SEMIHOSTING_APPLICATION_EXIT,
  SEMIHOSTING_CONSOLE,
  SEMIHOSTING_ERROR as ERROR,
  SEMIHOSTING_FEATURE_BYTES,
  SEMIHOSTING_FEATURES,
  SEMIHOSTING_MODES,
  SEMIHOSTING_OPERATION as OPERATION,
  SEMIHOSTING_WORD_BYTES as WORD,
  type SemihostingRegisters,
} from "../../spec/abi/semihosting.ts";
import { EPOCH_START_SECONDS } from "../core/clock.ts";
import { dequeueBytes, emptyQueue, enqueueBytes, type ByteChannel, type ByteInput, type InputQueue } from "../devices/byte-channel.ts"; // prettier-ignore
import type { HostAnswer, HostCalls, SystemHart } from "../isa/system.ts";
import type { FirmwareMachine } from "./firmware-machine.ts";
import { readHartBytes, writeHartBytes } from "./guest-bytes.ts";

export interface SemihostingOptions {
  readonly channel: ByteChannel;
  /** False: nothing is ever typed; reading is at its end. */
  readonly hasInput: boolean;
  readonly commandLine: string;
  /** Unprivileged programs may ask too. */
  readonly atUser: boolean;
}

/** What an ISA and a machine give to it. */
export interface SemihostingWiring {
  readonly machine: FirmwareMachine;
  readonly registers: SemihostingRegisters;
  /** RAM that nothing was loaded to, for the program's heap and stack. */
  readonly freeMemory: { readonly start: bigint; readonly end: bigint };
  /** This hart's request waits for input. */
  readonly waits: (hart: SystemHart) => void;
  /** An operation that does not exist: told once for each text. */
  readonly notice: (text: string) => void;
}

const FILE = "x";
const FAILED = -1n;
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_CENTISECOND = 10_000_000n;
/** What one call moves at most; the program is told how much is left, as if the host had stopped there. */
const MAX_BYTES = 1 << 16;
/** A name or a command line. */
const MAX_TEXT_BYTES = 4096;

/** Handles: the console's three ends, and the features. */
const HANDLE = { input: 1, output: 2, error: 3, features: 4 } as const;

interface SemihostingState {
  errorNumber: number;
  /** Where the features are read next; -1: they are not open. */
  featuresAt: number;
  input: InputQueue;
}

/** A call's operands. */
interface Call {
  readonly hart: SystemHart;
  readonly parameter: bigint;
  /** Words of the block at `parameter`; zero where there is no memory. */
  word(index: number): bigint;
}

/** The result; null: the call waits for something to be typed. */
type Operation = (call: Call) => bigint | null;

export class Semihosting implements HostCalls, ByteInput {
  readonly atUser: boolean;
  private readonly options: SemihostingOptions;
  private readonly wiring: SemihostingWiring;
  private state: SemihostingState = initialState();

  constructor(options: SemihostingOptions, wiring: SemihostingWiring) {
    this.atUser = options.atUser;
    this.options = options;
    this.wiring = wiring;
  }

  call(hart: SystemHart): HostAnswer {
    const { operation: first, parameter: second } = this.wiring.registers;
    // The upper half of the operation's register means nothing.
    const number = Number(BigInt.asUintN(32, hart.hart.read(FILE, first)));
    const operation = this.operations.get(number);
    const parameter = hart.hart.read(FILE, second);
    if (operation === undefined) {
      this.wiring.notice(`semihosting: there is no operation 0x${number.toString(16)}`);
    }
    const result = operation === undefined ? FAILED : operation(this.makeCall(hart, parameter));
    if (result === null) {
      this.wiring.waits(hart);
      return "waits";
    }
    hart.hart.write(FILE, first, BigInt.asUintN(64, result));
    return "answered";
  }

  receive(bytes: Uint8Array): number {
    return enqueueBytes(this.state.input, bytes);
  }

  reset(): void {
    this.state = initialState();
  }

  saveState(): unknown {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    // What saveState gave.
    this.state = structuredClone(state) as SemihostingState;
  }

  private readonly operations: ReadonlyMap<number, Operation> = new Map<number, Operation>([
    [OPERATION.open, (call) => this.open(call)],
    [OPERATION.close, (call) => this.close(call)],
    [OPERATION.writeCharacter, (call) => this.writeText(this.bytes(call, call.parameter, 1))],
    [OPERATION.writeString, (call) => this.writeString(call)],
    [OPERATION.write, (call) => this.write(call)],
    [OPERATION.read, (call) => this.read(call)],
    [OPERATION.readCharacter, () => this.readCharacter()],
    [OPERATION.isError, (call) => (BigInt.asIntN(64, call.word(0)) < 0n ? 1n : 0n)],
    [OPERATION.isTerminal, (call) => this.isTerminal(call)],
    [OPERATION.seek, (call) => this.seek(call)],
    [OPERATION.fileLength, (call) => this.fileLength(call)],
    [OPERATION.temporaryName, () => this.fail(ERROR.access)],
    [OPERATION.remove, () => this.fail(ERROR.access)],
    [OPERATION.rename, () => this.fail(ERROR.access)],
    [OPERATION.system, () => this.fail(ERROR.access)],
    [OPERATION.clock, () => this.now() / NS_PER_CENTISECOND],
    [OPERATION.time, () => EPOCH_START_SECONDS + this.now() / NS_PER_SECOND],
    [OPERATION.errorNumber, () => BigInt(this.state.errorNumber)],
    [OPERATION.commandLine, (call) => this.commandLine(call)],
    [OPERATION.heapInfo, (call) => this.heapInfo(call)],
    [OPERATION.exit, (call) => this.exit(call)],
    [OPERATION.exitExtended, (call) => this.exit(call)],
    [OPERATION.elapsed, (call) => (this.store(call, call.parameter, [this.now()]) ? 0n : FAILED)],
    [OPERATION.tickFrequency, () => NS_PER_SECOND],
  ]);

  private makeCall(hart: SystemHart, parameter: bigint): Call {
    const { physical } = this.wiring.machine;
    return {
      hart,
      parameter,
      word: (index) => {
        const bytes = new Uint8Array(WORD);
        bytes.set(readHartBytes(hart, physical, parameter + BigInt(WORD * index), WORD));
        return new DataView(bytes.buffer).getBigUint64(0, true);
      },
    };
  }

  private now(): bigint {
    return this.wiring.machine.timeline.now();
  }

  private bytes({ hart }: Call, address: bigint, length: number): Uint8Array {
    return readHartBytes(hart, this.wiring.machine.physical, address, length);
  }

  private put({ hart }: Call, address: bigint, bytes: Uint8Array): boolean {
    return writeHartBytes(hart, this.wiring.machine.physical, address, bytes);
  }

  private store(call: Call, address: bigint, words: readonly bigint[]): boolean {
    return this.put(call, address, new Uint8Array(BigUint64Array.from(words).buffer));
  }

  private fail(errorNumber: number): bigint {
    this.state.errorNumber = errorNumber;
    return FAILED;
  }

  // Block: name, mode, length of the name.
  private open(call: Call): bigint {
    const mode = Number(call.word(1));
    const kind = SEMIHOSTING_MODES.kinds[Math.floor(mode / SEMIHOSTING_MODES.perKind)];
    const length = Number(call.word(2));
    if (kind === undefined || length > MAX_TEXT_BYTES) return this.fail(ERROR.invalid);
    const name = new TextDecoder().decode(this.bytes(call, call.word(0), length));
    if (name === SEMIHOSTING_CONSOLE) return BigInt(HANDLE[kind]);
    if (name !== SEMIHOSTING_FEATURES) return this.fail(ERROR.noEntry);
    if (kind !== "input") return this.fail(ERROR.access);
    this.state.featuresAt = 0;
    return BigInt(HANDLE.features);
  }

  private close(call: Call): bigint {
    const handle = Number(call.word(0));
    if (!this.isOpen(handle)) return this.fail(ERROR.badHandle);
    if (handle === HANDLE.features) this.state.featuresAt = -1;
    return 0n;
  }

  // The console is always open.
  private isOpen(handle: number): boolean {
    if (handle === HANDLE.features) return this.state.featuresAt >= 0;
    return Object.values<number>(HANDLE).includes(handle);
  }

  // Console output has no result.
  private writeText(bytes: Uint8Array): bigint {
    for (const byte of bytes) this.options.channel.send(byte);
    return 0n;
  }

  // What a string longer than the limit holds behind it is not printed.
  private writeString(call: Call): bigint {
    for (let done = 0; done < MAX_BYTES; done += MAX_TEXT_BYTES) {
      const bytes = this.bytes(call, call.parameter + BigInt(done), MAX_TEXT_BYTES);
      const end = bytes.indexOf(0);
      this.writeText(end < 0 ? bytes : bytes.subarray(0, end));
      if (end >= 0 || bytes.length < MAX_TEXT_BYTES) break;
    }
    return 0n;
  }

  // Block: handle, address, length. The result is how much was not written.
  private write(call: Call): bigint {
    const [handle, length] = [Number(call.word(0)), call.word(2)];
    if (handle !== HANDLE.output && handle !== HANDLE.error) {
      this.fail(ERROR.badHandle);
      return length;
    }
    const bytes = this.bytes(call, call.word(1), atMost(length));
    this.writeText(bytes);
    return length - BigInt(bytes.length);
  }

  // The same; how much was not read. A console gives what is there, at least one byte.
  private read(call: Call): bigint | null {
    const [handle, length] = [Number(call.word(0)), call.word(2)];
    const count = atMost(length);
    if (handle === HANDLE.features && this.state.featuresAt >= 0) {
      const at = this.state.featuresAt;
      const part = Uint8Array.from(SEMIHOSTING_FEATURE_BYTES.slice(at, at + count));
      if (!this.put(call, call.word(1), part)) return this.failRead(ERROR.fault, length);
      this.state.featuresAt += part.length;
      return length - BigInt(part.length);
    }
    if (handle !== HANDLE.input) return this.failRead(ERROR.badHandle, length);
    if (count === 0 || !this.options.hasInput) return length;
    if (this.state.input.bytes.length === 0) return null;
    const typed = Uint8Array.from(dequeueBytes(this.state.input, count, this.options.channel));
    return this.put(call, call.word(1), typed)
      ? length - BigInt(typed.length)
      : this.failRead(ERROR.fault, length);
  }

  private failRead(errorNumber: number, length: bigint): bigint {
    this.fail(errorNumber);
    return length;
  }

  private readCharacter(): bigint | null {
    if (!this.options.hasInput) return FAILED;
    const [byte] = dequeueBytes(this.state.input, 1, this.options.channel);
    return byte === undefined ? null : BigInt(byte);
  }

  private isTerminal(call: Call): bigint {
    const handle = Number(call.word(0));
    if (!this.isOpen(handle)) return this.fail(ERROR.badHandle);
    return handle === HANDLE.features ? 0n : 1n;
  }

  // Block: handle, position.
  private seek(call: Call): bigint {
    const [handle, position] = [Number(call.word(0)), call.word(1)];
    if (handle !== HANDLE.features || !this.isOpen(handle)) return this.fail(ERROR.badHandle);
    if (position > BigInt(SEMIHOSTING_FEATURE_BYTES.length)) return this.fail(ERROR.invalid);
    this.state.featuresAt = Number(position);
    return 0n;
  }

  private fileLength(call: Call): bigint {
    const handle = Number(call.word(0));
    if (!this.isOpen(handle)) return this.fail(ERROR.badHandle);
    return handle === HANDLE.features ? BigInt(SEMIHOSTING_FEATURE_BYTES.length) : 0n;
  }

  // Block: address, room; the room becomes the length, without the zero at the end.
  private commandLine(call: Call): bigint {
    const text = new TextEncoder().encode(`${this.options.commandLine}\0`);
    const [address, room] = [call.word(0), call.word(1)];
    if (room < BigInt(text.length) || !this.put(call, address, text)) return this.fail(ERROR.invalid);
    const length = BigInt(text.length - 1);
    return this.store(call, call.parameter, [address, length]) ? 0n : this.fail(ERROR.fault);
  }

  // The block's only word points to another one: heap from, heap to, stack from, stack to.
  private heapInfo(call: Call): bigint {
    const { start, end } = this.wiring.freeMemory;
    return this.store(call, call.word(0), [start, end, end, start]) ? 0n : this.fail(ERROR.fault);
  }

  // Block: reason, code; the same for both operations where words have 64 bits.
  private exit(call: Call): bigint {
    const isProgram = call.word(0) === SEMIHOSTING_APPLICATION_EXIT;
    const exitCode = isProgram ? Number(BigInt.asUintN(8, call.word(1))) : 1;
    this.wiring.machine.power({ kind: "off", exitCode });
    return 0n;
  }
}

function initialState(): SemihostingState {
  return { errorNumber: 0, featuresAt: -1, input: emptyQueue() };
}

function atMost(length: bigint): number {
  return length < BigInt(MAX_BYTES) ? Number(length) : MAX_BYTES;
}
