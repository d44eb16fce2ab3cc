// Inline forms against the port, over random states of a hart: where a form applies, reading, writing and performing
// give what the port gives, and change no mode and no translation.

import { describe, expect, test } from "vitest";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { evaluateEffect } from "../../spec/isa/effect-eval.ts";
import { mapChildren, mapStmt } from "../../spec/isa/effect-rewrite.ts";
import type { Expr, Stmt } from "../../spec/isa/effect.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { effectMachine, type HartContext } from "../../runtime/isa/effect-machine.ts";
import { arm64System } from "../../runtime/isa/arm64/system.ts";
import { riscv64System } from "../../runtime/isa/riscv64/system.ts";
import type { InlineForms } from "../../runtime/isa/inline-forms.ts";
import type { SystemArchitecture } from "../../runtime/isa/system.ts";
import { SeededRandom } from "./support/random-code.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x4000_0000n, bytes: 1 << 16 };
const STATES = 10;
const MANY = 100;
const WORD = (1n << 64n) - 1n;
const RESULT = "x";

interface Case {
  readonly name: string;
  readonly architecture: SystemArchitecture;
  readonly csrs: readonly number[];
  readonly level: string;
  readonly levels: readonly bigint[];
  /** Contents that the architecture never has otherwise. */
  readonly legal: Readonly<Record<string, (value: bigint) => bigint>>;
}

const numbersOf = (csrs: readonly { readonly number: number; readonly fields?: unknown }[]): number[] =>
  csrs.filter(({ fields }) => fields === undefined).map(({ number }) => number);
const arm64Legal = { daif: (value: bigint): bigint => value & 0x3c0n };
const arm64Case = { csrs: numbersOf(arm64.csrs), level: "el", legal: arm64Legal };

const cases: readonly Case[] = [
  { name: "arm64", architecture: arm64System({ hasEl2: false }), levels: [0n, 1n], ...arm64Case },
  { name: "arm64 with EL2", architecture: arm64System({ hasEl2: true }), levels: [0n, 1n, 2n], ...arm64Case },
  {
    name: "riscv64",
    architecture: riscv64System,
    csrs: numbersOf(riscv64.csrs),
    level: "privilege",
    levels: [0n, 1n, 3n],
    // MPP is never 2, and a hart that executes does not wait.
    legal: { mstatus: (value) => value & ~(1n << 12n), waiting: () => 0n },
  },
];

class Stand {
  readonly board: PlainBoard;
  private readonly context: HartContext;
  private readonly start: Case;
  private readonly random: SeededRandom;

  constructor(start: Case, seed: number) {
    this.start = start;
    this.board = new PlainBoard(start.architecture, RAM);
    this.random = new SeededRandom(seed);
    const { system, hart } = this.board;
    const { port } = system;
    const { binding } = system.mode();
    const memory = this.board.executors.memory();
    const attention = { raised: false };
    this.context = { hart, memory, userMemory: memory, port, binding, attention, guard: null };
  }

  value(): bigint {
    const { random } = this;
    const kind = random.below(4);
    if (kind === 0) return 0n;
    if (kind === 1) return 1n << BigInt(random.below(64));
    const half = (): bigint => BigInt(random.below(2 ** 32));
    return (half() << 32n) | half();
  }

  /** A random state at `level`; answers what there is without the port. */
  disturb(level: bigint): InlineForms | null {
    const { start, board } = this;
    for (const [name, { file }] of board.hart.places) {
      const legal = start.legal[name] ?? ((value: bigint): bigint => value);
      for (let i = 0; i < file.count; i += 1) board.hart.write(name, i, legal(this.value()));
    }
    board.hart.write(start.level, 0, level);
    return board.system.mode().binding.inline;
  }

  /** Executes them; false if a form does not apply. */
  execute(unless: Expr | null, body: readonly Stmt[]): boolean {
    const leave: Stmt[] = unless === null ? [] : [{ kind: "if", cond: unless, then: [stop], else: [] }];
    const input = { operands: {}, pc: 0n, lengthBytes: 4 };
    const now: Expr = { kind: "const", width: 64, value: this.board.timeline.now() };
    const timed = (e: Expr): Expr => (e.kind === "time" ? now : mapChildren(e, timed));
    const whole = [...leave, ...body].map((s) => mapStmt(s, timed));
    return evaluateEffect({ body: whole }, input, effectMachine(this.context)).kind === "next";
  }

