// Advanced SIMD shifts by immediates (Arm DDI 0487, C4.1.97 "shift by immediate"). Relies on rows.ts, vectors.ts.
// The position of the highest bit in immh says how wide lanes are; the bits below it count the shift: from nothing for
// shifts to the left, down from the lane's width for those to the right. Saturating shifts are not described yet.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import {
  arrangements,
  each,
  lane,
  narrow,
  sideBySide,
  views,
  widened,
  writeLanes,
  type Arrangement,
} from "./vectors.ts";

// immh and immb: a one where the width says, then the amount.
function amountBits(bits: number, field: string): string {
  const free = Math.log2(bits);
  return `${"0".repeat(6 - free)}1 ${field}:${String(free)}`;
}

/** The operand of a shift to the right by 1 to `bits`: its number is in a code of that width. */
function rightAmount(bits: number): string {
  return `right${String(bits)}`;
}

// Shifting by all bits of a lane is allowed: one less, then one.
function down(a: string, op: ">>s" | ">>u", bits: number): string {
  return `((${a} ${op} trunc${String(Math.log2(bits))}(${rightAmount(bits)} - 1)) ${op} 1)`;
}

// Half of the last bit that remains is added first, in a lane with one more bit.
function rounded(a: string, sign: "s" | "u", bits: number): string {
  const amount = `trunc${String(Math.log2(bits))}(${rightAmount(bits)} - 1)`;
  return `(${down(a, `>>${sign}`, bits)} + zext1to${String(bits)}((${a} >>u ${amount})[0]))`;
}

interface ShiftRight {
  readonly name: string;
  readonly u: "0" | "1";
  readonly opcode: string;
  readonly lanes: (a: string, d: string, bits: number) => string;
}

// prettier-ignore
const toTheRight: readonly ShiftRight[] = [
  { name: "sshr",  u: "0", opcode: "00000", lanes: (a, _, bits) => down(a, ">>s", bits) },
  { name: "ushr",  u: "1", opcode: "00000", lanes: (a, _, bits) => down(a, ">>u", bits) },
  { name: "ssra",  u: "0", opcode: "00010", lanes: (a, d, bits) => `${d} + ${down(a, ">>s", bits)}` },
  { name: "usra",  u: "1", opcode: "00010", lanes: (a, d, bits) => `${d} + ${down(a, ">>u", bits)}` },
  { name: "srshr", u: "0", opcode: "00100", lanes: (a, _, bits) => rounded(a, "s", bits) },
  { name: "urshr", u: "1", opcode: "00100", lanes: (a, _, bits) => rounded(a, "u", bits) },
  { name: "srsra", u: "0", opcode: "00110", lanes: (a, d, bits) => `${d} + ${rounded(a, "s", bits)}` },
  { name: "ursra", u: "1", opcode: "00110", lanes: (a, d, bits) => `${d} + ${rounded(a, "u", bits)}` },
  { name: "sri",   u: "1", opcode: "01000", lanes: (a, d, bits) => `(${d} & ~${down(`trunc${String(bits)}(-1)`, ">>u", bits)}) | ${down(a, ">>u", bits)}` },
];

// prettier-ignore
const toTheLeft: readonly ShiftRight[] = [
  { name: "shl", u: "0", opcode: "01010", lanes: (a) => `${a} << amount` },
  { name: "sli", u: "1", opcode: "01010", lanes: (a, d, bits) => `(${d} & ~(trunc${String(bits)}(-1) << amount)) | (${a} << amount)` },
];

function shiftRows(
  { name, u, opcode, lanes }: ShiftRight,
  operand: (bits: number) => string,
): InstructionRow[] {
  const vectors = arrangements.map(({ form, bits, lanes: count, q }) =>
    ins(
      `${name}:${form}`,
      `0 ${q} ${u} 011110 ${amountBits(bits, operand(bits))} ${opcode} 1 vn:5 vd:5`,
      `${views(form, "dn")}, #${operand(bits)}`,
      () =>
        writeLanes(
          each(count, (i) => lanes(lane("vn", bits, i), lane("vd", bits, i), bits)),
          bits,
        ),
    ),
  );
  const scalar = ins(
    `${name}:d`,
    `01 ${u} 111110 ${amountBits(64, operand(64))} ${opcode} 1 dn:5 dd:5`,
    `dd, dn, #${operand(64)}`,
    `dd = ${lanes("dn", "dd", 64)}`,
  );
  return [...vectors, scalar];
}

/** Lanes twice as wide, shifted to the right and cut; the second form writes the upper half of `vd`. */
function narrowing(a: Arrangement, opcode: string, name: string, rounds: boolean): InstructionRow {
  const { form, bits, q } = a;
  const wide = widened(a);
  const amount = rightAmount(bits);
  const value = (i: number): string => {
    const element = lane("vn", wide.bits, i);
    const by = `zext${String(Math.log2(bits) + 1)}(${amount})`;
    const shifted = `(${element} >>u ${by})`;
    const last = `zext1to${String(wide.bits)}((${element} >>u (${by} - 1))[0])`;
    return `trunc${String(bits)}(${rounds ? `${shifted} + ${last}` : shifted})`;
  };
  return ins(
    `${name}${q === "1" ? "2" : ""}:${form}`,
    `0 ${q} 0 011110 ${amountBits(bits, amount)} ${opcode} 1 vn:5 vd:5`,
    `vd.${form}, vn.${wide.form}, #${amount}`,
    () => {
      const half = each(64 / bits, value);
      return q === "0" ? writeLanes(half, bits) : `vd = concat(${sideBySide(half)}, vd[63:0])`;
    },
  );
}

/** Lanes of half the width, from the lower or upper half, extended and shifted to the left. */
function lengthening(a: Arrangement, u: "0" | "1"): InstructionRow {
  const { form, bits, q } = a;
  const wide = widened(a);
  const extend = `${u === "0" ? "sext" : "zext"}${String(bits)}to${String(wide.bits)}`;
  const first = q === "1" ? 64 / bits : 0;
  return ins(
    `${u === "0" ? "s" : "u"}shll${q === "1" ? "2" : ""}:${form}`,
    `0 ${q} ${u} 011110 ${amountBits(bits, "amount")} 10100 1 vn:5 vd:5`,
    `vd.${wide.form}, vn.${form}, #amount`,
    () =>
      writeLanes(
        each(
          64 / bits,
          (i) => `(${extend}(${lane("vn", bits, first + i)}) << zext${String(Math.log2(bits))}(amount))`,
        ),
        wide.bits,
      ),
  );
}

export const simdShifts = instructions("SimdShifts", () => [
  ...toTheRight.flatMap((op) => shiftRows(op, rightAmount)),
  ...toTheLeft.flatMap((op) => shiftRows(op, () => "amount")),
  ...narrow.flatMap((a) => [
    narrowing(a, "10000", "shrn", false),
    narrowing(a, "10001", "rshrn", true),
    lengthening(a, "0"),
    lengthening(a, "1"),
  ]),
]);
