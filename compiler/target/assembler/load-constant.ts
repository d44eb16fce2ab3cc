// The shortest sequence of GNU as for a 64-bit constant: lui, addi(w), slli. Relies on nothing.
// Guarantees: the same instructions as `li` of binutils 2.40 (test/oracle/isa/assemble.test.ts).

const LOW_BITS = 12;

function signed(bits: number, value: bigint): bigint {
  return BigInt.asIntN(bits, value);
}

/** The instructions, as text, that put `value` (64 bits, any sign) into `register`. */
export function loadConstant(register: string, value: bigint): string[] {
  const v = signed(64, value);
  const low = signed(LOW_BITS, v);
  const high = v - low;
  if (v === low) return [`addi ${register}, zero, ${String(v)}`];
  if (v === signed(32, v)) return loadWord(register, v, low);
  // Shift out the zeros below the upper part, load what is left, shift back, add the low part.
  let shift = LOW_BITS;
  while (((high >> BigInt(shift)) & 1n) === 0n) shift += 1;
  const rest = signed(64, high) >> BigInt(shift);
  const isSmall = rest === signed(LOW_BITS, rest);
  const upper = isSmall ? [`addiw ${register}, zero, ${String(rest)}`] : loadConstant(register, rest);
  const steps = [...upper, `slli ${register}, ${register}, ${String(shift)}`];
  return low === 0n ? steps : [...steps, `addi ${register}, ${register}, ${String(low)}`];
}

function loadWord(register: string, v: bigint, low: bigint): string[] {
  const upper = BigInt.asUintN(20, (v - low) >> BigInt(LOW_BITS));
  const first = `lui ${register}, ${String(upper)}`;
  return low === 0n ? [first] : [first, `addiw ${register}, ${register}, ${String(low)}`];
}
