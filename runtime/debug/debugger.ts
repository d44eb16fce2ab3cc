// Stops a machine, lets it go on, steps it, and takes it back in time, for whoever talks to it (runtime/debug/gdb).
//
// Relies on runtime/boards and history.ts. Harts always run in the machine's own order, also while one of them is
// stepped: so a debugged run is the same run, and going back is running it again. Guarantees: the guest sees nothing of
// stops; its own faults and breakpoints are its own.

import type { Machine, MachineOutcome } from "../boards/machine.ts";
import type { Session } from "../boards/session.ts";
import type { AccessStop } from "../core/access-stops.ts";
import { History } from "./history.ts";

/** Why the machine stands still. `address` is inside of what is watched. */
export type DebugStop =
  | { readonly kind: "step" | "interrupted" | "historyStart" | "breakpoint"; readonly hart: number }
  | {
      readonly kind: "watchpoint";
      readonly hart: number;
      readonly address: bigint;
      readonly access: "load" | "store" | "both";
    };

type Stopped = Extract<MachineOutcome, { readonly kind: "stopped" }>;

/** How it goes on. A step is an instruction of that hart, or the entry into a handler. */
export interface Resume {
  readonly kind: "step" | "continue";
  readonly hart: number;
  readonly isBackwards: boolean;
}

interface Place {
  readonly pc: bigint;
  readonly retired: bigint;
}

interface Action extends Resume {
  /** Where the hart was, and when. */
  readonly from: Place;
  readonly fromNs: bigint;
}

const HALTED: MachineOutcome = { kind: "limit" };
const FIRST_WINDOW_NS = 64n;
const WINDOW_GROWTH = 16n;

export class Debugger {
  readonly machine: Machine;
  /** Hears of every stop. */
  onStop: (stop: DebugStop) => void = () => undefined;
  private readonly session: Session;
  private readonly history: History;
  private action: Action | null;
  private isSearching = false;
  private stops: readonly AccessStop[] = [];

  /** `isHalted`: before the first instruction. */
  constructor(session: Session, isHalted: boolean) {
    this.session = session;
    this.machine = session.machine;
    this.history = new History(session.machine);
    this.action = isHalted ? null : this.begin({ kind: "continue", hart: 0, isBackwards: false });
    session.observer = (event) => {
      this.history.note(() => {
        session.enterAgain(event);
      });
    };
    this.history.keep();
  }

  get isHalted(): boolean {
    return this.action === null;
  }

  /** True while the machine does again what it did before: what it sends to the host was sent. */
  get isRepeating(): boolean {
    return this.isSearching || this.history.knownUntil !== null;
  }

  /** Runs as `Session.run` does, as far as the debugger lets it. */
  run(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    const { action } = this;
    if (action === null) return HALTED;
    if (action.isBackwards) return this.runBackwards(action);
    this.history.keep();
    return action.kind === "step" ? this.runStep(action, untilNs, skipIdle) : this.runOn(action, untilNs, skipIdle); // prettier-ignore
  }

  resume(how: Resume): void {
    this.action = this.begin(how);
  }

  interrupt(): void {
    if (this.action !== null) this.halt({ kind: "interrupted", hart: this.machine.activeHart });
  }

  /** Changes the machine's state: that is part of its run from now on. */
  change(what: () => void): void {
    what();
    this.history.note(what);
  }

  /** The owner resets the board, which power requests ask for. */
  restart(): void {
    this.machine.restart();
    this.history.note(() => {
      this.machine.restart();
    });
  }

  /** Where harts stop, instead of before. */
  stopAt(stops: readonly AccessStop[]): void {
    this.stops = stops;
    this.machine.stopAt(stops);
  }

  private begin(how: Resume): Action {
    return { ...how, from: this.placeOf(how.hart), fromNs: this.machine.now() };
  }

  private halt(stop: DebugStop): MachineOutcome {
    this.action = null;
    this.onStop(stop);
    return HALTED;
  }

  private runOn(action: Action, untilNs: bigint, skipIdle: boolean): MachineOutcome {
    for (;;) {
      const known = this.history.knownUntil;
      const outcome =
        known === null
          ? this.session.run(untilNs, skipIdle)
          : this.history.replay(known < untilNs ? known : untilNs);
      if (outcome.kind !== "stopped") return outcome;
      if (!this.isLeaving(action, outcome)) return this.halt(this.stopOf(outcome));
      this.pass();
    }
  }

  private runStep(action: Action, untilNs: bigint, skipIdle: boolean): MachineOutcome {
    const { machine } = this;
    while (machine.now() < untilNs) {
      const outcome = this.advance(untilNs, skipIdle);
      if (outcome.kind === "stopped") {
        if (!this.isLeaving(action, outcome)) return this.halt(this.stopOf(outcome));
        this.pass();
      }
      if (this.hasMoved(action.hart, action.from)) return this.halt({ kind: "step", hart: action.hart });
      if (outcome.kind === "power" || outcome.kind === "idle") return outcome;
    }
    return HALTED;
  }

