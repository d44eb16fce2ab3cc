// The shape of a device description: a window of registers with their offsets, widths and fields. Relies on nothing.
//
// One file a device, spelt as its manual spells it (lower case). The emulator's model, the constants of drivers
// (lib/gen) and the documents derive from it, so an offset or a field stands nowhere else.

/** Widths that one register, or one access, may have, in bytes. */
export type RegisterBytes = 1 | 2 | 4 | 8;

/** Bits `low + width - 1 .. low` of a register. */
export interface RegisterField {
  readonly low: number;
  readonly width: number;
}

/** A register, or `count` of one kind, `stride` bytes apart. */
export interface DeviceRegister {
  readonly name: string;
  /** Bytes from the start of the window to the (first) register. */
  readonly offset: number;
  readonly bytes: RegisterBytes;
  /** `ro`: writes are ignored; `wo`: reads as zero. */
  readonly access: "ro" | "wo" | "rw";
  readonly reset: bigint;
  readonly count: number;
  readonly stride: number;
  readonly fields: Readonly<Record<string, RegisterField>>;
  readonly doc: string;
}

/** A device's window. Two registers may share an offset if one is read and the other written. */
export interface DeviceSpec {
  readonly name: string;
  readonly doc: string;
  /** The manual, with its revision. */
  readonly source: string;
  /** Size of the window in bytes. */
  readonly bytes: number;
  /** Widths of accesses that the device answers. */
  readonly accesses: readonly RegisterBytes[];
  /** What device trees call it, most specific first; empty if nothing does. */
  readonly compatible: readonly string[];
  readonly registers: readonly DeviceRegister[];
}

/** What most registers do not say. */
export interface RegisterOptions {
  readonly access?: DeviceRegister["access"];
  readonly bytes?: RegisterBytes;
  readonly reset?: bigint;
  readonly count?: number;
  /** Default: the register's own width. */
  readonly stride?: number;
  readonly fields?: Readonly<Record<string, RegisterField>>;
}

/** One register: 4 bytes, read and written, zero at reset, unless the options say otherwise. */
export function register(
  name: string,
  offset: number,
  doc: string,
  options: RegisterOptions = {},
): DeviceRegister {
  const { access = "rw", bytes = 4, reset = 0n, count = 1, fields = {} } = options;
  return { name, offset, bytes, access, reset, count, stride: options.stride ?? bytes, fields, doc };
}

/** One bit, or `width` bits from `low` on. */
export function field(low: number, width = 1): RegisterField {
  return { low, width };
}

/** The field's bits in place: what a driver tests and a model sets. */
export function fieldMask({ low, width }: RegisterField): bigint {
  return ((1n << BigInt(width)) - 1n) << BigInt(low);
}

/** Masks by field name, for registers of up to 32 bits. */
export function fieldMasks<Name extends string>(
  fields: Readonly<Record<Name, RegisterField>>,
): Readonly<Record<Name, number>> {
  const masks = {} as Record<Name, number>;
  for (const name of Object.keys(fields) as Name[]) masks[name] = Number(fieldMask(fields[name]));
  return masks;
}
