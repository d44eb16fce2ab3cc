// Floats in assembly text: `#1.500000000000000000e+00` for bits of 32 or 64 and back. Relies on nothing.
// Only numbers that a few bits hold stand in instructions; for those the host's reading and printing are exact.

const view = new DataView(new ArrayBuffer(8));

/** The number as objdump prints it. */
export function printFloat(bits: bigint, width: number): string {
  view.setBigUint64(0, bits << BigInt(64 - width));
  const value = width === 32 ? view.getFloat32(0) : view.getFloat64(0);
  return value.toExponential(18).replace(/e([+-])(\d)$/, "e$10$2");
}

const number = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** The bits of a number in decimal, null for another text. */
export function parseFloat(text: string, width: number): bigint | null {
  if (!number.test(text)) return null;
  if (width === 32) view.setFloat32(0, Number(text));
  else view.setFloat64(0, Number(text));
  return view.getBigUint64(0) >> BigInt(width === 32 ? 32 : 0);
}
