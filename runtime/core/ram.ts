// The bytes behind everything that the guest can see or change: one WebAssembly memory, handed out in areas and frames.
//
// Hart state, translation tables and page frames live in the same memory, so that translated code reaches them all
// with plain loads and stores. Relies on nothing. Guarantees: areas and frames never overlap and start zeroed; the
// views are valid until the next call that allocates (growth detaches them), so read them from here each time.

/** Size of a page frame and of the unit of mapping and permissions. */
export const PAGE_BYTES = 4096;
export const PAGE_SHIFT = 12;

const WASM_PAGE_BYTES = 65536;
const INITIAL_WASM_PAGES = 32;
/** The ceiling of 32-bit WebAssembly memories; modules that import the memory declare this maximum. */
export const MAX_WASM_PAGES = 65536;
// Nothing lives below this, so address 0 never names anything.
const FIRST_FREE = 1024;

/** Host memory for guest state, pages and tables. Hot: the views are read on every slow-path access. */
export class Ram {
  readonly memory: WebAssembly.Memory;
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  u64: BigUint64Array;
  /** How many bytes of page frames may be handed out in all. */
  readonly limitBytes: number;
  private readonly freeFrames: number[] = [];
  private frameBytes = 0;
  private top = FIRST_FREE;

  /** Areas (hart state, tables) do not count towards `limitBytes`. */
  constructor(limitBytes: number) {
    this.memory = new WebAssembly.Memory({ initial: INITIAL_WASM_PAGES, maximum: MAX_WASM_PAGES });
    this.limitBytes = limitBytes;
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
  }

  /** Byte offset of a fresh zeroed area aligned to `alignment`; null if the host has no more. Never freed. */
  allocateArea(bytes: number, alignment: number): number | null {
    const at = Math.ceil(this.top / alignment) * alignment;
    if (at + bytes > MAX_WASM_PAGES * WASM_PAGE_BYTES || !this.growTo(at + bytes)) return null;
    this.top = at + bytes;
    return at;
  }

  /** Byte offset of a zeroed page frame; null if the limit is reached. */
  allocateFrame(): number | null {
    if (this.frameBytes + PAGE_BYTES > this.limitBytes) return null;
    const at = this.freeFrames.pop() ?? this.allocateArea(PAGE_BYTES, PAGE_BYTES);
    if (at !== null) this.frameBytes += PAGE_BYTES;
    return at;
  }

  /** Gives a frame back; its contents are gone. */
  releaseFrame(at: number): void {
    this.u8.fill(0, at, at + PAGE_BYTES);
    this.freeFrames.push(at);
    this.frameBytes -= PAGE_BYTES;
  }

  /** The little-endian number in `bytes` bytes (up to 16) from `at` on. */
  read(at: number, bytes: number): bigint {
    if (bytes === 8 && (at & 7) === 0) return this.u64[at >>> 3] ?? 0n;
    if (bytes > 4) return this.read(at, 4) | (this.read(at + 4, bytes - 4) << 32n);
    return BigInt(this.small(at, bytes));
  }

  /** Writes the low `bytes` bytes (up to 16) of `value`. */
  write(at: number, value: bigint, bytes: number): void {
    if (bytes === 8 && (at & 7) === 0) {
      this.u64[at >>> 3] = value;
      return;
    }
    let rest = value;
    for (let done = 0; done < bytes; done += 4) {
      let part = Number(rest & 0xffff_ffffn);
      for (let i = done; i < Math.min(done + 4, bytes); i += 1) {
        this.u8[at + i] = part & 0xff;
        part >>>= 8;
      }
      rest >>= 32n;
    }
  }

  private small(at: number, bytes: number): number {
    let value = 0;
    for (let i = bytes - 1; i >= 0; i -= 1) value = value * 256 + (this.u8[at + i] ?? 0);
    return value;
  }

  private growTo(bytes: number): boolean {
    const have = this.memory.buffer.byteLength;
    if (bytes <= have) return true;
    const wanted = Math.max(bytes - have, have / 2);
    const pages = Math.min(Math.ceil(wanted / WASM_PAGE_BYTES), MAX_WASM_PAGES - have / WASM_PAGE_BYTES);
    try {
      this.memory.grow(pages);
    } catch {
      // The host has no room; the caller turns this into a value.
      return false;
    }
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    return bytes <= buffer.byteLength;
  }
}
