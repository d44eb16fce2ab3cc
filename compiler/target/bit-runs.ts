// Questions about the bits of constants that rule tables of several targets ask. Relies on nothing.

/** n for 2^n, null for any other number. */
export function log2(value: bigint): bigint | null {
  const word = BigInt.asUintN(64, value);
  if (word === 0n || (word & (word - 1n)) !== 0n) return null;
  return BigInt(word.toString(2).length - 1);
}

/** n for 2^n - 1 with n > 0, null for any other number. */
export function runOfOnes(value: bigint): bigint | null {
  const word = BigInt.asUintN(64, value);
  if (word === 0n) return null;
  return word === (1n << 64n) - 1n ? 64n : log2(word + 1n);
}
