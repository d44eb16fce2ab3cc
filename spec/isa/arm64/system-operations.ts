// The operations of `sys` by name (Arm DDI 0487, C5.3 to C5.5): caches, address translation, translation caches.
// Relies on rows.ts. Numbers are op1, CRn, CRm, op2.

import { alias } from "../rows.ts";
import type { Alias } from "../schema.ts";

// prettier-ignore
const onAddress: readonly (readonly [string, string, number, number, number, number])[] = [
  ["dc", "ivac", 0, 7, 6, 1], ["dc", "isw", 0, 7, 6, 2], ["dc", "csw", 0, 7, 10, 2], ["dc", "cisw", 0, 7, 14, 2],
  ["dc", "zva", 3, 7, 4, 1], ["dc", "cvac", 3, 7, 10, 1], ["dc", "cvau", 3, 7, 11, 1], ["dc", "civac", 3, 7, 14, 1],
  ["ic", "ivau", 3, 7, 5, 1],
  ["at", "s1e1r", 0, 7, 8, 0], ["at", "s1e1w", 0, 7, 8, 1], ["at", "s1e0r", 0, 7, 8, 2], ["at", "s1e0w", 0, 7, 8, 3],
  ["at", "s1e2r", 4, 7, 8, 0], ["at", "s1e2w", 4, 7, 8, 1], ["at", "s12e1r", 4, 7, 8, 4], ["at", "s12e1w", 4, 7, 8, 5],
  ["at", "s12e0r", 4, 7, 8, 6], ["at", "s12e0w", 4, 7, 8, 7], ["at", "s1e3r", 6, 7, 8, 0], ["at", "s1e3w", 6, 7, 8, 1],
  ["tlbi", "vae1is", 0, 8, 3, 1], ["tlbi", "aside1is", 0, 8, 3, 2], ["tlbi", "vaae1is", 0, 8, 3, 3],
  ["tlbi", "vale1is", 0, 8, 3, 5], ["tlbi", "vaale1is", 0, 8, 3, 7],
  ["tlbi", "vae1", 0, 8, 7, 1], ["tlbi", "aside1", 0, 8, 7, 2], ["tlbi", "vaae1", 0, 8, 7, 3],
  ["tlbi", "vale1", 0, 8, 7, 5], ["tlbi", "vaale1", 0, 8, 7, 7],
  ["tlbi", "ipas2e1is", 4, 8, 0, 1], ["tlbi", "ipas2le1is", 4, 8, 0, 5], ["tlbi", "vae2is", 4, 8, 3, 1],
  ["tlbi", "vale2is", 4, 8, 3, 5], ["tlbi", "ipas2e1", 4, 8, 4, 1], ["tlbi", "ipas2le1", 4, 8, 4, 5],
  ["tlbi", "vae2", 4, 8, 7, 1], ["tlbi", "vale2", 4, 8, 7, 5],
  ["tlbi", "vae3is", 6, 8, 3, 1], ["tlbi", "vale3is", 6, 8, 3, 5], ["tlbi", "vae3", 6, 8, 7, 1], ["tlbi", "vale3", 6, 8, 7, 5],
];

// prettier-ignore
const onEverything: readonly (readonly [string, string, number, number, number, number])[] = [
  ["ic", "ialluis", 0, 7, 1, 0], ["ic", "iallu", 0, 7, 5, 0],
  ["tlbi", "vmalle1is", 0, 8, 3, 0], ["tlbi", "vmalle1", 0, 8, 7, 0],
  ["tlbi", "alle2is", 4, 8, 3, 0], ["tlbi", "alle1is", 4, 8, 3, 4], ["tlbi", "vmalls12e1is", 4, 8, 3, 6],
  ["tlbi", "alle2", 4, 8, 7, 0], ["tlbi", "alle1", 4, 8, 7, 4], ["tlbi", "vmalls12e1", 4, 8, 7, 6],
  ["tlbi", "alle3is", 6, 8, 3, 0], ["tlbi", "alle3", 6, 8, 7, 0],
];

type Operation = (typeof onAddress)[number];

function named([mnemonic, name, op1, crn, crm, op2]: Operation, syntax: string, register: string): Alias {
  const numbers = `#${String(op1)}, c${String(crn)}, c${String(crm)}, #${String(op2)}`;
  return alias(mnemonic, name + syntax, `sys ${numbers}, ${register}`);
}

export const systemOperations: readonly Alias[] = [
  ...onAddress.map((operation) => named(operation, ", xt", "xt")),
  ...onEverything.map((operation) => named(operation, "", "xzr")),
  alias("sys", "#op1, crn, crm, #op2", "sys #op1, crn, crm, #op2, xzr"),
];

const operationNames: ReadonlyMap<string, string> = new Map(
  [...onAddress, ...onEverything].map(([mnemonic, name, ...numbers]) => [
    numbers.join(" "),
    `${mnemonic} ${name}`,
  ]),
);

/** What `sys` with these numbers is called, e.g. `tlbi vae1`; null for an operation without a name. */
export function operationName(op1: number, crn: number, crm: number, op2: number): string | null {
  return operationNames.get(`${String(op1)} ${String(crn)} ${String(crm)} ${String(op2)}`) ?? null;
}
