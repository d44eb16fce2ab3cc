// Lists of device accesses: drawn at random from a register map, done on our models, compared with another machine.

import type { DeviceSpec } from "../../../spec/devices/schema.ts";
import type { Bus, DeviceBytes } from "../../../runtime/core/bus.ts";
import type { Random } from "../../support/random-program/prng.ts";

/** What is done to the devices; a load gives a value. */
export type Operation =
  | { readonly kind: "load"; readonly address: bigint; readonly bytes: DeviceBytes }
  | { readonly kind: "store"; readonly address: bigint; readonly bytes: DeviceBytes; readonly value: bigint }
  /** An input of the interrupt controller. */
  | { readonly kind: "line"; readonly input: number; readonly level: boolean };

/** A window, and what to do there. */
export interface Target {
  readonly base: bigint;
  readonly spec: DeviceSpec;
  /** Registers that are never stored to; others are left out with `skip`. */
  readonly loadOnly?: readonly string[];
  readonly skip?: readonly string[];
  /** Values for a register; default: any word. */
  readonly values?: Readonly<Record<string, (random: Random, index: number) => bigint>>;
  /** Registers are drawn by these weights; default 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Indices below this; default: all. */
  readonly indexLimit?: number;
  /** Percentage of accesses that are narrower than the register. */
  readonly narrow?: number;
}

/** One access to a register of the target. */
export function drawAccess(random: Random, target: Target): Operation {
  const { base, spec, skip = [], loadOnly = [], weights = {} } = target;
  const choices = spec.registers.filter(({ name }) => !skip.includes(name));
  const register = random.weighted(choices.map((r) => [weights[r.name] ?? 1, r] as const));
  const index = random.below(Math.min(register.count, target.indexLimit ?? register.count));
  const address = base + BigInt(register.offset + index * register.stride);
  const isNarrow = register.bytes > 1 && random.chance(target.narrow ?? 0);
  const widths = spec.accesses.filter((width) => width < register.bytes);
  const bytes: DeviceBytes = isNarrow && widths.length > 0 ? random.pick(widths) : register.bytes;
  const isLoad = register.access === "ro" || loadOnly.includes(register.name) || random.chance(40);
  if (isLoad && register.access !== "wo") return { kind: "load", address, bytes };
  const value = target.values?.[register.name]?.(random, index) ?? random.word();
  return { kind: "store", address, bytes, value: BigInt.asUintN(8 * bytes, value) };
}

/** What an operation shows: the value of a load, and the watched line after it. */
export interface Result {
  readonly value: bigint | null;
  readonly level: boolean;
}

/** Our devices at the other machine's addresses. */
export interface Stand {
  readonly bus: Bus;
  readonly setLine: (input: number, level: boolean) => void;
  /** The interrupt controller's input of this number. */
  readonly level: (input: number) => boolean;
}

/** Does the operations on our devices. */
export function replay(
  operations: readonly Operation[],
  { bus, setLine, level }: Stand,
  watched: number | null,
): readonly Result[] {
  return operations.map((operation) => {
    let value: bigint | null = null;
    if (operation.kind === "line") setLine(operation.input, operation.level);
    else if (operation.kind === "store") bus.store(operation.address, operation.value, operation.bytes);
    else {
      const loaded = bus.load(operation.address, operation.bytes);
      value = typeof loaded === "bigint" ? loaded : -1n;
    }
    return { value, level: watched !== null && level(watched) };
  });
}

/** Null if all results agree; else the first that does not, after the operations before it. */
export function firstDifference(
  operations: readonly Operation[],
  ours: readonly Result[],
  theirs: readonly Result[],
): string | null {
  const at = operations.findIndex((_, index) => {
    const [left, right] = [ours[index], theirs[index]];
    return left?.value !== right?.value || left?.level !== right?.level;
  });
  if (at < 0) return null;
  const before = operations
    .slice(Math.max(0, at - 25), at)
    .map((operation, index) => `${describe(operation)} ${show(ours[Math.max(0, at - 25) + index])}`);
  const failing = operations[at];
  const text = failing === undefined ? "" : describe(failing);
  return `${before.join("\n")}\n${text}: ours ${show(ours[at])}, theirs ${show(theirs[at])}`;
}

function show(result: Result | undefined): string {
  return result === undefined
    ? "nothing"
    : `${result.value === null ? "" : hex(result.value)} ${Number(result.level)}`;
}

function describe(operation: Operation): string {
  if (operation.kind === "line") return `line ${operation.input} ${operation.level}`;
  const value = operation.kind === "store" ? ` ${hex(operation.value)}` : "";
  return `${operation.kind}${8 * operation.bytes} ${hex(operation.address)}${value}`;
}

function hex(value: bigint | undefined): string {
  return value === undefined ? "nothing" : `0x${value.toString(16)}`;
}
