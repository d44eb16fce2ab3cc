// One hart's view of a board in one mode: translate, then RAM and ROM, or a device.
//
// Relies on translation.ts, address-space.ts, bus.ts. Translations are remembered until they are flushed, by whole pages
// and at the first access that needs one, whoever executes: so executors agree even where tables changed without a
// flush. Guarantees: an access over a page's end is two translations, both made before anything changes; such an access
// never touches a device; stores to ROM go to the device behind it, if there is one; instructions come from RAM and ROM alone.

import type { AccessStops, GuestWatch } from "./access-stops.ts";
import type { AddressSpace } from "./address-space.ts";
import type { Bus } from "./bus.ts";
import type { CodeMarks } from "./code-marks.ts";
import type { AccessBytes, AccessKind, MemoryFault } from "./memory.ts";
import { PERMISSION, WRITE, type MappedPage, type PagedMemory, type PageObserver } from "./paged-memory.ts";
import { PAGE_BYTES, PAGE_SHIFT, type Ram } from "./ram.ts";
import type { Translation, Translator } from "./translation.ts";

const PAGE_MASK = 0xfffn;
const PAGE_BITS = 12n;
// A guest that maps one frame everywhere must not fill the host: then everything is forgotten.
const MAX_KNOWN = 1 << 16;

/** What a view is made of. */
export interface VirtualMemoryParts {
  readonly physical: AddressSpace;
  readonly bus: Bus;
  readonly translator: Translator;
  /** Of a debugger; its accesses fault with reason `debugger`. */
  readonly stops?: AccessStops;
  /** Of the guest's debug registers, as this mode sees them; null or not there: nothing is watched. */
  readonly watch?: GuestWatch | null;
}

/** What a view remembers, as plain data: part of the machine's state, because the guest's tables may say otherwise now. */
export interface RememberedPages {
  /** By page number, in order. */
  readonly pages: readonly {
    readonly number: number;
    readonly physical: bigint;
    readonly permissions: number;
  }[];
  /** First page numbers of larger mappings that pages are part of, by their size in pages. */
  readonly large: readonly { readonly pages: number; readonly starts: readonly number[] }[];
}

interface KnownPage {
  readonly physical: bigint;
  /** Of the translation. */
  readonly permissions: number;
  /** The page of physical memory, with what that permits; null for what is not RAM or ROM. */
  readonly backing: MappedPage | null;
  /** The same, with what both permit. */
  readonly mapped: MappedPage | null;
}

interface BackedPage extends KnownPage {
  readonly backing: MappedPage;
  readonly mapped: MappedPage;
}

function isBacked(page: KnownPage): page is BackedPage {
  return page.backing !== null;
}

export class VirtualMemory implements PagedMemory, PageObserver {
  readonly ram: Ram;
  readonly code: CodeMarks;
  readonly isForgetful = true;
  private readonly physical: AddressSpace;
  private readonly bus: Bus;
  private readonly translator: Translator;
  private readonly stops: AccessStops | null;
  private readonly watch: GuestWatch | null;
  private readonly known = new Map<number, KnownPage>();
  // First page numbers of larger mappings that known pages are part of, by their size in pages.
  private readonly large = new Map<number, Set<number>>();
  // The last bit of `flushWhereZero`, as long as no such page is known again.
  private flushedBit: number | null = null;
  private readonly observers: PageObserver[] = [];

  constructor({ physical, bus, translator, stops, watch }: VirtualMemoryParts) {
    this.ram = physical.ram;
    this.code = physical.code;
    this.physical = physical;
    this.bus = bus;
    this.translator = translator;
    this.stops = stops ?? null;
    this.watch = watch ?? null;
    physical.observe(this);
  }

  observe(observer: PageObserver): void {
    this.observers.push(observer);
  }

  /** Forgets the translation of the page at `address`, with all of the mapping that it is part of; null: everything. */
  flush(address: bigint | null): void {
    if (this.known.size === 0) return;
    if (address === null || !this.forgetAt(Number(address >> PAGE_BITS))) this.forgetAll();
  }

  /** Forgets the translations of pages in whose addresses this bit is zero. */
  flushWhereZero(bit: number): void {
    if (bit === this.flushedBit) return;
    for (const number of this.known.keys()) {
      if (!isZeroAt(number, bit)) continue;
      this.known.delete(number);
      this.tell(number);
    }
    this.flushedBit = bit;
  }

