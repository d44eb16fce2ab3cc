// System calls about file descriptors. Only the three standard streams are open; all are streams without a position.
// Relies on call.ts. Source: Linux man pages, section 2.

import { IOCTL, MODE, OPEN, PATH_MAX, STAT } from "../../../spec/abi/linux-user.ts";
import { problem } from "../../problem.ts";
import { answer, asInt, failure, guestBytes, type CallContext, type SystemCall } from "./call.ts";

/** No single transfer is larger than this; a caller that asks for more gets a short count, as on Linux. */
const MAX_TRANSFER_BYTES = 1 << 24;
const MAX_VECTORS = 1024n;
const VECTOR_BYTES = 16;
const BLOCK_BYTES = 1024;

function transferSize(length: bigint): number {
  return Number(length > BigInt(MAX_TRANSFER_BYTES) ? BigInt(MAX_TRANSFER_BYTES) : length);
}

function writeBytes(context: CallContext, descriptor: number, place: Place): bigint {
  const stream = context.kernel.descriptors.get(descriptor);
  if (stream === undefined || stream === "stdin") return failure("EBADF");
  const bytes = guestBytes(context, place.address, transferSize(place.length));
  if (bytes === null) return failure("EFAULT");
  return context.host.writeOutput(stream, bytes) ? BigInt(bytes.length) : failure("EPIPE");
}

function readBytes(context: CallContext, descriptor: number, place: Place): bigint {
  if (context.kernel.descriptors.get(descriptor) !== "stdin") return failure("EBADF");
  const size = transferSize(place.length);
  if (size === 0) return 0n;
  // Probe first, so that no input is lost to a buffer that cannot take it.
  const old = guestBytes(context, place.address, size);
  if (old === null || context.memory.writeBlock(place.address, old) !== null) return failure("EFAULT");
  const bytes = context.host.readInput(size);
  context.memory.writeBlock(place.address, bytes);
  return BigInt(bytes.length);
}

interface Place {
  readonly address: bigint;
  readonly length: bigint;
}

// Reads `struct iovec[count]`; null for a count or an address that does not work.
function vectors(context: CallContext, address: bigint, count: bigint): Place[] | bigint {
  if (count > MAX_VECTORS) return failure("EINVAL");
  const bytes = guestBytes(context, address, Number(count) * VECTOR_BYTES);
  if (bytes === null) return failure("EFAULT");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Number(count) }, (_, i) => ({
    address: view.getBigUint64(i * VECTOR_BYTES, true),
    length: view.getBigUint64(i * VECTOR_BYTES + 8, true),
  }));
}

// One transfer per vector, stopping at a short one; an error counts only if nothing was moved before it.
function vectored(one: (context: CallContext, descriptor: number, place: Place) => bigint): SystemCall {
  return ([descriptor, address, count], context) => {
    const places = vectors(context, address, count);
    if (typeof places === "bigint") return places;
    if (!context.kernel.descriptors.has(asInt(descriptor))) return failure("EBADF");
    let total = 0n;
    for (const place of places) {
      if (place.length === 0n) continue;
      const moved = one(context, asInt(descriptor), place);
      if (moved < 0n) return total > 0n ? total : moved;
      total += moved;
      if (moved < place.length) break;
    }
    return total;
  };
}

// All three streams look like pipes: that is what tests compare with, and programs then buffer fully.
function statBytes(descriptor: number): Uint8Array {
  const bytes = new Uint8Array(STAT.bytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(STAT.inode, BigInt(descriptor + 1), true);
  view.setUint32(STAT.mode, MODE.FIFO | 0o600, true);
  view.setUint32(STAT.links, 1, true);
  view.setUint32(STAT.blockSize, BLOCK_BYTES, true);
  return bytes;
}

const AT_EMPTY_PATH = 0x1000n;

export const read: SystemCall = ([descriptor, address, length], context) =>
  readBytes(context, asInt(descriptor), { address, length });

export const write: SystemCall = ([descriptor, address, length], context) =>
  writeBytes(context, asInt(descriptor), { address, length });

export const readv = vectored(readBytes);
export const writev = vectored(writeBytes);

export const close: SystemCall = ([descriptor], context) =>
  context.kernel.descriptors.delete(asInt(descriptor)) ? 0n : failure("EBADF");

export const lseek: SystemCall = ([descriptor], context) =>
  context.kernel.descriptors.has(asInt(descriptor)) ? failure("ESPIPE") : failure("EBADF");

export const fstat: SystemCall = ([descriptor, buffer], context) => {
  const number = asInt(descriptor);
  if (!context.kernel.descriptors.has(number)) return failure("EBADF");
  return answer(context, buffer, statBytes(number));
};

/** Only the form that asks about a descriptor (empty path); there are no files to find by name. */
export const newfstatat: SystemCall = ([descriptor, path, buffer, flags], context) => {
  const first = guestBytes(context, path, 1);
  if (first === null) return failure("EFAULT");
  if (first[0] !== 0 || (flags & AT_EMPTY_PATH) === 0n) return failure("ENOENT");
  const number = asInt(descriptor);
  return context.kernel.descriptors.has(number)
    ? answer(context, buffer, statBytes(number))
    : failure("EBADF");
};

export const ioctl: SystemCall = ([descriptor, request], context) => {
  if (!context.kernel.descriptors.has(asInt(descriptor))) return failure("EBADF");
  const known: readonly number[] = Object.values(IOCTL);
  return known.includes(Number(BigInt.asUintN(32, request))) ? failure("ENOTTY") : failure("EINVAL");
};

// What C libraries look for by themselves (time zone, locales, character sets) and do without: no news to a user.
const LIBRARY_FILES = ["/etc/localtime", "/usr/share/", "/usr/lib/"];

/** There are no files, so no name leads to one and nothing can be made; that is said once. */
export const openat: SystemCall = ([, address, flags], context) => {
  const path = guestPath(context, address);
  if (typeof path === "bigint") return path;
  const error = (asInt(flags) & OPEN.CREAT) === 0 ? "ENOENT" : "EROFS";
  if (!LIBRARY_FILES.some((name) => path.startsWith(name)))
    context.warnOnce("file", problem("R0022", { path, error }));
  return failure(error);
};

// A path as it can be shown (invisible characters are replaced), or the failure of reading it.
function guestPath(context: CallContext, address: bigint): string | bigint {
  const bytes: number[] = [];
  while (bytes.length < PATH_MAX) {
    const byte = guestBytes(context, address + BigInt(bytes.length), 1)?.[0];
    if (byte === undefined) return failure("EFAULT");
    if (byte === 0) return new TextDecoder().decode(Uint8Array.from(bytes)).replace(/\p{C}/gu, "\ufffd");
    bytes.push(byte);
  }
  return failure("ENAMETOOLONG");
}

/** For calls that only ask about a name. */
export const noSuchFile: SystemCall = () => failure("ENOENT");
