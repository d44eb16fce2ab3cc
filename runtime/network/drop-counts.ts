// What a backend threw away, by reason: for statistics, and for tests that nothing is lost in silence.
// Relies on nothing.

/** Why a frame or packet went no further. */
export type DropReason =
  | "malformed"
  | "otherProtocol"
  | "notForUs"
  | "fragments"
  | "restricted"
  | "tooMany"
  | "noNeighbour"
  | "tooLong"
  | "peerSlow";

export class DropCounts {
  private readonly counts = new Map<DropReason, number>();

  add(reason: DropReason, count = 1): void {
    if (count > 0) this.counts.set(reason, this.get(reason) + count);
  }

  get(reason: DropReason): number {
    return this.counts.get(reason) ?? 0;
  }

  /** All reasons that occurred, with their counts. */
  entries(): readonly (readonly [DropReason, number])[] {
    return [...this.counts];
  }
}