  /** Physical memory itself changed: a snapshot was put back. */
  pagesChanged(): void {
    this.flush(null);
  }

  saveState(): RememberedPages {
    const pages = [...this.known].map(([number, { physical, permissions }]) => ({
      number,
      physical,
      permissions,
    }));
    const large = [...this.large].map(([size, starts]) => ({
      pages: size,
      starts: [...starts].sort(ascending),
    }));
    return {
      pages: pages.sort((a, b) => a.number - b.number),
      large: large.sort((a, b) => a.pages - b.pages),
    };
  }

  /** Takes what `saveState` gave, once physical memory is as it was. */
  restoreState({ pages, large }: RememberedPages): void {
    this.forgetAll();
    this.flushedBit = null;
    for (const { number, physical, permissions } of pages) {
      const page = this.pageOf(number, physical, permissions);
      if (page !== "exhausted") this.known.set(number, page);
    }
    for (const { pages: size, starts } of large) this.large.set(size, new Set(starts));
  }

  /** A debugger's stops are others: executors forget what they know, the view keeps what it remembers. */
  stopsChanged(): void {
    this.restoreState(this.saveState());
  }

  pageFor(address: bigint, access: AccessKind, bytes: number): MappedPage | MemoryFault {
    const found = this.findBacked(address, access, bytes);
    return "backing" in found ? found.mapped : found;
  }

  knownPage(address: bigint): MappedPage | null {
    return this.known.get(Number(address >> PAGE_BITS))?.mapped ?? null;
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    if (this.stops?.forbids("load", address, bytes) === true) return debuggerStop("load", address);
    const offset = Number(address & PAGE_MASK);
    if (offset + bytes > PAGE_BYTES) return this.readOver(address, bytes, "load");
    const found = this.find(address, "load", bytes);
    if ("kind" in found) return found;
    const watched = this.watched("load", address, bytes);
    if (watched !== null) return watched;
    if (found.backing !== null) return this.ram.read(found.backing.frame + offset, bytes);
    const value = this.bus.load(found.physical + BigInt(offset), bytes);
    return typeof value === "bigint" ? value : { ...value, address };
  }

  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null {
    if (this.stops?.forbids("store", address, bytes) === true) return debuggerStop("store", address);
    const offset = Number(address & PAGE_MASK);
    if (offset + bytes > PAGE_BYTES) return this.writeOver(address, value, bytes);
    const found = this.find(address, "store", bytes);
    if ("kind" in found) return found;
    const watched = this.watched("store", address, bytes);
    if (watched !== null) return watched;
    const isMemory = found.backing !== null && (found.backing.permissions & WRITE) !== 0;
    if (found.backing === null || !isMemory) {
      const fault = this.bus.store(found.physical + BigInt(offset), value, bytes);
      // Behind ROM there may be a device that takes commands: flash.
      return fault === null || found.backing !== null ? null : { ...fault, address };
    }
    this.write(found.backing, offset, { value, bytes });
    return null;
  }

  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault {
    if (this.stops?.forbids("fetch", address, bytes) === true) return debuggerStop("fetch", address);
    const offset = Number(address & PAGE_MASK);
    if (offset + bytes > PAGE_BYTES) {
      const value = this.readOver(address, bytes, "fetch");
      return typeof value === "bigint" ? Number(value) : value;
    }
    const found = this.findBacked(address, "fetch", bytes);
    if (!("backing" in found)) return found;
    return (
      this.watched("fetch", address, bytes) ?? Number(this.ram.read(found.backing.frame + offset, bytes))
    );
  }

  private readOver(address: bigint, bytes: number, access: "load" | "fetch"): bigint | MemoryFault {
    const offset = Number(address & PAGE_MASK);
    const inFirst = PAGE_BYTES - offset;
    const first = this.findBacked(address, access, inFirst);
    if (!("backing" in first)) return first;
    const next = BigInt.asUintN(64, address + BigInt(inFirst));
    const second = this.findBacked(next, access, bytes - inFirst);
    if (!("backing" in second)) return second;
    const watched = this.watched(access, address, bytes);
    if (watched !== null) return watched;
    const low = this.ram.read(first.backing.frame + offset, inFirst);
    return low | (this.ram.read(second.backing.frame, bytes - inFirst) << BigInt(8 * inFirst));
  }

