// How much a TCP sender keeps in flight: slow start, congestion avoidance, fast recovery (RFC 5681, RFC 6582), with
// RFC 6928's initial window. Relies on nothing. A guest's card drops frames when its receive queue is full, so even
// on a cable without loss the sender must slow down.

const INITIAL_SEGMENTS = 10;

export class CongestionWindow {
  /** The most bytes in flight: cwnd. */
  bytes: number;
  private readonly mss: number;
  private threshold = Infinity;
  // Bytes acknowledged in congestion avoidance since the window last grew.
  private acknowledged = 0;

  constructor(mss: number) {
    this.mss = mss;
    this.bytes = INITIAL_SEGMENTS * mss;
  }

  /** New data was acknowledged, outside of recovery. `limit` is what the peer's window lets us use anyway. */
  onAcknowledged(count: number, limit: number): void {
    if (this.bytes >= limit + this.mss) return;
    if (this.bytes < this.threshold) {
      this.bytes += Math.min(count, 2 * this.mss);
      return;
    }
    this.acknowledged += count;
    if (this.acknowledged < this.bytes) return;
    this.acknowledged -= this.bytes;
    this.bytes += this.mss;
  }

  /** Three duplicate acknowledgements: the loss of one segment. */
  onLoss(inFlight: number): void {
    this.threshold = Math.max(Math.floor(inFlight / 2), 2 * this.mss);
    this.bytes = this.threshold + 3 * this.mss;
  }

  /** One more duplicate while recovering: a segment has left the network. */
  onDuplicate(): void {
    this.bytes += this.mss;
  }

  /** All that was in flight at the loss is acknowledged. */
  onRecovered(): void {
    this.bytes = this.threshold;
  }

  /** Nothing came back in time: start again from one segment. */
  onTimeout(inFlight: number): void {
    this.threshold = Math.max(Math.floor(inFlight / 2), 2 * this.mss);
    this.bytes = this.mss;
  }
}
