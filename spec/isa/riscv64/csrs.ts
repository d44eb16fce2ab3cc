// RV64 control and status registers by number (privileged manual 2.2). Relies on nothing.
// Numbers say who may touch a register: bits 11..10 are 3 for read-only, bits 9..8 the lowest privilege.

import type { Csr, UnnamedCsrs } from "../schema.ts";

function numbered(
  prefix: string,
  number: number,
  range: { first: number; last: number; step?: number },
): Csr[] {
  const list: Csr[] = [];
  for (let i = range.first; i <= range.last; i += range.step ?? 1) {
    list.push({ name: `${prefix}${String(i)}`, number: number + i });
  }
  return list;
}

// prettier-ignore
const named: readonly (readonly [string, number])[] = [
  ["cycle", 0xc00], ["time", 0xc01], ["instret", 0xc02],
  ["sstatus", 0x100], ["sie", 0x104], ["stvec", 0x105], ["scounteren", 0x106], ["senvcfg", 0x10a],
  ["sscratch", 0x140], ["sepc", 0x141], ["scause", 0x142], ["stval", 0x143], ["sip", 0x144],
  ["stimecmp", 0x14d], ["satp", 0x180], ["scontext", 0x5a8],
  ["mvendorid", 0xf11], ["marchid", 0xf12], ["mimpid", 0xf13], ["mhartid", 0xf14], ["mconfigptr", 0xf15],
  ["mstatus", 0x300], ["misa", 0x301], ["medeleg", 0x302], ["mideleg", 0x303], ["mie", 0x304],
  ["mtvec", 0x305], ["mcounteren", 0x306], ["menvcfg", 0x30a], ["mcountinhibit", 0x320],
  ["mscratch", 0x340], ["mepc", 0x341], ["mcause", 0x342], ["mtval", 0x343], ["mip", 0x344],
  ["mtinst", 0x34a], ["mtval2", 0x34b], ["mseccfg", 0x747],
  ["mcycle", 0xb00], ["minstret", 0xb02],
  ["tselect", 0x7a0], ["tdata1", 0x7a1], ["tdata2", 0x7a2], ["tdata3", 0x7a3], ["tinfo", 0x7a4],
  ["dcsr", 0x7b0], ["dpc", 0x7b1], ["dscratch0", 0x7b2], ["dscratch1", 0x7b3],
];

// What floating point keeps in register files (unprivileged manual, "F", figure of fcsr).
const flags = { file: "fflags", width: 5, low: 0 };
const float: readonly Csr[] = [
  { name: "fflags", number: 0x001, fields: [flags] },
  { name: "frm", number: 0x002, fields: [{ file: "frm", width: 3, low: 0 }] },
  { name: "fcsr", number: 0x003, fields: [flags, { file: "frm", width: 3, low: 5 }] },
];

export const csrs: readonly Csr[] = [
  ...float,
  ...named.map(([name, number]) => ({ name, number })),
  ...numbered("hpmcounter", 0xc00, { first: 3, last: 31 }),
  ...numbered("mhpmcounter", 0xb00, { first: 3, last: 31 }),
  ...numbered("mhpmevent", 0x320, { first: 3, last: 31 }),
  ...numbered("pmpcfg", 0x3a0, { first: 0, last: 14, step: 2 }),
  ...numbered("pmpaddr", 0x3b0, { first: 0, last: 63 }),
];

/** A CSR without a name is its number. */
export const unnamedCsrs: UnnamedCsrs = {
  print: (number) => `0x${number.toString(16)}`,
  parse: (text) => (/^(?:0x[0-9a-f]+|0b[01]+|\d+)$/i.test(text) ? Number(text) : null),
};
