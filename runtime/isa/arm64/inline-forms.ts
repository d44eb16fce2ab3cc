// System registers and instructions of Arm64 as plain statements (runtime/isa/inline-forms.ts), by exception level.
//
// Relies on register-access.ts for what there is and what may trap. A register that has no behaviour of its own is its
// file; rules that depend on control bits become conditions. Whatever changes the mode, an interrupt or a timer is not
// here, nor what only EL2's registers decide where there is one.

import { ZERO_BLOCK_BYTES, ZERO_BLOCK_ID } from "../../../spec/isa/arm64/privileged-identification.ts";
import { HCR, MASK, MDSCR, SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { TrapRule } from "../../../spec/isa/arm64/privileged-traps.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import { operationName } from "../../../spec/isa/arm64/system-operations.ts";
import type { Expr, Stmt } from "../../../spec/isa/effect.ts";
import {
  anyOf,
  binary,
  contents,
  hasAny,
  isUnder,
  number,
  setContents,
  ticks,
  type InlineChange,
  type InlineForms,
  type InlineValue,
} from "../inline-forms.ts";
import { inputs } from "./interrupts.ts";
import { isForLevel, isNothing, ZERO_BLOCK } from "./maintenance.ts";
import { STATE_FIELD } from "./privileged-helpers.ts";
import { systemFiles } from "./processor-state.ts";
import { entryOf, FREQUENCY, type Entry } from "./register-access.ts";
import { rulesFor, type Direction } from "./register-traps.ts";
import { NS_PER_TICK } from "./timers.ts";

const widths = new Map(systemFiles.map(({ name, width }) => [name, width]));

function valueOf(file: string): Expr {
  return contents(file, widths.get(file) ?? 64);
}

function set(file: string, value: Expr): Stmt {
  return setContents(file, widths.get(file) ?? 64, value);
}

const bitOf = (place: number): bigint => 1n << BigInt(place);

/** What is at `level` of a hart with or without EL2. */
export function inlineForms(level: Level, hasEl2: boolean): InlineForms {
  return new LevelForms(level, hasEl2);
}

class LevelForms implements InlineForms {
  private readonly level: Level;
  private readonly hasEl2: boolean;

  constructor(level: Level, hasEl2: boolean) {
    this.level = level;
    this.hasEl2 = hasEl2;
  }

  readCsr(csr: number): InlineValue | null {
    const entry = this.accessible(csr, "read");
    const traps = entry === null ? null : this.traps(entry.rules, "read");
    if (entry === null || traps === null) return null;
    const { register, behaviour } = entry;
    if (register.name === USER_STACK) {
      return { unless: anyOf([...traps, isUserStackSelected]), value: valueOf(USER_STACK) };
    }
    if (register.name === "dczid_el0") {
      return { unless: anyOf([...traps, ...this.blocksForbidden()]), value: number(ZERO_BLOCK_ID) };
    }
    const count = this.count(register.name);
    if (count !== null) return { unless: anyOf(traps), value: count };
    if (behaviour.read !== undefined || behaviour.exists !== undefined) return null;
    const value = register.writable === 0n ? number(register.reset) : valueOf(register.name);
    return { unless: anyOf(traps), value };
  }

  writeCsr(csr: number, value: Expr): InlineChange | null {
    const entry = this.accessible(csr, "write");
    const traps = entry === null ? null : this.traps(entry.rules, "write");
    if (entry === null || traps === null) return null;
    const { register, behaviour } = entry;
    const { name, writable, reset } = register;
    if (name === USER_STACK) {
      return { unless: anyOf([...traps, isUserStackSelected]), body: [set(USER_STACK, value)] };
    }
    if (name === "daif") return this.setMasks(traps, value);
    if (behaviour.write !== undefined || behaviour.exists !== undefined || name === FREQUENCY) return null;
    const kept = binary("or", binary("and", value, number(writable)), number(reset & ~writable));
    return { unless: anyOf(traps), body: writable === 0n ? [] : [set(name, kept)] };
  }

  helper(name: string, args: readonly Expr[]): InlineChange | null {
    if (name === "setState") return this.setState(args);
    return name === "systemOperation" ? this.operation(args) : null;
  }

  // The register, if it is there at this level at all times and may be accessed.
  private accessible(csr: number, direction: Direction): Entry | null {
    const entry = entryOf(csr);
    if (entry === null) return null;
    const { el2, [direction]: lowest } = entry.register;
    const isHere = el2 === "any" || (el2 === "needed") === this.hasEl2;
    return isHere && lowest !== null && this.level >= lowest ? entry : null;
  }

  // When an access or operation traps; null: that cannot be said here.
  private traps(rules: readonly TrapRule[], direction: Direction): readonly Expr[] | null {
    const found: Expr[] = [];
    for (const { access, from, control, mask, equals, to } of rules) {
      if ((access !== "both" && access !== direction) || !from.includes(this.level)) continue;
      if (to === 2 && !this.hasEl2) continue;
      const isEffective = control !== "hcr_el2";
      if (!isEffective && equals === 0n) return null;
      // With TGE other bits of HCR_EL2 count than those that are set.
      found.push(
        isEffective
          ? isUnder(valueOf(control), mask, equals)
          : hasAny(valueOf(control), mask | bitOf(HCR.general)),
      );
    }
    return found;
  }

  // What a counter shows; null for another register.
  private count(name: string): Expr | null {
    if (name === "cntpct_el0") return ticks(NS_PER_TICK);
    if (name !== "cntvct_el0") return null;
    return this.hasEl2 ? binary("sub", ticks(NS_PER_TICK), valueOf("cntvoff_el2")) : ticks(NS_PER_TICK);
  }

  // When dc zva may not be used.
  private blocksForbidden(): readonly Expr[] {
    const { level, hasEl2 } = this;
    const byKernel = isUnder(valueOf("sctlr_el1"), bitOf(SCTLR.zeroBlockEl0), 0n);
    const byHypervisor = hasAny(valueOf("hcr_el2"), bitOf(HCR.zeroBlock) | bitOf(HCR.general));
    return [...(level === 0 ? [byKernel] : []), ...(hasEl2 && level < 2 ? [byHypervisor] : [])];
  }

  // msr daifset, daifclr.
  private setState([which, value]: readonly Expr[]): InlineChange | null {
    if (this.level === 0 || which?.kind !== "const" || value?.kind !== "const") return null;
    const bits = (value.value << STATE_FIELD.masksAt) & MASK.all;
    const before = valueOf("daif");
    if (which.value === STATE_FIELD.daifSet) return this.setMasks([], binary("or", before, number(bits)));
    if (which.value !== STATE_FIELD.daifClear) return null;
    return this.setMasks([], binary("and", before, number(~bits & MASK.all)));
  }

  // Nothing may be pending that a change of the masks lets in, nor may the mask of debug exceptions matter.
  private setMasks(traps: readonly Expr[], value: Expr): InlineChange | null {
    if (this.level === 0) return null;
    const lines = Object.values(inputs).map((file) => hasAny(valueOf(file), 1n));
    const virtual = this.hasEl2
      ? [hasAny(valueOf("hcr_el2"), bitOf(HCR.virtualFiq) | bitOf(HCR.virtualIrq))]
      : [];
    const debug = hasAny(valueOf("mdscr_el1"), bitOf(MDSCR.step) | bitOf(MDSCR.monitor));
    const unless = anyOf([...traps, ...lines, ...virtual, debug]);
    return { unless, body: [set("daif", binary("and", value, number(MASK.all)))] };
  }

  private operation([op1, crn, crm, op2, value]: readonly Expr[]): InlineChange | null {
    const numbers = [op1, crn, crm, op2].map((e) => (e?.kind === "const" ? Number(e.value) : -1));
    const [a = -1, b = -1, c = -1, d = -1] = numbers;
    const name = operationName(a, b, c, d);
    if (name === null || value === undefined || !isForLevel(a, this.level, this.hasEl2)) return null;
    const traps = this.traps(rulesFor(name), "write");
    if (traps === null) return null;
    if (isNothing(name)) return { unless: anyOf(traps), body: [] };
    if (name !== ZERO_BLOCK) return null;
    const watched = hasAny(valueOf("mdscr_el1"), bitOf(MDSCR.monitor));
    return { unless: anyOf([...traps, watched]), body: zeroBlock(value) };
  }
}

const USER_STACK = "sp_el0";
const isUserStackSelected: Expr = isUnder(valueOf("spsel"), 1n, 0n);
const WORD_BYTES = 8;

function zeroBlock(address: Expr): readonly Stmt[] {
  const start = binary("and", address, number(BigInt.asUintN(64, -BigInt(ZERO_BLOCK_BYTES))));
  return Array.from({ length: ZERO_BLOCK_BYTES / WORD_BYTES }, (_, i): Stmt => {
    const at = binary("or", start, number(BigInt(i * WORD_BYTES)));
    return {
      kind: "store",
      access: { bytes: WORD_BYTES, aligned: true, order: null },
      address: at,
      value: number(0n),
    };
  });
}
