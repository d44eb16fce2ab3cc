// A RISC-V hart with machine, supervisor and user mode: what a board runs.
//
// Relies on the files of this folder. Guarantees: the board's `attention` is called whenever the mode changed, an
// interrupt can be taken, or a wait begins or ends; everything that lasts is in register files.

import { RISCV_SEMIHOSTING } from "../../../spec/abi/semihosting.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import { supervisorStart } from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { INTERRUPT, PRIVILEGE, STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { Hart } from "../../core/hart.ts";
import type { InterruptLine } from "../../core/interrupt-line.ts";
import type { Timer } from "../../core/timeline.ts";
import type { Translator } from "../../core/translation.ts";
import { csrNumber, type SystemPort } from "../binding.ts";
import { hostAnswers } from "../host-request.ts";
import { mappedAddress } from "../inspection.ts";
import type { HartBoard, HartInspector, HartMode, HartStart, SystemHart } from "../system.ts";
import { nextInterrupt, wakes } from "./interrupts.ts";
import { Modes } from "./modes.ts";
import { PrivilegedState, WAITING } from "./privileged-state.ts";
import { Protection } from "./protection.ts";
import { SystemRegisters, type WriteListener } from "./system-registers.ts";
import { NS_PER_TIME_TICK } from "./time.ts";
import { TableTranslator } from "./translation.ts";
import { enterHandler, exceptionTarget, returnFromMachine, returnFromSupervisor } from "./traps.ts";
import { riscv64Binding } from "./user.ts";

const { undefinedInstruction, systemCall, breakpoint } = riscv64Binding.traps;
const illegal: Trap = { kind: "trap", cause: undefinedInstruction, value: 0n };
const codes: ReadonlyMap<string, number> = new Map(riscv64.traps.map(({ name, code }) => [name, code]));

/** Interrupt inputs of a hart, and the bit of mip that each holds up. */
const inputs: Readonly<Record<string, number>> = {
  software: INTERRUPT.MSI,
  timer: INTERRUPT.MTI,
  external: INTERRUPT.MEI,
  supervisorExternal: INTERRUPT.SEI,
};

const startPrivileges: Readonly<Record<string, bigint>> = {
  M: PRIVILEGE.machine,
  S: PRIVILEGE.supervisor,
  U: PRIVILEGE.user,
};

export class PrivilegedHart implements SystemHart {
  readonly hart: Hart;
  readonly index: number;
  readonly port: SystemPort;
  readonly translator: Translator;
  readonly userTranslator: Translator;
  readonly inspector: HartInspector;
  private readonly board: HartBoard;
  private readonly state: PrivilegedState;
  private readonly protection: Protection;
  private readonly registers: SystemRegisters;
  private readonly modes: Modes;
  private readonly supervisorTimer: Timer;
  /** Number of the mode that the board knows. */
  private knownMode = -1;

  constructor(hart: Hart, index: number, board: HartBoard) {
    this.hart = hart;
    this.index = index;
    this.board = board;
    this.state = new PrivilegedState(hart, index, board.timeline);
    this.protection = new Protection(this.state);
    this.translator = new TableTranslator(this.state, this.protection, board.physical);
    // No instruction has rights of its own.
    this.userTranslator = this.translator;
    this.registers = new SystemRegisters(this.state, this.listener(), (number) => {
      board.unimplemented(`CSR ${riscv64.csrs.find((c) => c.number === number)?.name ?? hex(number)}`);
    });
    this.modes = new Modes(this.state, () => {
      board.attention();
    });
    this.supervisorTimer = board.timeline.timer(`hart${String(index)} stimecmp`, () => {
      this.state.setTimerLevel(true);
      this.interruptsChanged();
    });
    this.port = this.makePort();
    this.inspector = this.makeInspector(new TableTranslator(this.state, this.protection, board.quiet));
  }

  mode(): HartMode {
    const mode = this.modes.current();
    this.knownMode = mode.number;
    return mode;
  }

  modeNumbered(number: number): HartMode {
    return this.modes.numbered(number);
  }

  get isWaiting(): boolean {
    const waiting = this.state.get("waiting");
    return waiting === WAITING.forInterrupt || waiting === WAITING.suspended;
  }

  /** Waits for an interrupt because of `suspend`. */
  get isSuspended(): boolean {
    return this.state.get("waiting") === WAITING.suspended;
  }

  get isOn(): boolean {
    return this.state.get("waiting") !== WAITING.off;
  }

