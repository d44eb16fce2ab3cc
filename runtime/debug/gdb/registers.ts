// Registers as gdb sees them: features of a target description, filled from the register files and CSRs of an Isa.
//
// Relies on spec/isa and isa/system.ts. Which features there are, and what gdb calls them, is said per ISA
// (riscv64-registers.ts, arm64-registers.ts); names, widths and values come from spec/isa.

import type { RegisterClass } from "../../../spec/isa/schema.ts";
import type { SystemHart } from "../../isa/system.ts";

/** One register of a target description. */
export interface DebugRegister {
  readonly name: string;
  /** A multiple of 8. */
  readonly bits: number;
  /** A type that gdb knows, or one of the feature's own. */
  readonly type: string;
  readonly group: "general" | "float" | "vector" | "system";
  read(hart: SystemHart): bigint;
  /** False: it cannot be written. */
  write(hart: SystemHart, value: bigint): boolean;
}

/** What gdb calls a feature. */
export interface RegisterFeature {
  readonly name: string;
  /** Type definitions in gdb's XML. */
  readonly types: string;
  readonly registers: readonly DebugRegister[];
}

/** The registers of a machine, in gdb's order. */
export interface RegisterSet {
  /** gdb's name of the architecture. */
  readonly architecture: string;
  readonly features: readonly RegisterFeature[];
}

/** What an ISA says. `hart`: one of the machine's, which tells which CSRs there are. */
export type RegisterSetOf = (hart: SystemHart) => RegisterSet;

type Look = Pick<DebugRegister, "type" | "group">;

/** The registers that a class sees, `count` of them. */
export function ofClass(view: RegisterClass, count: number, look: Look): DebugRegister[] {
  return Array.from({ length: count }, (_, i) => {
    const number = view.first + i;
    const isZero = view.special !== null && view.special.index === number && view.special.file === null;
    return {
      ...look,
      name: view.names[i] ?? `${view.name}${String(number)}`,
      bits: Math.ceil(view.width / 8) * 8,
      read: ({ hart }) => (isZero ? 0n : BigInt.asUintN(view.width, hart.read(view.file, number))),
      write: ({ hart }, value) => {
        if (!isZero) hart.write(view.file, number, value);
        return true;
      },
    };
  });
}

export const programCounter: DebugRegister = {
  name: "pc",
  bits: 64,
  type: "code_ptr",
  group: "general",
  read: ({ hart }) => hart.pc,
  write: ({ hart }, value) => {
    hart.pc = value;
    return true;
  },
};

/** The hart's status word. */
export function statusRegister(name: string, bits: number): DebugRegister {
  return {
    name,
    bits,
    type: `int`,
    group: "general",
    read: ({ inspector }) => inspector.status(),
    write: ({ inspector }, value) => {
      inspector.setStatus(value);
      return true;
    },
  };
}

/** CSRs of the table that `hart` has, without those named. */
export function systemRegistersOf(
  csrs: readonly { readonly name: string; readonly number: number }[],
  hart: SystemHart,
  except: ReadonlySet<string>,
): DebugRegister[] {
  return csrs
    .filter(({ name, number }) => !except.has(name) && hart.inspector.readCsr(number) !== null)
    .map(({ name, number }) => ({
      name,
      bits: 64,
      type: "int",
      group: "system",
      read: ({ inspector }) => inspector.readCsr(number) ?? 0n,
      write: ({ inspector }, value) => inspector.writeCsr(number, value),
    }));
}

/** The description as gdb reads it. */
export function targetXml({ architecture, features }: RegisterSet): string {
  const parts = features.map(({ name, types, registers }) => {
    const rows = registers.map(
      (r) => `<reg name="${r.name}" bitsize="${String(r.bits)}" type="${r.type}" group="${r.group}"/>`,
    );
    return `<feature name="${name}">${types}${rows.join("")}</feature>`;
  });
  return (
    `<?xml version="1.0"?><!DOCTYPE target SYSTEM "gdb-target.dtd"><target version="1.0">` +
    `<architecture>${architecture}</architecture>${parts.join("")}</target>`
  );
}

/** All registers in order: an index is gdb's number. */
export function registersOf({ features }: RegisterSet): readonly DebugRegister[] {
  return features.flatMap(({ registers }) => registers);
}
