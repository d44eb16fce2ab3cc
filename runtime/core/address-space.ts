// A sparse 64-bit address space of regions with permissions, backed by page frames on first touch.
//
// Relies on ram.ts. Guarantees: regions are sorted, do not overlap and are page-aligned; a page that was never touched
// reads as zero; observers hear of every change that makes a remembered translation or remembered code wrong.

import { CodeMarks } from "./code-marks.ts";
import type { AccessBytes, AccessKind, FaultReason, MemoryFault } from "./memory.ts";
import { PERMISSION, type MappedPage, type PagedMemory, type PageObserver } from "./paged-memory.ts";
import { PAGE_BYTES, type Ram } from "./ram.ts";

export { EXECUTE, READ, WRITE } from "./paged-memory.ts";

const PAGE_MASK = 0xfffn;
const PAGE_BITS = 12n;
const ADDRESS_LIMIT = 1n << 64n;

/** A mapped range: `start` inclusive, `end` exclusive, both multiples of 4096. `name` is for reports. */
export interface Region {
  readonly start: bigint;
  readonly end: bigint;
  readonly permissions: number;
  readonly name: string;
}

export class AddressSpace implements PagedMemory {
  readonly ram: Ram;
  readonly code = new CodeMarks();
  readonly isForgetful = false;
  private regionList: readonly Region[] = [];
  private readonly pages = new Map<number, MappedPage>();
  private readonly observers: PageObserver[] = [];

  constructor(ram: Ram) {
    this.ram = ram;
  }

  observe(observer: PageObserver): void {
    this.observers.push(observer);
  }

  /** All regions, by address. */
  regions(): readonly Region[] {
    return this.regionList;
  }

  /** Touched pages by page number, unordered. */
  touchedPages(): ReadonlyMap<number, MappedPage> {
    return this.pages;
  }

  /** Maps `region`, replacing what was there; like neighbours become one. Start and end must be page-aligned, start < end <= 2^64. */
  map(region: Region): void {
    this.unmap(region.start, region.end);
    this.regionList = joinNeighbours(
      [...this.regionList, region].sort((a, b) => (a.start < b.start ? -1 : 1)),
    );
  }

  /** Removes everything in the page-aligned range. */
  unmap(start: bigint, end: bigint): void {
    this.rewrite(start, end, () => null);
    for (const number of this.touchedIn(start, end)) {
      const page = this.pages.get(number);
      if (page === undefined) continue;
      this.pages.delete(number);
      this.code.release(page.frame);
      this.ram.releaseFrame(page.frame);
      this.tell(number);
    }
  }

  /** Changes permissions in the page-aligned range; false (and nothing changed) if part of it is not mapped. */
  protect(start: bigint, end: bigint, permissions: number): boolean {
    if (!this.isMapped(start, end)) return false;
    this.rewrite(start, end, (part) => ({ ...part, permissions }));
    for (const number of this.touchedIn(start, end)) {
      const page = this.pages.get(number);
      if (page === undefined) continue;
      this.pages.set(number, { frame: page.frame, permissions });
      this.tell(number);
    }
    return true;
  }

  /** True if every byte of the range is mapped. */
  isMapped(start: bigint, end: bigint): boolean {
    let at = start;
    for (const region of this.regionList) {
      if (region.start > at) break;
      if (region.end > at) at = region.end;
    }
    return at >= end;
  }

