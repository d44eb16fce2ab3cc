// The sending half of a TCP connection: keeps bytes until they are acknowledged, sends what the peer's window and
// the network take, and sends again what is lost (RFC 9293 3.8, RFC 6298, RFC 6582).
// Relies on byte-ring.ts, tcp-congestion.ts, tcp-round-trip.ts and deadline-timer.ts.
// SYN and FIN are sent and repeated here too, because they take sequence numbers like bytes.

import type { Clock } from "./backend.ts";
import { ByteRing } from "./byte-ring.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import { CongestionWindow } from "./tcp-congestion.ts";
import { RoundTrip } from "./tcp-round-trip.ts";
import { sequenceAdd, sequenceDifference } from "./tcp-sequence.ts";

/** How often something is sent again before the peer is given up: a SYN for about two minutes, the rest for ten. */
const MAX_RETRIES = { syn: 6, rest: 12 } as const;
const DUPLICATES_OF_A_LOSS = 3;

/** What the sender wants sent: the connection adds ports, acknowledgement and window. */
export interface TcpRun {
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly push: boolean;
}

export interface TcpSenderEvents {
  transmit(run: TcpRun): void;
  /** The peer has not answered for as often as MAX_RETRIES says. */
  givenUp(): void;
}

/** What an acknowledging segment says, its window scaled. */
export interface Acknowledgement {
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly window: number;
  readonly isEmpty: boolean;
}

export class TcpSender {
  /** The oldest sequence number that is not acknowledged: SND.UNA. */
  unacknowledged: number;
  /** The next one to send; it goes back after a time-out. */
  private next: number;
  private readonly initial: number;
  private readonly ring: ByteRing;
  private readonly clock: Clock;
  private readonly events: TcpSenderEvents;
  private readonly timer: DeadlineTimer;
  private readonly roundTrip = new RoundTrip();
  private mss = 0;
  private congestion = new CongestionWindow(0);
  /** One behind the last ever sent. */
  private highest: number;
  private window = 0;
  private windowFrom = { sequence: 0, acknowledgment: 0 };
  private endQueued = false;
  private endSent = false;
  private retries = 0;
  private duplicates = 0;
  /** While recovering from a loss: what was the highest then. */
  private recovery: number | null = null;

  constructor(clock: Clock, events: TcpSenderEvents, sizes: { initialSequence: number; capacity: number }) {
    this.clock = clock;
    this.events = events;
    this.initial = sizes.initialSequence;
    this.unacknowledged = this.initial;
    this.next = this.initial;
    this.highest = this.initial;
    this.ring = new ByteRing(sizes.capacity);
    this.timer = new DeadlineTimer(clock, () => this.onTimeout());
  }

  get room(): number {
    return this.ring.room;
  }

  /** The sequence number of a segment without bytes: the next new one, or the window's end if that comes first. */
  get emptySequence(): number {
    const edge = sequenceAdd(this.unacknowledged, this.window);
    return sequenceDifference(this.highest, edge) > 0 && this.unacknowledged !== this.initial
      ? edge
      : this.highest;
  }

  /** Whether our FIN is acknowledged, and so all before it. */
  get isFinished(): boolean {
    return this.endSent && this.unacknowledged === this.highest;
  }

  /** Sends the SYN. */
  start(): void {
    this.sendSyn();
    this.timer.set(this.roundTrip.timeoutMs);
  }

  /** The peer's SYN has come: how large segments may be, and where its window counts from. */
  agree(mss: number, windowFrom: { readonly sequence: number; readonly acknowledgment: number }): void {
    this.mss = mss;
    this.congestion = new CongestionWindow(mss);
    this.windowFrom = windowFrom;
  }

  /** Queues what fits of `bytes` and sends what may be sent; gives how much fitted. */
  write(bytes: Uint8Array): number {
    const count = this.endQueued ? 0 : this.ring.append(bytes);
    this.sendRuns();
    return count;
  }

  /** Queues the FIN behind everything written. */
  end(): void {
    this.endQueued = true;
    this.sendRuns();
  }

  /** No timer runs any more. */
  stop(): void {
    this.timer.clear();
  }

  /** Whether an acknowledgement is for something that was sent. */
  hasSent(acknowledgment: number): boolean {
    return sequenceDifference(acknowledgment, this.highest) <= 0;
  }

  /** Takes an acknowledgement that `hasSent` accepts. */
  acknowledge(ack: Acknowledgement): void {
    const advance = sequenceDifference(ack.acknowledgment, this.unacknowledged);
    if (advance > 0) this.advance(ack.acknowledgment, advance);
    else if (advance === 0 && ack.isEmpty && ack.window === this.window && ack.window > 0)
      this.countDuplicate();
    if (advance >= 0) this.takeWindow(ack);
    this.sendRuns();
  }

  private get inFlight(): number {
    return sequenceDifference(this.highest, this.unacknowledged);
  }

  // Where the ring's first byte stands: behind the SYN.
  private get ringSequence(): number {
    return this.unacknowledged === this.initial ? sequenceAdd(this.initial, 1) : this.unacknowledged;
  }