  wait(): void {
    this.waitAs(WAITING.forInterrupt);
  }

  /** Waits like `wait`, for firmware that tells the two apart. */
  suspend(): void {
    this.waitAs(WAITING.suspended);
  }

  private waitAs(waiting: bigint): void {
    const { state } = this;
    if (wakes(state)) return;
    state.set("waiting", waiting);
    this.board.attention();
  }

  receiveEvent(): void {
    // There are no events to wait for.
  }

  turnOff(): void {
    this.state.set("waiting", WAITING.off);
    this.board.attention();
  }

  takeTrap(trap: Trap): void {
    const { state } = this;
    this.modes.trapped(this.hart);
    const isEbreak = trap.cause === breakpoint && !("fault" in trap);
    if (isEbreak && this.isHostRequest()) {
      const isUnprivileged = state.privilege === PRIVILEGE.user;
      if (hostAnswers(this.board, this, isUnprivileged)) return;
    }
    const isCall = trap.cause === systemCall;
    if (isCall && state.privilege === PRIVILEGE.supervisor && this.firmwareAnswers()) return;
    const code = (codes.get(trap.cause) ?? 0) + (isCall ? Number(state.privilege) : 0);
    const to = exceptionTarget(state, code);
    // As on QEMU, ebreak has no value; the manual leaves the choice (3.1.16). A trigger's is the address.
    const value = isEbreak ? 0n : trap.value;
    enterHandler(state, to, { code, isInterrupt: false, value });
  }

  takeInterrupt(): boolean {
    const found = this.isOn ? nextInterrupt(this.state) : null;
    if (found === null) return false;
    this.state.set("waiting", WAITING.no);
    enterHandler(this.state, found.to, { code: found.code, isInterrupt: true, value: 0n });
    return true;
  }

  input(name: string): InterruptLine {
    const bit = inputs[name];
    if (bit === undefined) throw new Error(`a RISC-V hart has no interrupt input ${name}`);
    const mask = 1n << BigInt(bit);
    return {
      set: (level) => {
        const now = this.state.get("inputs");
        const next = level ? now | mask : now & ~mask;
        if (next === now) return;
        this.state.set("inputs", next);
        this.interruptsChanged();
      },
    };
  }

  /** Makes the supervisor's software interrupt pending, as machine-level firmware does; the supervisor clears it. */
  pendSoftware(): void {
    this.state.set("mip", this.state.get("mip") | (1n << BigInt(INTERRUPT.SSI)));
    this.interruptsChanged();
  }

  // It drives nothing.
  output(): void {
    return;
  }

  reset(start: HartStart): void {
    const { hart, state } = this;
    // The wires keep their levels: they belong to who drives them.
    const levels = state.get("inputs");
    state.reset([...hart.places.values()].map(({ file }) => file));
    state.set("inputs", levels);
    state.setTimerLevel(false);
    hart.dropReservation();
    hart.pc = start.pc;
    for (const [number, value] of start.registers) hart.write("x", number, value);
    const privilege = startPrivileges[start.privilege];
    if (privilege === undefined) throw new Error(`RISC-V has no privilege ${start.privilege}`);
    if (privilege !== PRIVILEGE.machine) {
      for (const [name, value] of supervisorStart) this.registers.write(csrNumber(riscv64, name), value);
    }
    state.set("privilege", privilege);
    state.set("waiting", start.isOn ? WAITING.no : WAITING.off);
    this.restored();
  }

  restored(): void {
    this.protection.changed();
    this.modes.trapped(null);
    this.board.flushTranslations({ address: null, everywhere: false });
    this.planTimer();
    this.interruptsChanged();
  }

  // The instruction at pc stands in the sequence that no other program has a use for.
  private isHostRequest(): boolean {
    const { hart, board, inspector } = this;
    const { sequence, trapping } = RISCV_SEMIHOSTING;
    if (board.semihosting === null) return false;
    return sequence.every((word, i) => {
      const at = inspector.physicalAddress(BigInt.asUintN(64, hart.pc + BigInt(4 * (i - trapping))));
      return at !== null && board.quiet.load(at, 4) === BigInt(word);
    });
  }

  // The call retires before it is answered, so firmware may send the hart elsewhere.
  private firmwareAnswers(): boolean {
    const { hart, board } = this;
    if (board.firmware === null) return false;
    const at = hart.pc;
    hart.pc = at + BigInt(riscv64Binding.systemCallBytes);
    if (board.firmware.call(this)) {
      hart.retired += 1n;
      return true;
    }
    hart.pc = at;
    return false;
  }

