// Loads and stores of lists of one to four vector registers (Arm DDI 0487, C4.1.94 "load/store multiple structures",
// "single structure"): ld1 fills one register after the other, ld2 to ld4 deal elements out in turn.
// Relies on rows.ts, vectors.ts. All accesses of a load come before its writes.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import {
  arrangements,
  each,
  lane,
  namedLane,
  scalarLetters,
  sideBySide,
  withNamedLane,
  type Arrangement,
} from "./vectors.ts";

/** A register and those after it. */
const registers = ["vt", "vt2", "vt3", "vt4"];

// What an encoding says about the registers after the first.
function followers(count: number): readonly string[] {
  return registers.slice(1, count).map((name, i) => `${name} = vt + ${String(i + 1)}`);
}

function listOf(count: number, view: string): string {
  return `{{${registers
    .slice(0, count)
    .map((r) => `${r}.${view}`)
    .join(", ")}}}`;
}

/** An instruction with a base register alone, and its forms that add to the base afterwards. */
interface Structure {
  readonly name: string;
  /** Bits 31 to 24, 22 and 21, 15 to 10. */
  readonly start: string;
  readonly load: "0" | "1";
  readonly r: "0" | "1";
  readonly rest: string;
  readonly syntax: string;
  readonly bytes: number;
  readonly count: number;
  readonly effect: () => string;
}

function structureRows(structure: Structure): InstructionRow[] {
  const { name, start, load, r, rest, syntax, bytes, count, effect } = structure;
  const size = String(bytes);
  const also = count === 1 ? "" : `; ${followers(count).join(", ")}`;
  const other = ["xm != 31", ...followers(count)].join(", ");
  // prettier-ignore
  return [
    ins(name,               `${start} 0 ${load} ${r} 00000 ${rest} spn:5 vt:5${also}`,  `${syntax}, [spn]`,          effect),
    ins(`${name}:post`,     `${start} 1 ${load} ${r} 11111 ${rest} spn:5 vt:5${also}`,  `${syntax}, [spn], #${size}`, () => `let to = spn + ${size}; ${effect()}; spn = to`),
    ins(`${name}:post:reg`, `${start} 1 ${load} ${r} xm:5 ${rest} spn:5 vt:5; ${other}`, `${syntax}, [spn], xm`,      () => `let to = spn + xm; ${effect()}; spn = to`),
  ];
}

type Shape = Pick<Arrangement, "bits" | "lanes" | "q" | "size"> & {
  readonly form: string;
  readonly total: number;
};

const doubles: Shape = { form: "1d", bits: 64, lanes: 1, total: 64, q: "0", size: "11" };

function widenedTo128(total: number, value: string): string {
  return total === 128 ? value : `zext${String(total)}to128(${value})`;
}

function offset(bytes: number): string {
  return bytes === 0 ? "spn" : `spn + ${String(bytes)}`;
}

// Which element of memory is lane `i` of register `r`: in turn, or one register after the other.
type Order = (r: number, i: number) => number;

function loadAll({ bits, lanes, total }: Shape, count: number, order: Order): string {
  const loads = each(count, (i) => `let m${String(i)} = load${String(total)}(${offset((i * total) / 8)})`);
  const writes = each(count, (r) => {
    const values = each(lanes, (i) => {
      const at = order(r, i);
      return lane(`m${String(Math.floor(at / lanes))}`, bits, at % lanes);
    });
    return `${registers[r] ?? ""} = ${widenedTo128(total, sideBySide(values))}`;
  });
  return [...loads, ...writes].join("; ");
}

function storeAll({ bits, lanes, total }: Shape, count: number, order: Order): string {
  const elements: string[] = [];
  for (let r = 0; r < count; r += 1) {
    for (let i = 0; i < lanes; i += 1) elements[order(r, i)] = lane(registers[r] ?? "", bits, i);
  }
  return each(count, (i) => {
    const part = elements.slice(i * lanes, (i + 1) * lanes);
    return `store${String(total)}(${offset((i * total) / 8)}, ${sideBySide(part)})`;
  }).join("; ");
}

// prettier-ignore
const multiples = [
  { name: "1", count: 1, opcode: "0111", inTurn: false }, { name: "1", count: 2, opcode: "1010", inTurn: false },
  { name: "1", count: 3, opcode: "0110", inTurn: false }, { name: "1", count: 4, opcode: "0010", inTurn: false },
  { name: "2", count: 2, opcode: "1000", inTurn: true },  { name: "3", count: 3, opcode: "0100", inTurn: true },
  { name: "4", count: 4, opcode: "0000", inTurn: true },
] as const;