  // One instruction, trap, or piece of idle time.
  private advance(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    const { machine, session } = this;
    const known = this.history.knownUntil;
    if (known !== null) return this.history.replayStep(known < untilNs ? known : untilNs);
    const outcome = session.run(machine.now() + 1n, false);
    if (outcome.kind !== "idle" || !skipIdle || outcome.until === null) return outcome;
    session.passIdle(outcome.until < untilNs ? outcome.until : untilNs);
    return HALTED;
  }

  // A hart that is let go where it stopped leaves that place.
  private isLeaving({ fromNs, from }: Action, { hart, fault }: Stopped): boolean {
    const isThere = this.machine.now() === fromNs && this.placeOf(hart).pc === from.pc;
    return isThere && fault.access === "fetch";
  }

  // One instruction whatever stops there are.
  private pass(): void {
    const { stops } = this.machine;
    stops.isArmed = false;
    const known = this.history.knownUntil;
    if (known === null) this.session.run(this.machine.now() + 1n, false);
    else this.history.replayStep(known);
    stops.isArmed = true;
  }

  private runBackwards(action: Action): MachineOutcome {
    this.isSearching = true;
    const stop = action.kind === "step" ? this.stepBack(action.hart) : this.continueBack();
    this.isSearching = false;
    return this.halt(stop ?? { kind: "historyStart", hart: action.hart });
  }

  // To the instant before the hart's last step; wider and wider windows are run through step by step.
  private stepBack(hart: number): DebugStop | null {
    const end = this.machine.now();
    for (const from of this.windows(end)) {
      this.goTo(from);
      const found = this.withoutStops(() => this.lastMove(hart, end));
      if (found === null) continue;
      this.goTo(found);
      return { kind: "step", hart };
    }
    this.goTo(this.history.start);
    return null;
  }

  // The instant before the hart's last step from here to `end`, which the machine runs to; null: it does not move.
  private lastMove(hart: number, end: bigint): bigint | null {
    const { history, machine } = this;
    let found: bigint | null = null;
    while (machine.now() < end) {
      const before = machine.now();
      const place = this.placeOf(hart);
      if (history.replayStep(end).kind === "power") break;
      if (this.hasMoved(hart, place)) found = before;
    }
    return found;
  }

  // To the last stop before now; wider and wider windows are searched.
  private continueBack(): DebugStop | null {
    const { history, machine } = this;
    let end = machine.now();
    for (const from of this.windows(end)) {
      this.goTo(from);
      let found: { readonly atNs: bigint; readonly stop: DebugStop } | null = null;
      while (machine.now() < end) {
        const outcome = history.replay(end);
        if (outcome.kind !== "stopped" || machine.now() >= end) break;
        found = { atNs: machine.now(), stop: this.stopOf(outcome) };
        this.pass();
      }
      if (found !== null) {
        this.goTo(found.atNs);
        return found.stop;
      }
      end = from;
    }
    this.goTo(history.start);
    return null;
  }

  // Where windows before `end` begin, the smallest first; the last one begins where history does.
  private *windows(end: bigint): Generator<bigint> {
    const { start } = this.history;
    for (let size = FIRST_WINDOW_NS; end - size > start; size *= WINDOW_GROWTH) yield end - size;
    yield start;
  }

  private goTo(atNs: bigint): void {
    this.history.restoreAtOrBefore(atNs);
    this.withoutStops(() => this.history.replay(atNs));
  }

  // At full speed: pages with stops are slow.
  private withoutStops<T>(run: () => T): T {
    const { machine, stops } = this;
    if (stops.length > 0) machine.stopAt([]);
    const result = run();
    if (stops.length > 0) machine.stopAt(stops);
    return result;
  }

  private stopOf({ hart, fault }: Stopped): DebugStop {
    const { access, address } = fault;
    if (access === "fetch") return { kind: "breakpoint", hart };
    const watched = this.machine.stops.watch(access, address, 16);
    if (watched === null) return { kind: "breakpoint", hart };
    const inside = address > watched.address ? address : watched.address;
    const kind = watched.access === "fetch" ? "both" : watched.access;
    return { kind: "watchpoint", hart, address: inside, access: kind };
  }

  private placeOf(hart: number): Place {
    const { pc = 0n, retired = 0n } = this.machine.harts[hart]?.hart ?? {};
    return { pc, retired };
  }

  private hasMoved(hart: number, { pc, retired }: Place): boolean {
    const now = this.placeOf(hart);
    return now.pc !== pc || now.retired !== retired;
  }
}
