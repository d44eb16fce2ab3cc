// Arm64 system registers by number op0:op1:CRn:CRm:op2 (Arm DDI 0487, D17.3). Relies on nothing.
// nzcv, fpcr, fpsr and tpidr_el0 are register files (registers.ts) and have rows of their own in system.ts.

import type { Csr, UnnamedCsrs } from "../schema.ts";

/** op0, op1, CRn, CRm, op2. */
type Fields = readonly [number, number, number, number, number];

function numberOf([op0, op1, crn, crm, op2]: Fields): number {
  return (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;
}

// prettier-ignore
const named: readonly (readonly [string, ...Fields])[] = [
  ["midr_el1", 3, 0, 0, 0, 0], ["mpidr_el1", 3, 0, 0, 0, 5], ["currentel", 3, 0, 4, 2, 2], ["daif", 3, 3, 4, 2, 1],
  ["ctr_el0", 3, 3, 0, 0, 1], ["dczid_el0", 3, 3, 0, 0, 7], ["cntfrq_el0", 3, 3, 14, 0, 0], ["cntvct_el0", 3, 3, 14, 0, 2],
];

export const csrs: readonly Csr[] = named.map(([name, ...fields]) => ({ name, number: numberOf(fields) }));

const unnamed = /^s([0-3])_([0-7])_c(\d{1,2})_c(\d{1,2})_([0-7])$/i;

/** A register without a name is its five fields: `s3_0_c15_c2_0`. */
export const unnamedCsrs: UnnamedCsrs = {
  print: (number) => {
    const [op0, op1] = [number >> 14, (number >> 11) & 7];
    const [crn, crm, op2] = [(number >> 7) & 15, (number >> 3) & 15, number & 7];
    return `s${String(op0)}_${String(op1)}_c${String(crn)}_c${String(crm)}_${String(op2)}`;
  },
  parse: (text) => {
    const fields = unnamed.exec(text)?.slice(1).map(Number);
    const [op0 = 0, op1 = 0, crn = 16, crm = 16, op2 = 0] = fields ?? [];
    return crn > 15 || crm > 15 ? null : numberOf([op0, op1, crn, crm, op2]);
  },
};
