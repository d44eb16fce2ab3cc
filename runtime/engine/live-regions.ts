// The regions that are translated now: by where they start, and by the pages and frames that their code is from.
//
// Relies on region.ts. One address may have several regions, for code at different frames (address spaces).

import type { PcKey } from "./code-reader.ts";

/** A page of code and where it was when the code was translated. */
export interface CodePlace {
  readonly page: number;
  readonly frame: number;
}

export interface LiveRegion {
  readonly key: PcKey;
  /** Number of its function. */
  readonly number: number;
  readonly places: readonly CodePlace[];
  /** Those of its first instruction. */
  readonly entry: readonly CodePlace[];
}

// Of one address.
const MAX_VARIANTS = 4;

export class LiveRegions {
  private readonly byKey = new Map<PcKey, LiveRegion[]>();
  private readonly byFrame = new Map<number, Set<LiveRegion>>();
  private readonly byPage = new Map<number, Set<LiveRegion>>();

  /** The region that starts at `key` with code that is where `isThere` says. */
  find(key: PcKey, isThere: (place: CodePlace) => boolean): LiveRegion | null {
    return this.byKey.get(key)?.find((region) => region.entry.every(isThere)) ?? null;
  }

  /** Adds a region; answers the one that had to go for it. */
  add(region: LiveRegion): LiveRegion | null {
    const variants = this.byKey.get(region.key) ?? [];
    const oldest = variants.length === MAX_VARIANTS ? (variants[0] ?? null) : null;
    if (oldest !== null) this.delete(oldest);
    this.byKey.set(region.key, [...(this.byKey.get(region.key) ?? []), region]);
    for (const { page, frame } of region.places) {
      put(this.byFrame, frame, region);
      put(this.byPage, page, region);
    }
    return oldest;
  }

  delete(region: LiveRegion): void {
    const others = (this.byKey.get(region.key) ?? []).filter((r) => r !== region);
    if (others.length === 0) this.byKey.delete(region.key);
    else this.byKey.set(region.key, others);
    for (const { page, frame } of region.places) {
      take(this.byFrame, frame, region);
      take(this.byPage, page, region);
    }
  }

  /** Regions with code from the frame. */
  onFrame(frame: number): readonly LiveRegion[] {
    return [...(this.byFrame.get(frame) ?? [])];
  }

  /** Regions with code that was at the page. */
  onPage(page: number): readonly LiveRegion[] {
    return [...(this.byPage.get(page) ?? [])];
  }

  all(): readonly LiveRegion[] {
    return [...this.byKey.values()].flat();
  }

  clear(): void {
    this.byKey.clear();
    this.byFrame.clear();
    this.byPage.clear();
  }
}

function put(map: Map<number, Set<LiveRegion>>, at: number, region: LiveRegion): void {
  map.set(at, (map.get(at) ?? new Set<LiveRegion>()).add(region));
}

function take(map: Map<number, Set<LiveRegion>>, at: number, region: LiveRegion): void {
  const regions = map.get(at);
  regions?.delete(region);
  if (regions?.size === 0) map.delete(at);
}
