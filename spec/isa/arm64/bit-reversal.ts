// Effects that reverse bits inside bytes, for general and for vector registers. Relies on nothing.

// Exchanges neighbouring groups of `by` bits; `byte` has ones in the lower of them.
function exchanged(value: string, by: number, byte: string, bytes: number): string {
  const mask = `0x${byte.repeat(bytes)}`;
  return `((${value} >>u ${String(by)}) & ${mask}) | ((${value} & ${mask}) << ${String(by)})`;
}

/** `value` of so many bytes with the bits of each byte the other way round: what must stand before, and the result. */
export function bitsReversedInBytes(
  value: string,
  bytes: number,
): { readonly lets: string; readonly result: string } {
  const [pairs, fours] = [exchanged(value, 1, "55", bytes), exchanged("v1", 2, "33", bytes)];
  return { lets: `let v1 = ${pairs}; let v2 = ${fours}; `, result: exchanged("v2", 4, "0f", bytes) };
}
