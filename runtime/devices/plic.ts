// PLIC: routes level-sensitive sources to contexts by priority, enable and threshold.
//
// Relies on interrupt-line.ts. A rising line makes a source pending until it is claimed, also when the line falls before
// that. As the specification (and unlike QEMU 7.2, which waits for the next rise), a completed source whose line is
// still high becomes pending again.

import { PLIC_MAX_PRIORITY, plic, type PlicShape, plicWords } from "../../spec/devices/plic.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import {
  RegisterDevice,
  type DeviceOptions,
  type RegisterHandlers,
  type RegisterModel,
} from "./register-table.ts";

export interface PlicOptions extends DeviceOptions, PlicShape {
  /** To the harts, by context. */
  readonly lines: readonly InterruptLine[];
}

interface PlicState {
  readonly priority: number[];
  readonly level: boolean[];
  readonly pending: boolean[];
  readonly claimed: boolean[];
  /** By context, then word. */
  readonly enable: number[][];
  readonly threshold: number[];
}

export class Plic extends RegisterDevice<PlicState> {
  private readonly lines: readonly InterruptLine[];
  private readonly sources: number;
  private readonly inputs: readonly InterruptLine[];

  constructor(options: PlicOptions) {
    const { sources, contexts } = options;
    const words = plicWords(sources);
    super({
      device: options,
      spec: plic(options),
      initialState: () => ({
        priority: filled(sources + 1, 0),
        level: filled(sources, false),
        pending: filled(sources, false),
        claimed: filled(sources, false),
        enable: Array.from({ length: contexts }, () => filled(words, 0)),
        threshold: filled(contexts, 0),
      }),
    });
    this.lines = options.lines;
    this.sources = sources;
    this.inputs = Array.from({ length: sources }, (_, source) => ({
      set: (level: boolean) => this.setLevel(source, level),
    }));
    this.define(this.model(contexts));
    this.driveLines();
  }

  /** The line of source 1 .. sources - 1. */
  input(source: number): InterruptLine {
    const line = source === 0 ? undefined : this.inputs[source];
    if (line === undefined) throw new Error(`${this.name} has no source ${source}`);
    return line;
  }

  protected override driveLines(): void {
    for (const context of this.state.threshold.keys()) this.lines[context]?.set(this.best(context) !== 0);
  }

  private model(contexts: number): RegisterModel {
    const priority = (value: bigint): number => Number(value) & PLIC_MAX_PRIORITY;
    const enables = Array.from({ length: contexts }, (_, context): [string, RegisterHandlers] => [
      `enable${context}`,
      {
        read: (word: number) => BigInt(this.state.enable[context]?.[word] ?? 0),
        write: (value: bigint, word: number) => {
          const enable = this.state.enable[context];
          if (enable !== undefined && 32 * word < this.sources) enable[word] = Number(value);
          this.driveLines();
        },
      },
    ]);
    return {
      priority: {
        read: (index) => BigInt(this.state.priority[index + 1] ?? 0),
        write: (value, index) => {
          this.state.priority[index + 1] = priority(value);
          this.driveLines();
        },
      },
      pending: { read: (word) => packBits(this.state.pending, word) },
      ...Object.fromEntries<RegisterHandlers>(enables),
      threshold: {
        read: (context) => BigInt(this.state.threshold[context] ?? 0),
        write: (value, context) => {
          this.state.threshold[context] = priority(value);
          this.driveLines();
        },
      },
      claim: {
        read: (context) => BigInt(this.claim(context)),
        write: (value) => this.complete(Number(value)),
      },
    };
  }

  private setLevel(source: number, level: boolean): void {
    // The state remembers the level, not the line, so that a restored device may drive what the state says already.
    if (this.state.level[source] === level) return;
    this.state.level[source] = level;
    if (!level) return;
    this.state.pending[source] = true;
    this.driveLines();
  }

  /** The pending source of highest priority that the context takes, the lowest number among equals; 0 if none. */
  private best(context: number): number {
    const { pending, claimed, priority, enable, threshold } = this.state;
    const enabled = enable[context] ?? [];
    let found = 0;
    let least = threshold[context] ?? 0;
    for (let source = 1; source < this.sources; source += 1) {
      if (pending[source] !== true || claimed[source] === true) continue;
      const isEnabled = (((enabled[source >>> 5] ?? 0) >>> (source & 31)) & 1) === 1;
      const own = priority[source] ?? 0;
      if (!isEnabled || own <= least) continue;
      found = source;
      least = own;
    }
    return found;
  }

  private claim(context: number): number {
    const source = this.best(context);
    if (source !== 0) {
      this.state.pending[source] = false;
      this.state.claimed[source] = true;
      this.driveLines();
    }
    return source;
  }

  private complete(source: number): void {
    if (this.state.claimed[source] !== true) return;
    this.state.claimed[source] = false;
    if (this.state.level[source] === true) this.state.pending[source] = true;
    this.driveLines();
  }
}

function filled<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

function packBits(bits: readonly boolean[], word: number): bigint {
  let packed = 0;
  for (let bit = 0; bit < 32; bit += 1) if (bits[32 * word + bit] === true) packed |= 1 << bit;
  return BigInt(packed >>> 0);
}