  // After a change of what is pending or enabled.
  private interruptsChanged(): void {
    const { state } = this;
    const isWoken = this.isWaiting && wakes(state);
    if (isWoken) state.set("waiting", WAITING.no);
    const isNewMode = this.modes.current().number !== this.knownMode;
    if (isWoken || isNewMode || nextInterrupt(state) !== null) this.board.attention();
  }

  // stimecmp, or whether it counts, is another one now. Later its timer raises the level.
  private timerChanged(): void {
    const { state } = this;
    state.setTimerLevel(state.hasSupervisorTimer() && state.time() >= state.get("stimecmp"));
    this.planTimer();
  }

  private planTimer(): void {
    const { state } = this;
    const compare = state.get("stimecmp");
    if (state.hasSupervisorTimer() && state.time() < compare) {
      this.supervisorTimer.schedule(compare * NS_PER_TIME_TICK);
    } else {
      this.supervisorTimer.cancel();
    }
  }

  private listener(): WriteListener {
    const flush = (): void => {
      this.board.flushTranslations({ address: null, everywhere: false });
    };
    const actions: Readonly<Record<Parameters<WriteListener>[0], () => void>> = {
      interrupts: () => {
        this.interruptsChanged();
      },
      translation: flush,
      protection: () => {
        this.protection.changed();
        flush();
      },
      timer: () => {
        this.timerChanged();
      },
      counting: () => undefined,
      triggers: () => {
        flush();
        this.interruptsChanged();
      },
    };
    return (effect) => {
      actions[effect]();
    };
  }

  private makePort(): SystemPort {
    const { registers } = this;
    const helpers: Readonly<Record<string, (args: readonly bigint[]) => bigint | Trap | null>> = {
      waitForInterrupt: () => this.waitForInterrupt(),
      fenceTranslation: (args) => this.fenceTranslation(args),
      returnFromMachine: () => this.returnFrom(PRIVILEGE.machine),
      returnFromSupervisor: () => this.returnFrom(PRIVILEGE.supervisor),
    };
    const { idleHelpers } = riscv64Binding.userPort;
    return {
      readCsr: (number, _, view) => registers.read(number, view),
      writeCsr: (number, value) => registers.write(number, value),
      helper: (name, args) => {
        const helper = helpers[name];
        if (helper !== undefined) return helper(args);
        return idleHelpers.has(name) ? null : illegal;
      },
      idleHelpers,
    };
  }

  private makeInspector(translator: Translator): HartInspector {
    const { registers, state } = this;
    return {
      physicalAddress: (address) => mappedAddress(translator, address),
      readCsr: (number) => registers.inspect(number),
      writeCsr: (number, value) => registers.modify(number, value),
      status: () => state.privilege,
      setStatus: (value) => {
        const isThere = Object.values<bigint>(PRIVILEGE).includes(value);
        if (isThere) state.set("privilege", value);
        this.restored();
      },
    };
  }

  // As on QEMU, user mode may never wait.
  private waitForInterrupt(): Trap | null {
    const { state } = this;
    const isForbidden =
      state.privilege === PRIVILEGE.user ||
      (state.privilege === PRIVILEGE.supervisor && state.status(STATUS.TW) === 1n);
    if (isForbidden) return illegal;
    this.wait();
    return null;
  }

  private fenceTranslation([address = 0n, , onlyAddress]: readonly bigint[]): Trap | null {
    if (!this.mayAsSupervisor((state) => state.status(STATUS.TVM) === 0n)) return illegal;
    this.board.flushTranslations({ address: onlyAddress === 1n ? address : null, everywhere: false });
    return null;
  }

  private returnFrom(level: bigint): bigint | Trap {
    const { state } = this;
    const isAllowed =
      level === PRIVILEGE.machine
        ? state.privilege === PRIVILEGE.machine
        : this.mayAsSupervisor((s) => s.status(STATUS.TSR) === 0n);
    if (!isAllowed) return illegal;
    const to = level === PRIVILEGE.machine ? returnFromMachine(state) : returnFromSupervisor(state);
    this.board.attention();
    return to;
  }

  // Machine mode always may, the supervisor if `condition` holds.
  private mayAsSupervisor(condition: (state: PrivilegedState) => boolean): boolean {
    const { state } = this;
    if (state.privilege === PRIVILEGE.machine) return true;
    return state.privilege === PRIVILEGE.supervisor && condition(state);
  }
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
