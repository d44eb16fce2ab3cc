// What a full-system machine asks of an ISA: privileged state, traps, interrupts, translation. One implementation per
// ISA stands in its folder; the machine (runtime/boards) names none.
//
// Relies on spec/isa and core. All privileged state is in register files of the hart (`systemFiles`), so a copy of the
// hart's area is a copy of everything.

import type { Trap } from "../../spec/isa/effect-eval.ts";
import type { Instruction, OperandValues, RegisterFile } from "../../spec/isa/schema.ts";
import type { GuestWatch } from "../core/access-stops.ts";
import type { Hart } from "../core/hart.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Memory } from "../core/memory.ts";
import type { Timeline } from "../core/timeline.ts";
import type { Translator } from "../core/translation.ts";
import type { IsaBinding, SystemPort } from "./binding.ts";

/** Which remembered translations are wrong now. */
export interface FlushScope {
  /** Only the page of this virtual address; null: all. */
  readonly address: bigint | null;
  /** If there is no address: only pages in whose addresses this bit is zero, i.e. one half of a divided space. */
  readonly zeroBit?: number;
  /** True: of all harts of the board (Arm's inner shareable operations, remote fences); else of this hart. */
  readonly everywhere: boolean;
}

/** What a hart asks of its board. */
export interface HartBoard {
  readonly timeline: Timeline;
  /** Physical memory and devices, for page tables. */
  readonly physical: Memory;
  /** The same without any effect of looking: for debuggers. */
  readonly quiet: Memory;
  /** The executor gives control back after this instruction: interrupts, the mode or `isWaiting` may have changed. */
  attention(): void;
  flushTranslations(scope: FlushScope): void;
  /** Calls of the guest that the machine's own firmware answers; null: they trap as the architecture says. */
  readonly firmware: FirmwareCalls | null;
  /** Semihosting; null: its instructions trap as the architecture says. */
  readonly semihosting: HostCalls | null;
  /** System registers that belong to a device: the processor interface of GICv3. */
  readonly deviceRegisters: DeviceRegisters | null;
  /** An event for all harts of the board: Arm's sev. */
  signalEvent(): void;
  /** A system register or operation that is not there: told once by name, for `--trace` and warnings. */
  unimplemented(what: string): void;
}

/** System registers of a device. The hart has checked that they may be accessed at its privilege. */
export interface DeviceRegisters {
  /** Null: it has no such register that can be read, so the access is undefined. */
  read(number: number, access: DeviceRegisterAccess): bigint | null;
  /** False: it has no such register that can be written. */
  write(number: number, value: bigint, access: DeviceRegisterAccess): boolean;
}

/** Whose access it is, and whether a hypervisor has put the virtual register in the place of the physical one. */
export interface DeviceRegisterAccess {
  readonly hart: SystemHart;
  readonly view: "physical" | "virtual";
}

/** Built-in firmware: SBI behind `ecall`, PSCI behind `hvc` and `smc`. */
export interface FirmwareCalls {
  /** Answers the call that the hart's registers hold; the instruction then retires. False: it is not for the firmware. */
  call(hart: SystemHart): boolean;
}

/** Whether a request is done, or is to be made again when there is something to read. */
export type HostAnswer = "answered" | "waits";

/** What a program asks of the emulator itself. */
export interface HostCalls {
  /** Unprivileged programs may ask too. */
  readonly atUser: boolean;
  /**
   * Does what the hart's registers say; the hart's pc stays. A hart whose request waits does nothing until there is
   * something new of the host or of a device; then it makes the request again.
   */
  call(hart: SystemHart): HostAnswer;
}

/**
 * A way in which a hart executes: privilege, and whatever else changes what instructions and translations do. A hart
 * has a translation buffer and translated code for each mode.
 */