  private takeWindow({ sequence, acknowledgment, window }: Acknowledgement): void {
    const newer = sequenceDifference(sequence, this.windowFrom.sequence);
    if (newer < 0 || (newer === 0 && sequenceDifference(acknowledgment, this.windowFrom.acknowledgment) < 0))
      return;
    this.window = window;
    this.windowFrom = { sequence, acknowledgment };
    // An answer while the window is shut says that the peer lives, however long it stays shut.
    if (window === 0) this.retries = 0;
  }

  private advance(acknowledgment: number, count: number): void {
    const synBytes = this.unacknowledged === this.initial ? 1 : 0;
    this.ring.drop(Math.min(count - synBytes, this.ring.length));
    this.unacknowledged = acknowledgment;
    if (sequenceDifference(this.next, acknowledgment) < 0) this.next = acknowledgment;
    this.roundTrip.onAcknowledged(acknowledgment, this.clock.nowMs());
    this.retries = 0;
    this.duplicates = 0;
    if (this.recovery === null) this.congestion.onAcknowledged(count, this.window);
    else if (sequenceDifference(acknowledgment, this.recovery) < 0) this.repeatFirst();
    else {
      this.recovery = null;
      this.congestion.onRecovered();
    }
    this.timer.set(this.roundTrip.timeoutMs);
  }

  private countDuplicate(): void {
    if (this.inFlight === 0) return;
    this.duplicates += 1;
    if (this.recovery !== null) this.congestion.onDuplicate();
    else if (this.duplicates === DUPLICATES_OF_A_LOSS) {
      this.recovery = this.highest;
      this.congestion.onLoss(this.inFlight);
      this.repeatFirst();
    }
  }

  // The first unacknowledged segment again; `next` stays.
  private repeatFirst(): void {
    this.roundTrip.onRetransmit();
    this.sendRun(this.unacknowledged, Math.min(this.mss, this.ring.length));
  }

  private onTimeout(): void {
    this.retries += 1;
    if (this.retries > (this.unacknowledged === this.initial ? MAX_RETRIES.syn : MAX_RETRIES.rest)) {
      this.events.givenUp();
      return;
    }
    this.roundTrip.onTimeout();
    this.recovery = null;
    this.duplicates = 0;
    if (this.unacknowledged === this.initial) this.sendSyn();
    else if (this.window === 0) this.probe();
    else {
      this.congestion.onTimeout(this.inFlight);
      this.next = this.unacknowledged;
      this.sendRuns();
    }
    this.timer.set(this.roundTrip.timeoutMs);
  }

  // One byte beyond the shut window, so that the peer says when it opens.
  private probe(): void {
    this.sendRun(this.unacknowledged, Math.min(1, this.ring.length));
    this.roundTrip.onRetransmit();
  }

  private sendSyn(): void {
    this.next = sequenceAdd(this.initial, 1);
    this.highest = this.next;
    this.events.transmit({
      sequence: this.initial,
      payload: new Uint8Array(),
      syn: true,
      fin: false,
      push: false,
    });
  }

  // Sends new bytes (or old ones again, after a time-out) as far as both windows go.
  private sendRuns(): void {
    if (this.unacknowledged === this.initial) return;
    while (!this.isFinished) {
      const unsent = this.ring.length - sequenceDifference(this.next, this.ringSequence);
      const usable =
        Math.min(this.window, this.congestion.bytes) - sequenceDifference(this.next, this.unacknowledged);
      const size = Math.min(unsent, this.mss, Math.max(0, usable));
      const isEnd = this.endQueued && size === unsent;
      if (unsent < 0 || (size === 0 && !isEnd)) break;
      // Not a full segment, although there is more: wait for the window to open (RFC 9293 3.8.6.2.1).
      if (size < this.mss && size < unsent && this.next !== this.unacknowledged) break;
      const at = this.next;
      this.next = sequenceAdd(at, size + (isEnd ? 1 : 0));
      this.sendRun(at, size);
    }
    const isWaiting = this.unacknowledged !== this.highest || (this.ring.length > 0 && this.window === 0);
    if (!isWaiting) this.timer.clear();
    else if (!this.timer.isSet) this.timer.set(this.roundTrip.timeoutMs);
  }

  private sendRun(sequence: number, size: number): void {
    const offset = sequenceDifference(sequence, this.ringSequence);
    const isLast = offset + size === this.ring.length;
    const fin = this.endQueued && isLast;
    const end = sequenceAdd(sequence, size + (fin ? 1 : 0));
    const isNew = sequenceDifference(end, this.highest) > 0;
    if (isNew) {
      this.highest = end;
      this.roundTrip.onSent(end, this.clock.nowMs());
    } else this.roundTrip.onRetransmit();
    if (fin) this.endSent = true;
    const payload = this.ring.peek(offset, size);
    this.events.transmit({ sequence, payload, syn: false, fin, push: isLast && size > 0 });
  }
}
