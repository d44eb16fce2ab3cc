// What random Arm64 programs are made of. Relies on random-code.ts.

import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { forEachExpr, forEachStmt, isAccess, stmtExprs } from "../../../spec/isa/effect.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import type { Chosen, Prepared, RandomIsa, SeededRandom } from "./random-code.ts";

const LINK = 30;
const [X19, X20, X21] = [19, 20, 21] as const;
const kept: ReadonlySet<number> = new Set([31, X19, X20, X21]);
const free = Array.from({ length: 32 }, (_, i) => i).filter((i) => !kept.has(i));

interface Facts {
  readonly jumps: boolean;
  readonly accesses: boolean;
  readonly isSystem: boolean;
  /** Demands alignment, or belongs to a reservation. */
  readonly isAtomic: boolean;
}

function factsOf(instruction: Instruction): Facts {
  let [jumps, accesses, isSystem, isAtomic] = [false, false, false, false];
  forEachStmt(effectOf(arm64, instruction).body, (s) => {
    if (s.kind === "setPc") jumps = true;
    if (s.kind === "store") accesses = true;
    if (s.kind === "helper" || s.kind === "trap" || s.kind === "setCsr") isSystem = true;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (node.kind === "csr" || node.kind === "helper") isSystem = true;
        else if (isAccess(node)) accesses = true;
        if (node.kind !== "load" && "access" in node) isAtomic = true;
      });
    }
  });
  return { jumps, accesses, isSystem, isAtomic };
}

const facts = new Map(arm64.instructions.map((i) => [i, factsOf(i)]));
const select = (wanted: (i: Instruction, facts: Facts) => boolean): Instruction[] =>
  [...facts].filter(([i, f]) => wanted(i, f)).map(([i]) => i);

const movesBase = (i: Instruction): boolean => /:(pre|post)/.test(i.name);
// The thread pointer, which nobody should change, and what has a kind of its own.
const isApart = (i: Instruction): boolean => i.name.startsWith("msr") || i.name.startsWith("mrs");
const isLiteral = (i: Instruction): boolean =>
  i.operands.some((o) => o.name === "target" || o.name === "page");
const hasIndex = (i: Instruction): boolean => i.operands.some((o) => /^[xw]m$/.test(o.name));
const plain = select((i, f) => f.accesses && !f.isSystem && !f.jumps && !isLiteral(i));
const isAtomic = (i: Instruction): boolean => facts.get(i)?.isAtomic === true;

const ZERO = 31;
const bases = [X19, X20] as const;

// Writeback moves a base, and steps in one direction would run out of the data area: a copy of a base moves.
function copyOfBase(_: Instruction, random: SeededRandom): Prepared {
  const [spd, spn] = [random.pick(free), random.pick(bases)];
  return { before: [["add:imm", { spd, spn, imm: 0 }]], operands: { spn: spd } };
}

// An index register holds bits of any register: few enough for the data area however they are scaled, and with a sign
// if the instruction extends it.
function smallIndex({ name }: Instruction, random: SeededRandom): Prepared {
  const [xd, xn, immr] = [random.pick(free), random.pick(free), random.below(50)];
  const isSigned = !name.includes(":uxtw") && random.chance(50);
  const extract = isSigned ? "sbfm" : "ubfm";
  return {
    before: [[extract, { xd, xn, immr, imms: immr + random.below(isSigned ? 8 : 11) }]],
    operands: { xm: xd, wm: xd },
  };
}

// Rounding mode, flush to zero and default NaN.
const FPCR_MODES = { bits: 4, low: 22 } as const;

function roundingMode(_: Instruction, random: SeededRandom): Prepared {
  const xt = random.pick(free);
  const imm = random.below(2 ** FPCR_MODES.bits) * 2 ** (FPCR_MODES.low - 16);
  return { before: [["movz", { xd: xt, imm, shift: 16 }]], operands: { xt } };
}

/** A64, as far as user programs may use it. */
export const randomArm64: RandomIsa = {
  isa: arm64,
  free,
  zero: ZERO,
  bases,
  counter: X21,
  link: LINK,
  generalClasses: new Set(["x", "w", "xsp", "wsp"]),
  arithmetic: select((i, f) => !f.accesses && !f.jumps && !f.isSystem && !isApart(i)),
  accesses: [
    {
      percent: 18,
      instructions: plain.filter((i) => !movesBase(i) && !isAtomic(i) && !hasIndex(i)),
      prepare: null,
    },
    { percent: 6, instructions: plain.filter((i) => movesBase(i) && !isAtomic(i)), prepare: copyOfBase },
    {
      percent: 6,
      instructions: plain.filter((i) => !movesBase(i) && !isAtomic(i) && hasIndex(i)),
      prepare: smallIndex,
    },
    // Exclusives and atomics demand alignment, which the bases have.
    { percent: 6, instructions: plain.filter((i) => isAtomic(i) && !movesBase(i)), prepare: null },
  ],
  others: [
    { percent: 2, instructions: select((i) => i.name.startsWith("mrs:")), prepare: null },
    { percent: 2, instructions: [arm64.instruction("msr:fpcr")], prepare: roundingMode },
    {
      percent: 2,
      instructions: select((i) => ["dmb", "dsb", "isb", "nop", "prfm", "clrex", "msr:nzcv"].includes(i.name)),
      prepare: null,
    },
  ],
  base: new Set(["spn"]),
  branches: select(
    (i, f) => f.jumps && i.operands.some((o) => o.name === "target") && i.name !== "b" && i.name !== "bl",
  ),
  constant(xd, value, spread) {
    const start: Chosen[] = [
      ["movz", { xd, imm: value & 0xffff, shift: 0 }],
      ["movk", { xd, imm: (value >>> 16) & 0xffff, shift: 16 }],
    ];
    if (spread === null) return start;
    return [...start, ["movk", { xd, imm: spread.mask * 31, shift: spread.shift < 20 ? 32 : 48 }]];
  },
  loopEnd: (distance) => [
    ["sub:imm", { spd: X21, spn: X21, imm: 1 }],
    ["cbz", { xt: X21, target: 8 }],
    ["b", { target: 4 * distance }],
  ],
  jump: (words) => ["b", { target: 4 * words }],
  call: (words) => ["bl", { target: 4 * words }],
  back: ["ret", { xn: LINK }],
  exit: () => [
    ...free.map((register): Chosen => ["eor", { xd: 0, xn: 0, xm: register, amount: 0 }]),
    ["movz", { xd: 8, imm: 93, shift: 0 }],
    ["svc", { imm: 0 }],
  ],
};