  /** What `change` makes of the state, which is put back. */
  after<T>(change: () => T): { readonly result: T; readonly area: Uint8Array; readonly mode: number } {
    const { hart, system } = this.board;
    const before = hart.copyArea();
    const flushes = this.board.flushes;
    const result = change();
    expect(this.board.flushes).toBe(flushes);
    const found = { result, area: hart.copyArea(), mode: system.mode().number };
    hart.restoreArea(before);
    return found;
  }
}

const stop: Stmt = { kind: "trap", cause: "outside", value: null };

function setResult(value: Expr): Stmt {
  const all = {
    name: RESULT,
    file: RESULT,
    width: 64,
    first: 0,
    count: 1,
    special: null,
    names: [],
    aliases: {},
  };
  return { kind: "setRegister", register: { class: all, index: { kind: "fixed", index: 1 } }, value };
}

function eachState(start: Case, seed: number, check: (stand: Stand, forms: InlineForms) => void): void {
  const stand = new Stand(start, seed);
  for (let state = 0; state < STATES; state += 1) {
    for (const level of start.levels) {
      const forms = stand.disturb(level);
      if (forms !== null) check(stand, forms);
    }
  }
}

describe.each(cases)("$name", (start) => {
  test("reads", () => {
    let applied = 0;
    eachState(start, 1, (stand, forms) => {
      for (const csr of start.csrs) {
        const form = forms.readCsr(csr);
        if (form === null) continue;
        const { board } = stand;
        const found = stand.after(
          () => stand.execute(form.unless, [setResult(form.value)]) && board.hart.read(RESULT, 1),
        );
        if (found.result === false) continue;
        applied += 1;
        expect(found.result, `register ${csr.toString(16)}`).toBe(
          board.system.port.readCsr(csr, board.hart, "shown"),
        );
      }
    });
    expect(applied).toBeGreaterThan(MANY);
  });

  test("writes", () => {
    let applied = 0;
    eachState(start, 2, (stand, forms) => {
      for (const csr of start.csrs) {
        const value = stand.value() & WORD;
        const form = forms.writeCsr(csr, { kind: "const", width: 64, value });
        const { hart, system } = stand.board;
        const mode = system.mode().number;
        const found = form && stand.after(() => stand.execute(form.unless, form.body));
        if (found?.result !== true) continue;
        applied += 1;
        const expected = stand.after(() => system.port.writeCsr(csr, value, hart));
        expect([found.area, found.mode], `register ${csr.toString(16)}`).toEqual([expected.area, mode]);
        expect([expected.result, expected.mode]).toEqual([null, mode]);
      }
    });
    expect(applied).toBeGreaterThan(MANY);
  });
});

// op1, CRn, CRm and op2 of sys; which and value of an immediate for PSTATE.
const helpers: readonly (readonly [name: string, args: readonly bigint[]])[] = [
  ...[30n, 31n, 5n].flatMap((which) => [0n, 3n, 15n].map((value) => ["setState", [which, value]] as const)),
  ...[1n, 5n, 6n, 10n, 11n, 14n].flatMap((crm) =>
    [0n, 1n, 2n].map((op2) => ["systemOperation", [op2 === 1n ? 3n : 0n, 7n, crm, op2, RAM.start]] as const),
  ),
];

test.each(cases.filter(({ level }) => level === "el"))("$name: PSTATE and operations", (start) => {
  let applied = 0;
  eachState(start, 3, (stand, forms) => {
    for (const [name, args] of helpers) {
      const form = forms.helper(
        name,
        args.map((value): Expr => ({ kind: "const", width: 64, value })),
      );
      // What stores is compared by whole programs.
      if (form === null || form.body.some(({ kind }) => kind === "store")) continue;
      const { board } = stand;
      const found = stand.after(() => stand.execute(form.unless, form.body));
      if (!found.result) continue;
      applied += 1;
      const { port } = board.system;
      const expected = stand.after(() => port.helper(name, args, board.hart, board.executors.memory()));
      expect([found.area, null, found.mode], name).toEqual([expected.area, expected.result, expected.mode]);
    }
  });
  expect(applied).toBeGreaterThan(MANY);
});
