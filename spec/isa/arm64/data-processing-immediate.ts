// Data processing with immediates (Arm DDI 0487, C4.1.92): PC-relative addresses, addition, bit masks, wide moves, bit fields, extraction.
// Relies on rows.ts, sizes.ts, flags.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";
import { addWithFlags, logicalFlags, subtractWithFlags } from "./flags.ts";
import { bothSizes, type Size } from "./sizes.ts";

// prettier-ignore
const addresses: readonly InstructionRow[] = [
  ins("adr",  "0 target[1:0] 10000 target[20:2] xd:5",  "xd, target", "xd = pc + target"),
  ins("adrp", "1 page[13:12] 10000 page[32:14] xd:5",   "xd, page",   "xd = (pc & -4096) + page"),
];

// Immediates of 12 bits, as they are and shifted by 12.
function sums(r: Size): InstructionRow[] {
  const [d, n] = [`${r.x}d`, `${r.sp}n`];
  const forms = [
    { form: "imm", shift: "0", syntax: "#imm", value: "imm" },
    { form: "imm12", shift: "1", syntax: "#imm, lsl #12", value: "(imm << 12)" },
  ];
  // prettier-ignore
  return forms.flatMap(({ form, shift, syntax, value }) => {
    const rest = `100010 ${shift} imm:12 ${n}:5`;
    const typed = `trunc${String(r.width)}(${value})`;
    return [
      ins(r.name("add", form),  `${r.sf} 0 0 ${rest} ${r.sp}d:5`, `${r.sp}d, ${n}, ${syntax}`, `${r.sp}d = ${n} + ${value}`),
      ins(r.name("adds", form), `${r.sf} 0 1 ${rest} ${d}:5`,     `${d}, ${n}, ${syntax}`,     addWithFlags(r.width, n, typed, `${d} = r`)),
      ins(r.name("sub", form),  `${r.sf} 1 0 ${rest} ${r.sp}d:5`, `${r.sp}d, ${n}, ${syntax}`, `${r.sp}d = ${n} - ${value}`),
      ins(r.name("subs", form), `${r.sf} 1 1 ${rest} ${d}:5`,     `${d}, ${n}, ${syntax}`,     subtractWithFlags(r.width, n, typed, `${d} = r`)),
    ];
  });
}

function masks(r: Size): InstructionRow[] {
  const [d, n, spd] = [`${r.x}d`, `${r.x}n`, `${r.sp}d`];
  const mask = r.width === 64 ? "mask" : "wmask";
  const rest = `100100 ${r.width === 64 ? "mask:13" : "0 wmask:12"} ${n}:5`;
  // prettier-ignore
  return [
    ins(r.name("and", "imm"),  `${r.sf} 00 ${rest} ${spd}:5`, `${spd}, ${n}, #${mask}`, `${spd} = ${n} & ${mask}`),
    ins(r.name("orr", "imm"),  `${r.sf} 01 ${rest} ${spd}:5`, `${spd}, ${n}, #${mask}`, `${spd} = ${n} | ${mask}`),
    ins(r.name("eor", "imm"),  `${r.sf} 10 ${rest} ${spd}:5`, `${spd}, ${n}, #${mask}`, `${spd} = ${n} ^ ${mask}`),
    ins(r.name("ands", "imm"), `${r.sf} 11 ${rest} ${d}:5`,   `${d}, ${n}, #${mask}`,   logicalFlags(r.width, `${n} & ${mask}`, `${d} = r`)),
  ];
}

function moves(r: Size): InstructionRow[] {
  const d = `${r.x}d`;
  const rest = `100101 ${r.width === 64 ? "shift[5:4]" : "0 shift[4]"} imm:16 ${d}:5`;
  const syntax = `${d}, #imm{, lsl #shift}`;
  // prettier-ignore
  return [
    ins(r.name("movn"), `${r.sf} 00 ${rest}`, syntax, `${d} = ~(imm << shift)`),
    ins(r.name("movz"), `${r.sf} 10 ${rest}`, syntax, `${d} = imm << shift`),
    ins(r.name("movk"), `${r.sf} 11 ${rest}`, syntax, `${d} = ${d} & ~(0xffff << shift) | (imm << shift)`),
  ];
}

// A field of bits `imms` down to `immr` moves to the bottom, or, if immr is the greater, the low bits move up by
// width - immr.
function fields(r: Size): InstructionRow[] {
  const [d, n] = [`${r.x}d`, `${r.x}n`];
  const rest = `100110 ${r.sf} ${r.six("immr")} ${r.six("imms")} ${n}:5 ${d}:5`;
  const syntax = `${d}, ${n}, #immr, #imms`;
  const place = (down: string): string => `imms >=u immr ? f ${down} immr : f << -immr`;
  // prettier-ignore
  return [
    ins(r.name("sbfm"), `${r.sf} 00 ${rest}`, syntax, `let f = (${n} << ~imms) >>s ~imms; ${d} = ${place(">>s")}`),
    ins(r.name("bfm"),  `${r.sf} 01 ${rest}`, syntax,
      `let ones = trunc${String(r.width)}(-1) >>u ~imms; let at = imms >=u immr ? ones >>u immr : ones << -immr; ` +
      `let f = ${n} & ones; ${d} = ${d} & ~at | (${place(">>u")})`),
    ins(r.name("ubfm"), `${r.sf} 10 ${rest}`, syntax, `let f = ${n} & (-1 >>u ~imms); ${d} = ${place(">>u")}`),
    ins(r.name("extr"), `${r.sf} 00 100111 ${r.sf} 0 ${r.x}m:5 ${r.six("lsb")} ${n}:5 ${d}:5`, `${d}, ${n}, ${r.x}m, #lsb`,
      `${d} = lsb == 0 ? ${r.x}m : (${r.x}m >>u lsb) | (${n} << -lsb)`),
  ];
}

export const dataProcessingImmediate = instructions("DataProcessingImmediate", () => [
  ...addresses,
  ...bothSizes(sums),
  ...bothSizes(masks),
  ...bothSizes(moves),
  ...bothSizes(fields),
]);