  /** The region that holds `address`; null if none does. */
  regionAt(address: bigint): Region | null {
    const list = this.regionList;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const region = list[middle];
      if (region !== undefined && region.end <= address) low = middle + 1;
      else high = middle;
    }
    const found = list[low];
    return found !== undefined && found.start <= address ? found : null;
  }

  /** Highest page-aligned start of `bytes` unmapped bytes that end at or below `ceiling`; null if there is no room. */
  findGap(bytes: bigint, ceiling: bigint): bigint | null {
    let end = ceiling;
    for (const region of [...this.regionList].reverse()) {
      if (region.start >= end) continue;
      if (end - region.end >= bytes && region.end <= end) break;
      end = region.start;
    }
    return end >= bytes + BigInt(PAGE_BYTES) ? end - bytes : null;
  }

  /** The page for an access of that kind to `address`, brought in on first touch. */
  pageFor(address: bigint, access: AccessKind): MappedPage | MemoryFault {
    const page = this.touch(address);
    if (typeof page === "string") return fault(access, address, page);
    return (page.permissions & PERMISSION[access]) === 0 ? fault(access, address, "protected") : page;
  }

  knownPage(address: bigint): MappedPage | null {
    return this.pages.get(Number(address >> PAGE_BITS)) ?? null;
  }

  /** The page at `address` whatever it permits, brought in on first touch; or why there is none. */
  touch(address: bigint): MappedPage | FaultReason {
    return this.pages.get(Number(address >> PAGE_BITS)) ?? this.bringIn(address);
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    return this.read(address, bytes, "load");
  }

  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault {
    const value = this.read(address, bytes, "fetch");
    return typeof value === "bigint" ? Number(value) : value;
  }

  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null {
    const first = this.pageFor(address, "store");
    if ("kind" in first) return first;
    const offset = Number(address & PAGE_MASK);
    const inFirst = Math.min(bytes, PAGE_BYTES - offset);
    if (inFirst < bytes) {
      const second = this.pageFor(BigInt.asUintN(64, address + BigInt(inFirst)), "store");
      if ("kind" in second) return second;
      this.code.noteStore(second.frame, 0, bytes - inFirst);
      this.ram.write(second.frame, value >> BigInt(8 * inFirst), bytes - inFirst);
    }
    this.code.noteStore(first.frame, offset, inFirst);
    this.ram.write(first.frame + offset, value, inFirst);
    return null;
  }

  /** Copies out of the guest; a fault names the first byte that cannot be read. */
  readBlock(address: bigint, length: number): Uint8Array | MemoryFault {
    const out = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const page = this.pageFor(at, "load");
      if ("kind" in page) return page;
      const offset = Number(at & PAGE_MASK);
      const count = Math.min(length - done, PAGE_BYTES - offset);
      out.set(this.ram.u8.subarray(page.frame + offset, page.frame + offset + count), done);
      done += count;
    }
    return out;
  }

  /** Copies into the guest as a store would. Earlier pages keep what was written if a later one faults. */
  writeBlock(address: bigint, bytes: Uint8Array): MemoryFault | null {
    return this.copyIn(address, bytes, "store");
  }

  /** Copies into mapped pages whatever their permissions are: for loaders. */
  fill(address: bigint, bytes: Uint8Array): MemoryFault | null {
    return this.copyIn(address, bytes, null);
  }

  private copyIn(address: bigint, bytes: Uint8Array, access: "store" | null): MemoryFault | null {
    for (let done = 0; done < bytes.length;) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const page = access === null ? this.anyPage(at) : this.pageFor(at, access);
      if ("kind" in page) return page;
      const offset = Number(at & PAGE_MASK);
      const count = Math.min(bytes.length - done, PAGE_BYTES - offset);
      this.code.noteStore(page.frame, offset, count);
      this.ram.u8.set(bytes.subarray(done, done + count), page.frame + offset);
      done += count;
    }
    return null;
  }

  private anyPage(address: bigint): MappedPage | MemoryFault {
    const page = this.touch(address);
    return typeof page === "string" ? fault("store", address, page) : page;
  }

  private read(address: bigint, bytes: AccessBytes, access: AccessKind): bigint | MemoryFault {
    const first = this.pageFor(address, access);
    if ("kind" in first) return first;
    const offset = Number(address & PAGE_MASK);
    const inFirst = Math.min(bytes, PAGE_BYTES - offset);
    const low = this.ram.read(first.frame + offset, inFirst);
    if (inFirst === bytes) return low;
    const second = this.pageFor(BigInt.asUintN(64, address + BigInt(inFirst)), access);
    if ("kind" in second) return second;
    return low | (this.ram.read(second.frame, bytes - inFirst) << BigInt(8 * inFirst));
  }

  private bringIn(address: bigint): MappedPage | FaultReason {
    const region = this.regionAt(address);
    if (region === null) return "unmapped";
    const frame = this.ram.allocateFrame();
    if (frame === null) return "exhausted";
    const page = { frame, permissions: region.permissions };
    this.pages.set(Number(address >> PAGE_BITS), page);
    return page;
  }

  private tell(pageNumber: number): void {
    for (const observer of this.observers) observer.pagesChanged(pageNumber);
  }

  private touchedIn(start: bigint, end: bigint): number[] {
    const [from, to] = [Number(start >> PAGE_BITS), Number(end >> PAGE_BITS)];
    if (to - from <= this.pages.size) {
      const numbers: number[] = [];
      for (let n = from; n < to; n += 1) if (this.pages.has(n)) numbers.push(n);
      return numbers;
    }
    return [...this.pages.keys()].filter((n) => n >= from && n < to);
  }

  // Cuts regions at the borders of the range and replaces the parts inside.
  private rewrite(start: bigint, end: bigint, change: (part: Region) => Region | null): void {
    this.regionList = this.regionList.flatMap((region) => {
      if (region.end <= start || region.start >= end) return [region];
      const from = region.start < start ? start : region.start;
      const to = region.end > end ? end : region.end;
      const parts: Region[] = [];
      if (region.start < from) parts.push({ ...region, end: from });
      const inside = change({ ...region, start: from, end: to });
      if (inside !== null) parts.push(inside);
      if (to < region.end) parts.push({ ...region, start: to });
      return parts;
    });
  }
}

/** Rounds down and up to page borders; an end past 2^64 is cut there. */
export function pageRange(start: bigint, bytes: bigint): { readonly start: bigint; readonly end: bigint } {
  const end = (start + bytes + PAGE_MASK) & ~PAGE_MASK;
  return { start: start & ~PAGE_MASK, end: end > ADDRESS_LIMIT ? ADDRESS_LIMIT : end };
}

function joinNeighbours(sorted: readonly Region[]): Region[] {
  const joined: Region[] = [];
  for (const region of sorted) {
    const last = joined.at(-1);
    const isLike =
      last?.end === region.start && last.permissions === region.permissions && last.name === region.name;
    if (last !== undefined && isLike) joined[joined.length - 1] = { ...last, end: region.end };
    else joined.push(region);
  }
  return joined;
}

function fault(access: AccessKind, address: bigint, reason: FaultReason): MemoryFault {
  return { kind: "fault", access, address, reason };
}
