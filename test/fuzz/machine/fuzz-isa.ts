// What random programs for a whole board need to know of an architecture. One value an ISA: riscv64.ts, arm64.ts.
// Relies on spec/isa and layout.ts.

import type { Isa } from "../../../spec/isa/schema.ts";
import type { Random } from "../../support/random-program/prng.ts";
import type { Surroundings } from "./layout.ts";

/** An instruction with its operands by name. */
export type Chosen = readonly [name: string, values: Readonly<Record<string, number>>];

/** What differs between the machines of programs, besides the program. */
export interface BoardShape {
  readonly harts: number;
  readonly hasHypervisor: boolean;
  readonly gicVersion: 2 | 3;
  /** Harts start here, as `HartStart.privilege` says. */
  readonly privilege: string;
  readonly hasFirmware: boolean;
  readonly isLegacyVirtio: boolean;
}

/** A privileged register that programs write. */
export interface FuzzRegister {
  readonly name: string;
  readonly number: number;
  /** Programs that write anything here are soon over: almost always a sensible value, or none. */
  readonly isVital: boolean;
  /** A value that software would write; null: nothing better than random bits is known. */
  readonly sensible: ((random: Random, around: Surroundings) => bigint) | null;
}

/** A way to another privilege: registers that are written first, then the instruction. */
export interface ModeChange {
  readonly registers: (
    random: Random,
    around: Surroundings,
  ) => readonly (readonly [name: string, value: bigint])[];
  readonly instruction: Chosen;
}

/** A timer that can be armed. */
export interface FuzzTimer {
  /** The register that counts, and the one that is compared with it. */
  readonly now: string;
  readonly compare: string;
  /** Written last, to switch it on. */
  readonly then: readonly (readonly [name: string, value: bigint])[];
}

/** What start-up code is made for. */
export interface BootParts {
  readonly shape: BoardShape;
  readonly code: bigint;
  readonly codeBytes: number;
  readonly random: Random;
  /** Where a device of the board is. */
  readonly addressOf: (device: string) => bigint;
}

export interface FuzzIsa {
  readonly isa: Isa;
  /** Random shapes of its board. */
  shape(random: Random): BoardShape;
  /** Classes of general registers, and the operands that are the address of an access. */
  readonly generalClasses: ReadonlySet<string>;
  readonly base: ReadonlySet<string>;
  /** Numbers of general registers: kept for addresses, and two that sequences may use. */
  readonly pointers: readonly number[];
  readonly scratch: readonly [number, number];
  /** Written by the trap handlers. */
  readonly handlerRegisters: readonly number[];
  readonly registers: readonly FuzzRegister[];
  readonly modeChanges: readonly ModeChange[];
  readonly timers: readonly FuzzTimer[];
  /** Registers that switch a stage of translation on or off, in order of writing. */
  readonly translationSwitches: readonly (readonly string[])[];
  /** Instructions after which changed tables, or changed code, must be seen. */
  readonly translationFences: readonly Chosen[];
  codeFences(address: number): readonly Chosen[];
  readonly waits: readonly Chosen[];
  readonly nop: Chosen;
  constant(register: number, value: bigint): readonly Chosen[];
  add(to: number, from: number): Chosen;
  readRegister(to: number, csr: number): Chosen;
  writeRegister(csr: number, from: number): Chosen;
  /** Changes some bits of a register: `scratch` hold nothing of worth. */
  flipRegister(csr: number, bits: bigint): readonly Chosen[];
  store(from: number, base: number, bytes: 1 | 2 | 4 | 8): Chosen;
  load(to: number, base: number, bytes: 1 | 2 | 4 | 8): Chosen;
  /** Load-reserved from `base`, something in between, store-conditional. */
  reservation(base: number, between: readonly Chosen[]): readonly Chosen[];
  jump(to: number): Chosen;
  /** A distance in bytes. */
  jumpBy(distance: number): Chosen;
  /** An entry for a page or table at `physical`. */
  tableEntry(random: Random, physical: bigint, kind: "table" | "block" | "page"): bigint;
  /** The same, open to privileged code. */
  identityEntry(physical: bigint): bigint;
  /** The same for a second stage; null: there is none. */
  secondStageEntry: ((physical: bigint) => bigint) | null;
  /** Start-up code and trap handlers; they jump into the code. */
  boot(parts: BootParts): string;
  /** What harts begin with, besides their number: what `boot` wants. */
  startRegisters(shape: BoardShape, hart: number, random: Random): ReadonlyMap<number, bigint>;
}
