// Packets of gdb's remote protocol (GDB manual, appendix E): `$body#sum`, acknowledgements, and 0x03 for an interrupt.
// Relies on nothing. Bodies are strings of characters below 256. Guarantees: what a client sends is bounded in size.

/** What arrived. damaged: a wrong checksum. */
export type Arrival =
  | { readonly kind: "packet"; readonly body: string }
  | { readonly kind: "interrupt" }
  | { readonly kind: "damaged" }
  | { readonly kind: "resend" };

/** Longest body, both ways. */
export const MAX_BODY = 1 << 14;

const INTERRUPT = 0x03;
const ESCAPE = 0x7d;
const FLIP = 0x20;
const codeOf = (c: string): number => c.charCodeAt(0);
const START = codeOf("$");
const END = codeOf("#");
const NACK = codeOf("-");
const SUM_DIGITS = 2;

/** Takes bytes as they come and gives whole packets. */
export class PacketReader {
  private body: number[] | null = null;
  private sum: number[] | null = null;

  read(bytes: Uint8Array): Arrival[] {
    const out: Arrival[] = [];
    for (const byte of bytes) {
      const arrival = this.take(byte);
      if (arrival !== null) out.push(arrival);
    }
    return out;
  }

  private take(byte: number): Arrival | null {
    const { body, sum } = this;
    if (body === null) return this.between(byte);
    if (sum === null) {
      if (byte === END) this.sum = [];
      else if (body.length < MAX_BODY * 2) body.push(byte);
      return null;
    }
    sum.push(byte);
    if (sum.length < SUM_DIGITS) return null;
    this.body = null;
    this.sum = null;
    const isRight = parseInt(String.fromCharCode(...sum), 16) === checksum(body);
    return isRight ? { kind: "packet", body: unescaped(body) } : { kind: "damaged" };
  }

  // Acknowledgements and noise are passed over.
  private between(byte: number): Arrival | null {
    if (byte === START) this.body = [];
    if (byte === INTERRUPT) return { kind: "interrupt" };
    return byte === NACK ? { kind: "resend" } : null;
  }
}

/** A packet as bytes. */
export function packetOf(body: string): Uint8Array {
  const out: number[] = [];
  for (const c of body) {
    const code = codeOf(c);
    if (c === "}" || c === "#" || c === "$" || c === "*") out.push(ESCAPE, code ^ FLIP);
    else out.push(code);
  }
  const sum = checksum(out).toString(16).padStart(SUM_DIGITS, "0");
  return Uint8Array.from([START, ...out, END, ...[...sum].map(codeOf)]);
}

function checksum(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

function unescaped(bytes: readonly number[]): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte === ESCAPE) i += 1;
    text += String.fromCharCode(byte === ESCAPE ? (bytes[i] ?? 0) ^ FLIP : byte);
  }
  return text;
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Null for what is not whole bytes. */
export function fromHex(text: string): Uint8Array | null {
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16));
}

/** A number in the target's byte order, least significant byte first. */
export function littleEndianHex(value: bigint, bits: number): string {
  return toHex(Array.from({ length: bits / 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
}

export function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
}
