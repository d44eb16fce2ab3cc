// System calls about the address space: brk, mmap, munmap, mprotect, madvise. Only anonymous memory exists.
// Relies on call.ts and core/address-space.ts. Source: Linux man pages, section 2.

import { MAP, PROT } from "../../../spec/abi/linux-user.ts";
import { EXECUTE, pageRange, READ, WRITE } from "../../core/address-space.ts";
import { PAGE_BYTES } from "../../core/ram.ts";
import { asInt, failure, type CallContext, type SystemCall } from "./call.ts";

const PAGE = BigInt(PAGE_BYTES);

function permissionsOf(protection: bigint): number {
  const bits = Number(protection & 7n);
  return (
    (bits & PROT.READ ? READ : 0) | (bits & PROT.WRITE ? READ | WRITE : 0) | (bits & PROT.EXEC ? EXECUTE : 0)
  );
}

/** Moves the end of the heap; answers the end that holds afterwards, so a caller sees by it if that worked. */
export const brk: SystemCall = ([wanted], { memory, kernel }) => {
  if (wanted < kernel.breakStart || wanted > kernel.mapCeiling) return kernel.breakEnd;
  const oldEnd = alignUp(kernel.breakEnd);
  const newEnd = alignUp(wanted);
  if (newEnd > oldEnd) {
    if (memory.regions().some((r) => r.start < newEnd && r.end > oldEnd)) return kernel.breakEnd;
    memory.map({ start: oldEnd, end: newEnd, permissions: READ | WRITE, name: "heap" });
  } else if (newEnd < oldEnd) memory.unmap(newEnd, oldEnd);
  kernel.breakEnd = wanted;
  return wanted;
};

function alignUp(address: bigint): bigint {
  return pageRange(address, 0n).end;
}

export const mmap: SystemCall = ([hint, length, protection, flagWord, descriptor], context) => {
  const flags = asInt(flagWord);
  if (length === 0n || hint % PAGE !== 0n) return failure("EINVAL");
  if ((flags & MAP.ANONYMOUS) === 0) {
    return context.kernel.descriptors.has(asInt(descriptor)) ? failure("ENODEV") : failure("EBADF");
  }
  const bytes = alignUp(length);
  const start = choosePlace(context, hint, { bytes, flags });
  if (typeof start !== "bigint") return failure(start.error);
  const permissions = permissionsOf(protection);
  context.memory.map({ start, end: start + bytes, permissions, name: "mapped memory" });
  return start;
};

interface MapRequest {
  readonly bytes: bigint;
  readonly flags: number;
}

function choosePlace(
  { memory, kernel }: CallContext,
  hint: bigint,
  request: MapRequest,
): bigint | { readonly error: "ENOMEM" | "EEXIST" } {
  const isFree = (start: bigint): boolean =>
    !memory.regions().some((r) => r.start < start + request.bytes && r.end > start);
  const fits = hint > 0n && hint + request.bytes <= kernel.mapCeiling;
  if ((request.flags & MAP.FIXED) !== 0) return fits ? hint : { error: "ENOMEM" };
  if ((request.flags & MAP.FIXED_NOREPLACE) !== 0) {
    if (!fits) return { error: "ENOMEM" };
    return isFree(hint) ? hint : { error: "EEXIST" };
  }
  if (fits && isFree(hint)) return hint;
  const gap = memory.findGap(request.bytes, kernel.mapCeiling);
  return gap !== null && gap >= kernel.breakEnd ? gap : { error: "ENOMEM" };
}

export const munmap: SystemCall = ([start, length], { memory, kernel }) => {
  if (start % PAGE !== 0n || length === 0n || start + length > kernel.mapCeiling) return failure("EINVAL");
  memory.unmap(start, start + alignUp(length));
  return 0n;
};

export const mprotect: SystemCall = ([start, length, protection], { memory }) => {
  if (start % PAGE !== 0n) return failure("EINVAL");
  if (length === 0n) return 0n;
  const ok = memory.protect(start, start + alignUp(length), permissionsOf(protection));
  return ok ? 0n : failure("ENOMEM");
};

const MREMAP_MAYMOVE = 1n;

/** Changes the size of a mapping where it is, or moves it; a fixed new place is not supported. */
export const mremap: SystemCall = ([start, oldLength, newLength, flags], { memory, kernel }) => {
  if (start % PAGE !== 0n || newLength === 0n || flags > MREMAP_MAYMOVE) return failure("EINVAL");
  const [oldBytes, newBytes] = [alignUp(oldLength), alignUp(newLength)];
  const region = memory.regionAt(start);
  if (region === null || !memory.isMapped(start, start + oldBytes)) return failure("EFAULT");
  if (newBytes <= oldBytes) {
    if (newBytes < oldBytes) memory.unmap(start + newBytes, start + oldBytes);
    return start;
  }
  const gap = memory.findGap(newBytes, kernel.mapCeiling);
  if (flags !== MREMAP_MAYMOVE || gap === null || gap < kernel.breakEnd) return failure("ENOMEM");
  memory.map({ ...region, start: gap, end: gap + newBytes });
  for (let at = 0n; at < oldBytes; at += PAGE) {
    const page = memory.touchedPages().get(Number((start + at) / PAGE));
    if (page === undefined) continue;
    const bytes = memory.ram.u8.slice(page.frame, page.frame + PAGE_BYTES);
    if (memory.fill(gap + at, bytes) !== null) return failure("ENOMEM");
  }
  memory.unmap(start, start + oldBytes);
  return gap;
};

const MADV_DONTNEED = 4n;

/** Advice changes nothing, except that DONTNEED promises zeroes afterwards. */
export const madvise: SystemCall = ([start, length, advice], { memory }) => {
  if (start % PAGE !== 0n) return failure("EINVAL");
  const end = start + alignUp(length);
  if (!memory.isMapped(start, end)) return failure("ENOMEM");
  if (advice !== MADV_DONTNEED) return 0n;
  for (const region of memory.regions().filter((r) => r.start < end && r.end > start)) {
    const from = region.start < start ? start : region.start;
    memory.map({ ...region, start: from, end: region.end > end ? end : region.end });
  }
  return 0n;
};
