// The World of a Linux program for evaluators: local memory and the host calls of design.md section 6, in memory.
//
// Output is collected; input is given at the start. Shared accesses reach local memory, which is what they do in a
// Linux process: there is no device.

import type { ForeignArgs, World } from "../../compiler/lang/world.ts";
import { toSigned } from "../../compiler/lang/machine-word.ts";

export interface HostWorld extends World {
  /** What the program wrote to standard output so far. */
  output(): string;
  errorOutput(): string;
  /** Foreign calls that are not host calls, in order: such a call ends the run with exit code 127. */
  readonly unknownCalls: readonly string[];
}

const BASE = 0x40000n;
/** Bytes of the header in which `@read` puts its count. */
const READ_HEADER = 8;
const UNKNOWN_CALL_EXIT = 127;

type HostCall = (args: ForeignArgs, io: HostState) => number | null;

interface HostState {
  readonly memory: Uint8Array;
  readonly out: number[];
  readonly err: number[];
  input: Uint8Array;
}

/** `count` bytes of local memory at `address`. */
function slice(io: HostState, address: bigint, count: bigint): Uint8Array {
  const start = Number(address - BASE);
  return io.memory.subarray(start, start + Number(count));
}

function pushText(bytes: number[], text: string): null {
  for (const char of text) bytes.push(char.charCodeAt(0));
  return null;
}

function pushBytes(bytes: number[], data: Uint8Array): null {
  for (const byte of data) bytes.push(byte);
  return null;
}

function read([, , address, size]: ForeignArgs, io: HostState): null {
  const room = Math.max(0, Number(size) - READ_HEADER);
  const count = Math.min(room, io.input.length);
  const target = slice(io, address, BigInt(READ_HEADER + count));
  new DataView(target.buffer, target.byteOffset).setBigUint64(0, BigInt(count), true);
  target.set(io.input.subarray(0, count), READ_HEADER);
  io.input = io.input.subarray(count);
  return null;
}

const hostCalls: Readonly<Record<string, HostCall>> = {
  putchar: ([c], io) => (io.out.push(Number(c & 255n)), null),
  puthex: ([w], io) => pushText(io.out, `${w.toString(16).padStart(16, "0")}\n`),
  putint: ([w], io) => pushText(io.out, `${toSigned(w).toString()}\n`),
  write: ([p, n], io) => pushBytes(io.out, slice(io, p, n)),
  ewrite: ([p, n], io) => pushBytes(io.err, slice(io, p, n)),
  read,
  exit: ([code]) => Number(code & 255n),
};

/** The bytes of a shared access; null outside of memory. */
function sharedBytes(io: HostState, address: bigint, bytes: number): Uint8Array | null {
  const inside = address >= BASE && address + BigInt(bytes) <= BASE + BigInt(io.memory.length);
  return inside ? slice(io, address, BigInt(bytes)) : null;
}

function littleEndian(bytes: Uint8Array | null): bigint | null {
  if (bytes === null) return null;
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** A fresh world with `heapBytes` of zeroed local memory. */
export function hostWorld(heapBytes: number, input: string): HostWorld {
  const io: HostState = {
    memory: new Uint8Array(heapBytes),
    out: [],
    err: [],
    input: new TextEncoder().encode(input),
  };
  const unknownCalls: string[] = [];
  return {
    base: BASE,
    memory: io.memory,
    unknownCalls,
    foreignCall(name, args) {
      const call = hostCalls[name];
      if (call !== undefined) return call(args, io);
      unknownCalls.push(name);
      return UNKNOWN_CALL_EXIT;
    },
    sharedLoad: (bytes, address) => littleEndian(sharedBytes(io, address, bytes)),
    sharedStore(bytes, address, value) {
      const target = sharedBytes(io, address, bytes);
      target?.forEach((_, i) => (target[i] = Number((value >> BigInt(8 * i)) & 255n)));
      return target !== null;
    },
    output: () => new TextDecoder("latin1").decode(Uint8Array.from(io.out)),
    errorOutput: () => new TextDecoder("latin1").decode(Uint8Array.from(io.err)),
  };
}
