// Fields of registers: bits `low + width - 1 .. low` of a value. Relies on nothing.

/** As spec writes a field. */
export interface BitField {
  readonly low: number;
  readonly width: number;
}

/** The field's value. */
export function readField(value: bigint, field: BitField): bigint {
  return BigInt.asUintN(field.width, value >> BigInt(field.low));
}

/** `value` with the field replaced; what does not fit is cut. */
export function withField(value: bigint, field: BitField, part: bigint): bigint {
  return (value & ~fieldMask(field)) | (BigInt.asUintN(field.width, part) << BigInt(field.low));
}

/** Ones in the field. */
export function fieldMask(field: BitField): bigint {
  return ((1n << BigInt(field.width)) - 1n) << BigInt(field.low);
}
