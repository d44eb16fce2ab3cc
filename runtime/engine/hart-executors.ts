// The executors of one hart of a board: one for each mode that it was ever in, with a view of memory of its own.
//
// Relies on isa/system.ts, core/virtual-memory.ts, fast-executor.ts. A change of mode costs nothing but another executor;
// what changes translations without a change of mode must be flushed, in all modes. Guarantees: whichever kind of
// executor is chosen, the states are the same.

import type { AccessStops, GuestWatch } from "../core/access-stops.ts";
import type { AddressSpace } from "../core/address-space.ts";
import type { Bus } from "../core/bus.ts";
import { VirtualMemory, type RememberedPages } from "../core/virtual-memory.ts";
import type { Attention, HartContext } from "../isa/effect-machine.ts";
import type { Executor, ExecutorName, Stop } from "../isa/executor.ts";
import { ReferenceExecutor } from "../isa/reference-executor.ts";
import type { Translator } from "../core/translation.ts";
import type { HartMode, SystemHart } from "../isa/system.ts";
import type { AreaPool } from "./area-pool.ts";
import { FastExecutor, type EngineSettings, type EngineStatistics } from "./fast-executor.ts";

/** What the executors of a hart work with. */
export interface HartExecutorsParts {
  readonly system: Pick<
    SystemHart,
    "hart" | "port" | "translator" | "userTranslator" | "mode" | "modeNumbered"
  >;
  /** RAM and ROM of the board. */
  readonly physical: AddressSpace;
  readonly bus: Bus;
  /** Of a debugger. */
  readonly stops?: AccessStops;
  /** What `HartBoard.attention` of this hart raises. */
  readonly attention: Attention;
  readonly executor: ExecutorName;
  /** Of the machine: see `predecodedAreas`. */
  readonly areas: AreaPool;
  /** See PartsOfBoard. */
  readonly clockAt: number | null;
  /** When the fast executor interprets and translates; for tests and measurements. */
  readonly engine?: Partial<EngineSettings>;
}

/** What a hart remembers in one mode; `user`: of accesses with the rights of a user program. */
export interface ModeTranslations {
  readonly mode: number;
  readonly own: RememberedPages;
  readonly user: RememberedPages;
}

const NOTHING: RememberedPages = { pages: [], large: [] };

interface ModeExecutor {
  readonly memory: VirtualMemory;
  /** Of accesses with the rights of a user program; null: there are none. */
  readonly userMemory: VirtualMemory | null;
  readonly executor: Executor;
}

export class HartExecutors implements Executor {
  private readonly parts: HartExecutorsParts;
  private readonly modes: (ModeExecutor | undefined)[] = [];

  constructor(parts: HartExecutorsParts) {
    this.parts = parts;
  }

  /** Runs in the mode that the hart is in now. The mode changes only where an executor stops, so it holds for all of it. */
  run(limit: number): Stop {
    return this.current().executor.run(limit);
  }

  /** Memory as the hart sees it now, with all effects of translation. */
  memory(): VirtualMemory {
    return this.current().memory;
  }

  /** Forgets the translation of the page at `address`, or all; or those of FlushScope.zeroBit: in all modes. */
  flush(address: bigint | null, zeroBit?: number): void {
    for (const mode of this.modes) {
      for (const memory of [mode?.memory, mode?.userMemory]) {
        if (address === null && zeroBit !== undefined) memory?.flushWhereZero(zeroBit);
        else memory?.flush(address);
      }
    }
  }

  /** What is remembered, mode by mode; modes that remember nothing are left out. */
  saveTranslations(): readonly ModeTranslations[] {
    const all = this.modes.flatMap((mode, number) =>
      mode === undefined
        ? []
        : [{ mode: number, own: mode.memory.saveState(), user: mode.userMemory?.saveState() ?? NOTHING }],
    );
    return all.filter(({ own, user }) => own.pages.length + user.pages.length > 0);
  }

  /** Makes the executors of these modes, before memory is put back: then they are where they would have been. */
  prepare(saved: readonly ModeTranslations[]): void {
    for (const { mode } of saved) this.modeExecutor(this.parts.system.modeNumbered(mode));
  }

  /** Takes what `saveTranslations` gave, once everything else was put back. */
  restoreTranslations(saved: readonly ModeTranslations[]): void {
    this.flush(null);
    for (const { mode, own, user } of saved) {
      const { memory, userMemory } = this.modeExecutor(this.parts.system.modeNumbered(mode));
      memory.restoreState(own);
      userMemory?.restoreState(user);
    }
  }

  /** A debugger's stops are others. */
  stopsChanged(): void {
    for (const mode of this.modes) {
      mode?.memory.stopsChanged();
      mode?.userMemory?.stopsChanged();
    }
  }

  /** What the fast executors of all modes did so far; null for reference executors. */
  statistics(): EngineStatistics | null {
    if (this.parts.executor === "reference") return null;
    const sum = { regions: 0, translated: 0, cold: 0, interpreted: 0 };
    for (const mode of this.modes) {
      if (!(mode?.executor instanceof FastExecutor)) continue;
      const { regions, translated, cold, interpreted } = mode.executor.statistics();
      sum.regions += regions;
      sum.translated += translated;
      sum.cold += cold;
      sum.interpreted += interpreted;
    }
    return sum;
  }

  private current(): ModeExecutor {
    return this.modeExecutor(this.parts.system.mode());
  }

  private modeExecutor(mode: HartMode): ModeExecutor {
    return (this.modes[mode.number] ??= this.make(mode));
  }

  private make({ binding, guard, watch, userWatch }: HartMode): ModeExecutor {
    const { system, physical, bus, stops, attention, executor, areas, clockAt, engine } = this.parts;
    const { hart, port } = system;
    const viewBy = (translator: Translator, watched: GuestWatch | null): VirtualMemory => {
      const parts = { physical, bus, translator, watch: watched };
      return new VirtualMemory(stops === undefined ? parts : { ...parts, stops });
    };
    const memory = viewBy(system.translator, watch);
    const userMemory = binding.accessesAsUser === null ? null : viewBy(system.userTranslator, userWatch);
    const parts = { hart, memory, port, binding, attention, guard };
    const context: HartContext = { ...parts, userMemory: userMemory ?? memory };
    const made =
      executor === "reference"
        ? new ReferenceExecutor(context)
        : new FastExecutor(context, memory, engine, { areas, userMemory: userMemory ?? memory, clockAt });
    return { memory, userMemory, executor: made };
  }
}
