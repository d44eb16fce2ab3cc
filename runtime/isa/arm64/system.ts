// Arm64 with EL0 and EL1, and EL2 if wanted: what a full-system machine needs of it (runtime/isa/system.ts).
//
// Relies on the files of this folder. Guarantees: all state is in register files of the hart; `restored` rebuilds what
// follows from them. There is no EL3 and no 32-bit state.

import { ARM64_SEMIHOSTING } from "../../../spec/abi/semihosting.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import { affinityOf } from "../../../spec/isa/arm64/privileged-identification.ts";
import { HCR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { Hart } from "../../core/hart.ts";
import { interruptLine, type InterruptLine } from "../../core/interrupt-line.ts";
import type { Translator } from "../../core/translation.ts";
import { csrNumber, type SystemPort } from "../binding.ts";
import type {
  FlushScope,
  HartBoard,
  HartInspector,
  HartMode,
  HartStart,
  SystemArchitecture,
  SystemHart,
} from "../system.ts";
import { hostAnswers } from "../host-request.ts";
import { mappedAddress } from "../inspection.ts";
import { AddressTranslation, SELECTS_HALF } from "./address-translation.ts";
import { DebugMatch } from "./debug-match.ts";
import { syndromeOf, takeStep, takeSynchronous, type RoutedTrap } from "./exceptions.ts";
import { idleHelpers, performHelper, type HelperWorld } from "./privileged-helpers.ts";
import { Events } from "./events.ts";
import { hasWork, inputs, mayTakeInterrupt, takeInterrupt } from "./interrupts.ts";
import { MODE_COUNT, modeNumber, modeOf } from "./modes.ts";
import { PerformanceMonitors } from "./performance-monitors.ts";
import { bit, ProcessorState, systemFiles } from "./processor-state.ts";
import { RegisterAccess } from "./register-access.ts";
import { GenericTimers } from "./timers.ts";
import { HartTranslator } from "./translator.ts";
import { arm64Binding } from "./user.ts";

const CALL_BYTES = 4n;
const HALT = "halt";

/** The architecture without EL2 (QEMU's `virt`), or with it (`virt,virtualization=on`). */
export function arm64System(options: { readonly hasEl2: boolean }): SystemArchitecture {
  return {
    binding: arm64Binding,
    files: systemFiles,
    modeCount: MODE_COUNT,
    makeHart: (hart, index, board) => new Arm64Hart(new ProcessorState(hart, options.hasEl2), index, board),
  };
}

class Arm64Hart implements SystemHart {
  readonly hart: Hart;
  readonly index: number;
  readonly port: SystemPort;
  readonly translator: Translator;
  readonly userTranslator: Translator;
  readonly inspector: HartInspector;
  private readonly state: ProcessorState;
  private readonly board: HartBoard;
  private readonly debug: DebugMatch;
  private readonly translation: AddressTranslation;
  private readonly timers: GenericTimers;
  private readonly monitors: PerformanceMonitors;
  private readonly events: Events;
  private readonly lines = new Map<string, InterruptLine>();
  private readonly modes: (HartMode | undefined)[] = [];

  constructor(state: ProcessorState, index: number, board: HartBoard) {
    this.state = state;
    this.hart = state.hart;
    this.index = index;
    this.board = board;
    this.debug = new DebugMatch(state);
    this.timers = new GenericTimers(state, board.timeline, index);
    this.monitors = new PerformanceMonitors(state, board.timeline, index);
    this.events = new Events(state, this.timers, board.timeline, index);
    const translation = new AddressTranslation(state, board.physical);
    this.translation = translation;
    const translator = new HartTranslator(translation, state);
    this.translator = translator;
    this.userTranslator = translator.asUser();
    const attention = (): void => {
      board.attention();
    };
    const flush = (scope: FlushScope): void => {
      if (scope.address === null && scope.zeroBit === undefined) translator.forgetAll();
      board.flushTranslations(scope);
    };
    const world: HelperWorld = {
      state,
      translation,
      debug: this.debug,
      events: this.events,
      signalEvent: () => {
        board.signalEvent();
      },
      flush,
      pageToForget: (address) => translator.pageToForget(address),
      attention,
      changeLevel: (change) => this.monitors.changeLevel(change),
    };
    const registers = this.makeRegisters(world);
    this.port = {
      readCsr: (number) => registers.read(number),
      writeCsr: (number, value) => registers.write(number, value),
      helper: (name, args, _, memory) => performHelper(world, { name, args, memory }),
      idleHelpers,
    };
    this.inspector = this.makeInspector(registers);
    for (const [name, file] of Object.entries(inputs)) this.lines.set(name, this.makeInput(file));
  }

  private makeRegisters(world: HelperWorld): RegisterAccess {
    const { state, board, index } = this;
    const registers: RegisterAccess = new RegisterAccess(
      this,
      {
        state,
        writeRegister: (name, value) => {
          registers.modify(csrNumber(arm64Binding.isa, name), value);
        },
        timers: this.timers,
        monitors: this.monitors,
        debug: this.debug,
        index,
        hasGicRegisters: board.deviceRegisters !== null,
        flush: () => {
          world.flush({ address: null, everywhere: false });
        },
        flushLower: () => {
          world.flush({ address: null, zeroBit: SELECTS_HALF, everywhere: false });
        },
        attention: world.attention,
      },
      board,
    );
    return registers;
  }

  private makeInspector(registers: RegisterAccess): HartInspector {
    const { state, board } = this;
    const translator = new HartTranslator(new AddressTranslation(state, board.quiet), null);
    return {
      physicalAddress: (address) => mappedAddress(translator, address),
      readCsr: (number) => registers.inspect(number),
      writeCsr: (number, value) => registers.modify(number, value),
      status: () => state.savedState(),
      // The level stays: another one has another stack pointer.
      setStatus: (value) => {
        state.restoreFlags(value);
        board.attention();
      },
    };
  }

  private makeInput(file: string): InterruptLine {
    return interruptLine((level) => {
      this.state.set(file, level ? 1n : 0n);
      this.board.attention();
    });
  }

  mode(): HartMode {
    return this.modeNumbered(modeNumber(this.state));
  }

  modeNumbered(number: number): HartMode {
    const { state, debug, board } = this;
    return (this.modes[number] ??= modeOf(number, {
      state,
      debug,
      attention: () => {
        board.attention();
      },
    }));
  }

  takeTrap(trap: Trap, word: number | null): void {
    const { state, hart } = this;
    if (isOfFetch(trap) && this.dropsTag()) return;
    const isRequest = trap.cause === HALT && trap.value === ARM64_SEMIHOSTING.immediate;
    if (isRequest && hostAnswers(this.board, this, state.level === 0)) return;
    const routed = this.routeCall(trap);
    if (routed === null) {
      hart.pc += CALL_BYTES;
      hart.retired += 1n;
    } else {
      const syndrome = syndromeOf(state, routed, word);
      if (syndrome.returnAddress !== hart.pc) this.monitors.noteCall();
      this.monitors.changeLevel(() => {
        takeSynchronous(state, syndrome);
      });
    }
    this.board.attention();
  }

  // A branch took the tag of its address along; it goes before anything is fetched there. False: there is none.
  private dropsTag(): boolean {
    const { hart } = this;
    const target = this.translation.branchTarget(hart.pc);
    const isTagged = target !== hart.pc;
    hart.pc = target;
    return isTagged;
  }

  // Null: the board's firmware answered. Calls that do not exist here come back as they are, without a target.
  private routeCall(trap: Trap): Trap | null {
    const { state, board } = this;
    const { hasEl2, level } = state;
    if (level === 0) return trap;
    const toEl2: RoutedTrap = { ...trap, target: 2 };
    const control = state.hypervisorControl();
    const answered = (): boolean => board.firmware?.call(this) === true;
    if (trap.cause === "hypervisorCall") {
      if (!hasEl2) return answered() ? null : trap;
      // HCD counts even where TGE switches other controls off.
      return bit(state.get("hcr_el2"), HCR.noCalls) ? trap : toEl2;
    }
    if (trap.cause === "monitorCall" && hasEl2) {
      if (level === 1 && bit(control, HCR.monitorCalls)) return toEl2;
      return answered() ? null : trap;
    }
    return trap;
  }

  takeInterrupt(): boolean {
    const { state, monitors } = this;
    monitors.resume();
    if (!monitors.changeLevel(() => takeInterrupt(state) || takeStep(state))) return false;
    this.state.set("waiting", 0n);
    this.events.stopWaiting();
    this.board.attention();
    return true;
  }

  get isOn(): boolean {
    return this.state.get("off") === 0n;
  }

  turnOff(): void {
    this.state.set("off", 1n);
    this.board.attention();
  }

  wait(): void {
    if (!hasWork(this.state)) this.state.set("waiting", 1n);
    this.board.attention();
  }

  get isWaiting(): boolean {
    const { state } = this;
    if (state.get("waiting") === 0n) return this.events.isWaiting(() => mayTakeInterrupt(state));
    if (!hasWork(state)) return true;
    state.set("waiting", 0n);
    return false;
  }

  receiveEvent(): void {
    this.events.signal();
  }

  input(name: string): InterruptLine {
    const line = this.lines.get(name);
    if (line === undefined) throw new Error(`an Arm64 hart has no input ${name}`);
    return line;
  }

  output(name: string, line: InterruptLine): void {
    if (name === "pmu") this.monitors.connect(line);
    else this.timers.connect(name, line);
  }

  reset(start: HartStart): void {
    const { state, hart, lines } = this;
    const levels = [...lines.keys()].map(
      (name) => [inputs[name] ?? name, state.get(inputs[name] ?? name)] as const,
    );
    state.reset(levelNamed(start.privilege, state.hasEl2));
    // Lines keep their levels: their other ends did not change.
    for (const [file, level] of levels) state.set(file, level);
    if (state.hasEl2) state.set("vmpidr_el2", affinityOf(this.index));
    for (const [number, value] of start.registers) hart.write("x", number, value);
    state.set("off", start.isOn ? 0n : 1n);
    hart.pc = start.pc;
    this.debug.changed();
    this.timers.updateAll();
    this.monitors.update();
    this.events.stopWaiting();
    // Unknown after a reset; like this the first wait is none.
    this.events.signal();
    this.board.flushTranslations({ address: null, everywhere: false });
    this.board.attention();
  }

  restored(): void {
    this.debug.changed();
    this.timers.updateAll();
    this.monitors.update();
    this.events.restored();
    for (const [name, file] of Object.entries(inputs)) {
      // The wire remembers its level too, so that the next change is one.
      const level = this.state.get(file);
      this.lines.get(name)?.set(level !== 0n);
    }
  }
}

function isOfFetch({ cause }: Trap): boolean {
  return cause.startsWith("instruction");
}

function levelNamed(name: string, hasEl2: boolean): Level {
  if (name === "EL2" && hasEl2) return 2;
  return name === "EL0" ? 0 : 1;
}