function multipleRows({ name, count, opcode, inTurn }: (typeof multiples)[number]): InstructionRow[] {
  const shapes: readonly Shape[] = inTurn ? arrangements : [...arrangements, doubles];
  return shapes.flatMap((shape) => {
    const { form, lanes, q, size, total } = shape;
    const order: Order = (r, i) => (inTurn ? i * count + r : r * lanes + i);
    const shared = {
      start: `0 ${q} 001100`,
      r: "0",
      rest: `${opcode} ${size}`,
      syntax: listOf(count, form),
      bytes: (count * total) / 8,
      count,
    } as const;
    const suffix = count === 1 || inTurn ? form : `${form}:${String(count)}`;
    return [
      ...structureRows({
        ...shared,
        name: `st${name}:${suffix}`,
        load: "0",
        effect: () => storeAll(shape, count, order),
      }),
      ...structureRows({
        ...shared,
        name: `ld${name}:${suffix}`,
        load: "1",
        effect: () => loadAll(shape, count, order),
      }),
    ];
  });
}

// One element for each register, side by side in memory; the low bit of the opcode and bit 21 count the registers.
function elementLoads(count: number, bits: number): string[] {
  return each(count, (i) => `let e${String(i)} = load${String(bits)}(${offset((i * bits) / 8)})`);
}

function countBits(count: number): { r: "0" | "1"; low: "0" | "1" } {
  return { r: count % 2 === 0 ? "1" : "0", low: count > 2 ? "1" : "0" };
}

// The same element in every lane.
function replicated(count: number): InstructionRow[] {
  return [...arrangements, doubles].flatMap(({ form, q, size, bits, lanes, total }) => {
    const { r, low } = countBits(count);
    const writes = each(count, (i) => {
      const all = sideBySide(each(lanes, () => `e${String(i)}`));
      return `${registers[i] ?? ""} = ${widenedTo128(total, all)}`;
    });
    return structureRows({
      name: `ld${String(count)}r:${form}`,
      start: `0 ${q} 001101`,
      load: "1",
      r,
      rest: `11${low} 0 ${size}`,
      syntax: listOf(count, form),
      bytes: (count * bits) / 8,
      count,
      effect: () => [...elementLoads(count, bits), ...writes].join("; "),
    });
  });
}

// One lane: its number lies in Q, S and what of size is free.
function single(count: number, bits: 8 | 16 | 32 | 64): InstructionRow[] {
  const { r, low } = countBits(count);
  const view = scalarLetters[bits] ?? "b";
  const place = {
    8: { top: "lane[3]", rest: `00${low} lane[2:0]` },
    16: { top: "lane[2]", rest: `01${low} lane[1:0] 0` },
    32: { top: "lane[1]", rest: `10${low} lane[0] 00` },
    64: { top: "lane[0]", rest: `10${low} 0 01` },
  }[bits];
  const width = String(bits);
  const used = registers.slice(0, count);
  const stores = used.map((v, i) => `store${width}(${offset((i * bits) / 8)}, ${namedLane(v, bits)})`);
  // Old contents are read before anything is written.
  const reads = used.map((v, i) => `let w${String(i)} = ${withNamedLane(v, bits, `e${String(i)}`)}`);
  const assignments = used.map((v, i) => `${v} = w${String(i)}`);
  const shared = {
    start: `0 ${place.top} 001101`,
    r,
    rest: place.rest,
    syntax: `${listOf(count, view)}[lane]`,
    bytes: (count * bits) / 8,
    count,
  };
  const name = `${String(count)}:${view}`;
  return [
    ...structureRows({ ...shared, name: `st${name}`, load: "0", effect: () => stores.join("; ") }),
    ...structureRows({
      ...shared,
      name: `ld${name}`,
      load: "1",
      effect: () => [...elementLoads(count, bits), ...reads, ...assignments].join("; "),
    }),
  ];
}

export const simdStructures = instructions("SimdStructures", () => [
  ...multiples.flatMap(multipleRows),
  ...[1, 2, 3, 4].flatMap(replicated),
  ...[1, 2, 3, 4].flatMap((count) => ([8, 16, 32, 64] as const).flatMap((bits) => single(count, bits))),
]);
