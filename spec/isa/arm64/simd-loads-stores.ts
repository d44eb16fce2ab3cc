// Loads and stores of vector registers (Arm DDI 0487, C4.1.94): the addressing modes of general registers for b, h, s, d
// and q, literals, and structures: whole registers one after the other or with their elements interleaved, one element
// in every lane, one lane. Relies on rows.ts, loads-stores.ts, vectors.ts.
// Lists of more than one register with one lane or one element (ld2r, ld2 of a lane) are not described yet.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import {
  immediateRows,
  indexedRows,
  pairRows,
  type Access,
  type Pair,
  type VectorLetter,
} from "./loads-stores.ts";
import { arrangements, each, lane, scalarLetters, sideBySide, type Arrangement } from "./vectors.ts";

// prettier-ignore
const accesses: readonly Access[] = ([
  ["b", 0, "00", "00", "01"], ["h", 1, "01", "00", "01"], ["s", 2, "10", "00", "01"], ["d", 3, "11", "00", "01"],
  ["q", 4, "00", "10", "11"],
] as const).flatMap(([letter, scale, size, store, load]): Access[] => [
  { name: "str", infix: `:${letter}`, t: `${letter}t`, scale, size, opc: store, extend: null },
  { name: "ldr", infix: `:${letter}`, t: `${letter}t`, scale, size, opc: load,  extend: "zext" },
]);

const pairs: readonly Pair[] = (
  [
    ["s", 2, "00"],
    ["d", 3, "01"],
    ["q", 4, "10"],
  ] as const
).flatMap(([letter, scale, opc]): Pair[] => [
  { name: "stp", infix: `:${letter}`, opc, t: `${letter}t`, scale, extend: null },
  { name: "ldp", infix: `:${letter}`, opc, t: `${letter}t`, scale, extend: "zext" },
]);

// prettier-ignore
const literals: readonly InstructionRow[] = [
  ins("ldr:s:literal", "00 011 1 00 target[20:2] st:5", "st, target", "st = load32(pc + target)"),
  ins("ldr:d:literal", "01 011 1 00 target[20:2] dt:5", "dt, target", "dt = load64(pc + target)"),
  ins("ldr:q:literal", "10 011 1 00 target[20:2] qt:5", "qt, target", "qt = load128(pc + target)"),
];

/** An instruction with a base register alone, and its forms that add to the base afterwards. */
interface Structure {
  readonly name: string;
  /** Bits 31 to 24, and 22 to 10 (between them stands whether there is an addition, then bit 22). */
  readonly start: string;
  readonly rest: string;
  readonly syntax: string;
  readonly bytes: number;
  readonly effect: (address: string) => string;
  /** Registers that follow `vt`: `vt2 = vt + 1`. */
  readonly more?: readonly string[];
}

// `single`: the encoding has bit 21 for the number of registers, else it is zero like the others.
function structureRows({ name, start, rest, syntax, bytes, effect, more = [] }: Structure): InstructionRow[] {
  const [before = "", load = ""] = start.split(" L");
  const conditions = more.length === 0 ? "" : `; ${more.join(", ")}`;
  const another = ["xm != 31", ...more].join(", ");
  // prettier-ignore
  return [
    ins(name,               `${before} 0 ${load} 0 00000 ${rest} spn:5 vt:5${conditions}`,  `${syntax}, [spn]`,                   () => effect("spn")),
    ins(`${name}:post`,     `${before} 1 ${load} 0 11111 ${rest} spn:5 vt:5${conditions}`,  `${syntax}, [spn], #${String(bytes)}`, () => `let to = spn + ${String(bytes)}; ${effect("spn")}; spn = to`),
    ins(`${name}:post:reg`, `${before} 1 ${load} 0 xm:5 ${rest} spn:5 vt:5; ${another}`,     `${syntax}, [spn], xm`,               () => `let to = spn + xm; ${effect("spn")}; spn = to`),
  ];
}

const doubles = { form: "1d", bits: 64, lanes: 1, total: 64, q: "0", size: "11" } as const;

const whole = [...arrangements, doubles].flatMap(({ form, q, size, total }) => {
  const bits = String(total);
  const value = total === 128 ? `load${bits}` : `zext64to128(load${bits}`;
  const shared = { rest: `0111 ${size}`, syntax: `{{vt.${form}}}`, bytes: total / 8 };
  // prettier-ignore
  return [
    ...structureRows({ ...shared, name: `st1:${form}`, start: `0 ${q} 001100 L0`, effect: (a) => `store${bits}(${a}, vt[${String(total - 1)}:0])` }),
    ...structureRows({ ...shared, name: `ld1:${form}`, start: `0 ${q} 001100 L1`, effect: (a) => `vt = ${value}(${a})${total === 128 ? "" : ")"}` }),
  ];
});

const registers = ["vt", "vt2", "vt3", "vt4"];

/** Some registers and how their elements lie in memory: one register after the other, or all first elements first. */
interface List {
  readonly count: 2 | 3 | 4;
  readonly interleaved: boolean;
  readonly opcode: string;
}