export interface HartMode {
  /** Below `SystemArchitecture.modeCount`. */
  readonly number: number;
  /** For traces: `S`, `EL1`. */
  readonly name: string;
  /** What instructions mean here: the architecture's binding or a variant, e.g. without checks of the stack pointer. */
  readonly binding: IsaBinding;
  /** Instructions that are checked each time, so only the reference executor executes them; null: none. */
  readonly guard: InstructionGuard | null;
  /** What the hart's own debug registers are about in this mode; null: nothing, and it costs nothing. */
  readonly watch: GuestWatch | null;
  /** The same for accesses with the rights of a user program. */
  readonly userWatch: GuestWatch | null;
}

/** E.g. floating point while it is switched off, or while its state must be marked as changed. */
export interface InstructionGuard {
  covers(instruction: Instruction, operands: OperandValues): boolean;
  /** Null: go on. May change state. */
  check(instruction: Instruction, operands: OperandValues, hart: Hart): Trap | null;
}

/** One hart with everything that is privileged. */
export interface SystemHart {
  readonly hart: Hart;
  readonly index: number;
  readonly port: SystemPort;
  readonly translator: Translator;
  /** The same for accesses with the rights of a user program (`IsaBinding.accessesAsUser`). */
  readonly userTranslator: Translator;
  readonly inspector: HartInspector;
  /** The mode that the hart is in now. */
  mode(): HartMode;
  /** The mode of that number, whether or not the hart is in it. */
  modeNumbered(number: number): HartMode;
  /** Enters the handler for what the instruction at pc raised. `word`: its bits, null if they could not be fetched. */
  takeTrap(trap: Trap, word: number | null): void;
  /** Enters the handler of the interrupt that is pending and enabled; false if there is none. */
  takeInterrupt(): boolean;
  /** True while the hart waits for an interrupt: it executes nothing until a line ends that. */
  readonly isWaiting: boolean;
  /** False: it executes nothing until `reset`. */
  readonly isOn: boolean;
  /** As after a wait-for-interrupt instruction. */
  wait(): void;
  turnOff(): void;
  /** A hart of the board has signalled an event. An ISA without events ignores it. */
  receiveEvent(): void;
  /** The hart's interrupt inputs by name: `software`, `timer`, `external`, `supervisorExternal`; `irq`, `fiq`. */
  input(name: string): InterruptLine;
  /** Connects what the hart drives, by name: Arm's timers `cntp`, `cntv`, `cnthp`. A hart without that output ignores it. */
  output(name: string, line: InterruptLine): void;
  /** State after power-on, then what a board's boot protocol wants: pc, and registers of the main file by number. */
  reset(start: HartStart): void;
  /** After a snapshot was put back: timers and whatever is derived from register files. */
  restored(): void;
}

/** A hart as a debugger sees it: nothing is checked against privileges, and looking changes nothing. */
export interface HartInspector {
  /** Where the hart's own accesses to `address` go in its mode; null if no kind of access may. */
  physicalAddress(address: bigint): bigint | null;
  /** What software would read from the CSR of that number; null if this hart has none. */
  readCsr(number: number): bigint | null;
  /** Writes as software would; false if this hart has no such CSR. */
  writeCsr(number: number, value: bigint): boolean;
  /** The program's status word, for a debugger that has one: Arm's PSTATE, RISC-V's privilege. */
  status(): bigint;
  setStatus(value: bigint): void;
}

/** How a hart begins. */
export interface HartStart {
  readonly pc: bigint;
  /** Number in the main register file to value. */
  readonly registers: ReadonlyMap<number, bigint>;
  /** The privilege to start in, as the ISA's mode names begin: `M`, `S`, `EL1`, `EL2`. */
  readonly privilege: string;
  /** False: waits until firmware starts it. */
  readonly isOn: boolean;
}

/** An ISA with its privileged architecture. */
export interface SystemArchitecture {
  readonly binding: IsaBinding;
  /** All register files of a hart: those of the ISA, then the privileged ones. */
  readonly files: readonly RegisterFile[];
  readonly modeCount: number;
  makeHart(hart: Hart, index: number, board: HartBoard): SystemHart;
}