  private writeOver(address: bigint, value: bigint, bytes: number): MemoryFault | null {
    const offset = Number(address & PAGE_MASK);
    const inFirst = PAGE_BYTES - offset;
    const first = this.findBacked(address, "store", inFirst);
    if (!("backing" in first)) return first;
    const next = BigInt.asUintN(64, address + BigInt(inFirst));
    const second = this.findBacked(next, "store", bytes - inFirst);
    if (!("backing" in second)) return second;
    const watched = this.watched("store", address, bytes);
    if (watched !== null) return watched;
    this.write(first.backing, offset, { value, bytes: inFirst });
    this.write(second.backing, 0, { value: value >> BigInt(8 * inFirst), bytes: bytes - inFirst });
    return null;
  }

  private watched(access: AccessKind, address: bigint, bytes: number): MemoryFault | null {
    const at = this.watch === null ? null : this.watch.hit(access, address, bytes);
    return at === null ? null : { kind: "fault", access, address: at, reason: "watched" };
  }

  // A page without WRITE is ROM.
  private write(
    backing: MappedPage,
    offset: number,
    what: { readonly value: bigint; readonly bytes: number },
  ): void {
    if ((backing.permissions & WRITE) === 0) return;
    this.code.noteStore(backing.frame, offset, what.bytes);
    this.ram.write(backing.frame + offset, what.value, what.bytes);
  }

  // Like `find`; a fault for what is not RAM or ROM.
  private findBacked(address: bigint, access: AccessKind, bytes: number): BackedPage | MemoryFault {
    const found = this.find(address, access, bytes);
    if ("kind" in found || isBacked(found)) return found;
    return { kind: "fault", access, address, reason: "bus" };
  }

  private find(address: bigint, access: AccessKind, bytes: number): KnownPage | MemoryFault {
    const number = Number(address >> PAGE_BITS);
    const known = this.known.get(number);
    if (known !== undefined && (known.permissions & PERMISSION[access]) !== 0) return known;
    const translation = this.translator.translate(address, access, bytes);
    if ("kind" in translation) return translation;
    const { physical, permissions } = translation;
    const page = this.pageOf(number, physical, permissions);
    if (page === "exhausted") return { kind: "fault", access, address, reason: page };
    return permissions === 0 ? page : this.remember(number, page, translation);
  }

  private pageOf(number: number, physical: bigint, permissions: number): KnownPage | "exhausted" {
    const backing = this.physical.touch(physical);
    if (backing === "exhausted") return backing;
    if (typeof backing === "string") return { physical, permissions, backing: null, mapped: null };
    // Executors come here for what stops and watches are about; the view itself knows the page as ever.
    const withheld = (this.stops?.withheld(number) ?? 0) | (this.watch?.withheld(number) ?? 0);
    const direct = permissions & ~withheld;
    const mapped = { frame: backing.frame, permissions: backing.permissions & direct };
    return { physical, permissions, backing, mapped };
  }

  private remember(number: number, page: KnownPage, { pages = 1 }: Translation): KnownPage {
    if (this.known.size >= MAX_KNOWN) this.forgetAll();
    const before = this.known.get(number);
    if (before !== undefined && !isWider(page, before)) this.tell(number);
    this.known.set(number, page);
    if (this.flushedBit !== null && isZeroAt(number, this.flushedBit)) this.flushedBit = null;
    if (pages > 1) {
      const starts = this.large.get(pages) ?? new Set();
      this.large.set(pages, starts.add(number - (number % pages)));
    }
    return page;
  }

  // False if nothing less than everything will do.
  private forgetAt(number: number): boolean {
    for (const [pages, starts] of this.large) if (starts.has(number - (number % pages))) return false;
    if (this.known.delete(number)) this.tell(number);
    return true;
  }

  private forgetAll(): void {
    this.known.clear();
    this.large.clear();
    this.tell(null);
  }

  private tell(pageNumber: number | null): void {
    for (const observer of this.observers) observer.pagesChanged(pageNumber);
  }
}

// The bit of the page's address.
function isZeroAt(pageNumber: number, bit: number): boolean {
  return Math.floor(pageNumber / 2 ** (bit - PAGE_SHIFT)) % 2 === 0;
}

// True if whoever remembers `before` is still right, though perhaps not as far as could be.
function isWider(after: KnownPage, before: KnownPage): boolean {
  const kept = after.permissions & before.permissions;
  return after.physical === before.physical && kept === before.permissions;
}

function ascending(a: number, b: number): number {
  return a - b;
}

function debuggerStop(access: AccessKind, address: bigint): MemoryFault {
  return { kind: "fault", access, address, reason: "debugger" };
}
