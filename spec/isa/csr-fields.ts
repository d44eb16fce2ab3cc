// CSRs that are views of register files. Relies on schema.ts. Guarantees: other bits read as zero and ignore writes.

import type { CsrField } from "./schema.ts";

/** The CSR's value, from the files' first entries. */
export function readCsrFields(fields: readonly CsrField[], read: (file: string) => bigint): bigint {
  return fields.reduce((value, { file, low }) => value | (read(file) << BigInt(low)), 0n);
}

/** Spreads a value over the files. */
export function writeCsrFields(
  fields: readonly CsrField[],
  value: bigint,
  write: (file: string, value: bigint) => void,
): void {
  for (const { file, width, low } of fields) write(file, BigInt.asUintN(width, value >> BigInt(low)));
}