// prettier-ignore
const lists: readonly List[] = [
  { count: 2, interleaved: false, opcode: "1010" },
  { count: 3, interleaved: false, opcode: "0110" },
  { count: 4, interleaved: false, opcode: "0010" },
  { count: 2, interleaved: true,  opcode: "1000" },
  { count: 3, interleaved: true,  opcode: "0100" },
  { count: 4, interleaved: true,  opcode: "0000" },
];

// Memory is accessed in blocks as wide as a register. Element `at` in memory is in block at / lanes.
function listRows({ count, interleaved, opcode }: List, a: Arrangement | typeof doubles): InstructionRow[] {
  const { form, bits, lanes, total, q, size } = a;
  const used = registers.slice(0, count);
  const load = (address: string): string => {
    const blocks = used.map(
      (_, i) => `let m${String(i)} = load${String(total)}(${address} + ${String((i * total) / 8)})`,
    );
    const values = used.map((_, r) => {
      const found = each(lanes, (i) => {
        const at = i * count + r;
        return lane(`m${String(Math.floor(at / lanes))}`, bits, at % lanes);
      });
      const whole = interleaved ? sideBySide(found) : `m${String(r)}`;
      return `${used[r] ?? ""} = ${total === 128 ? whole : `zext64to128(${whole})`}`;
    });
    return [...blocks, ...values].join("; ");
  };
  const store = (address: string): string =>
    used
      .map((_, block) => {
        const elements = each(lanes, (i) => {
          const at = block * lanes + i;
          const [r, element] = interleaved ? [at % count, Math.floor(at / count)] : [block, i];
          return lane(used[r] ?? "", bits, element);
        });
        return `store${String(total)}(${address} + ${String((block * total) / 8)}, ${sideBySide(elements)})`;
      })
      .join("; ");
  const names = used.map((name) => `${name}.${form}`).join(", ");
  const shared = {
    rest: `${opcode} ${size}`,
    syntax: `{{${names}}}`,
    bytes: (count * total) / 8,
    more: used.slice(1).map((name, i) => `${name} = vt + ${String(i + 1)}`),
  };
  const name = (verb: string): string =>
    interleaved ? `${verb}${String(count)}:${form}` : `${verb}1:${form}:x${String(count)}`;
  return [
    ...structureRows({ ...shared, name: name("st"), start: `0 ${q} 001100 L0`, effect: store }),
    ...structureRows({ ...shared, name: name("ld"), start: `0 ${q} 001100 L1`, effect: load }),
  ];
}

const listed = lists.flatMap((list) =>
  [...arrangements, ...(list.interleaved ? [] : [doubles])].flatMap((a) => listRows(list, a)),
);

// The same element in every lane.
const replicated = [...arrangements, doubles].flatMap(({ form, q, size, bits, lanes }) =>
  structureRows({
    name: `ld1r:${form}`,
    start: `0 ${q} 001101 L1`,
    rest: `110 0 ${size}`,
    syntax: `{{vt.${form}}}`,
    bytes: bits / 8,
    effect: (a) => {
      const all = sideBySide(each(lanes, () => "element"));
      const value = lanes * bits === 128 ? all : `zext64to128(${all})`;
      return `let element = load${String(bits)}(${a}); vt = ${value}`;
    },
  }),
);

// One lane: its number lies in Q, S and what of size is free.
const single = ([8, 16, 32, 64] as const).flatMap((bits) => {
  const view: VectorLetter = scalarLetters[bits] ?? "b";
  const rest = { 8: "000 lane[2:0]", 16: "010 lane[1:0] 0", 32: "100 lane[0] 00", 64: "100 0 01" }[bits];
  const top = { 8: "lane[3]", 16: "lane[2]", 32: "lane[1]", 64: "lane[0]" }[bits];
  const at = `(lane * ${String(bits)})`;
  const ones = `(zext${String(bits)}to128(trunc${String(bits)}(-1)) << ${at})`;
  const shared = { rest, syntax: `{{vt.${view}}}[lane]`, bytes: bits / 8 };
  // prettier-ignore
  return [
    ...structureRows({ ...shared, name: `st1:${view}`, start: `0 ${top} 001101 L0`, effect: (a) => `store${String(bits)}(${a}, (vt >>u ${at})[${String(bits - 1)}:0])` }),
    ...structureRows({ ...shared, name: `ld1:${view}`, start: `0 ${top} 001101 L1`, effect: (a) => `let element = load${String(bits)}(${a}); vt = (vt & ~${ones}) | (zext${String(bits)}to128(element) << ${at})` }),
  ];
});

export const simdLoadsStores = instructions("SimdLoadsStores", () => [
  ...accesses.flatMap(immediateRows),
  ...accesses.flatMap(indexedRows),
  ...pairs.flatMap(pairRows),
  ...literals,
  ...whole,
  ...listed,
  ...replicated,
  ...single,
]);
