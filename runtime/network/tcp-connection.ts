// One end of a TCP connection: the state machine of RFC 9293 3.3.2 over a sending and a receiving half.
// Relies on tcp-sender.ts, tcp-receiver.ts, tcp-segment.ts and a clock.
// Options: MSS and window scale. Not there: selective acknowledgement, time stamps, urgent data (read as plain data).
// Guarantees: holds at most `bufferBytes` in each direction; after `closed` no event comes and no timer runs.

import type { Clock } from "./backend.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import { TCP_FLAG } from "./protocol-numbers.ts";
import { TcpReceiver } from "./tcp-receiver.ts";
import { resetFor, sequenceLength, type TcpSegment } from "./tcp-segment.ts";
import { TcpSender, type TcpRun } from "./tcp-sender.ts";
import { sequenceAdd } from "./tcp-sequence.ts";

/** A peer that names no MSS takes this much (RFC 9293 3.7.1). */
const DEFAULT_MSS = 536;
/** Less would make segments of nothing but headers. */
const MIN_MSS = 64;
const MAX_WINDOW_SCALE = 14;
const DELAYED_ACK_MS = 40;
/** Twice the time that a segment can live on a cable that has no routers behind it. */
const TIME_WAIT_MS = 10_000;
/** Answers to unexpected segments without bytes are this far apart, so that two ends never answer each other forever. */
const CHALLENGE_INTERVAL_MS = 500;
const EMPTY = new Uint8Array();

export type TcpState =
  | "idle"
  | "synSent"
  | "synReceived"
  | "established"
  | "finWait1"
  | "finWait2"
  | "closing"
  | "timeWait"
  | "closeWait"
  | "lastAck"
  | "closed";

/** How a connection came to its end: both sides said so, the peer reset it, or the peer stopped answering. */
export type TcpEnd = "closed" | "reset" | "timeout";

export interface TcpEvents {
  transmit(segment: TcpSegment): void;
  /** Both sides have agreed; data may be written before too. */
  established(): void;
  /** There is something to read, or the peer has said its last. */
  readable(): void;
  /** Bytes were acknowledged, so `write` takes more. */
  writable(): void;
  closed(end: TcpEnd): void;
}

export interface TcpOptions {
  readonly localPort: number;
  readonly remotePort: number;
  readonly initialSequence: number;
  /** The largest segment that our side of the cable takes. */
  readonly maximumSegmentSize: number;
  readonly bufferBytes: number;
}

// The state machine beyond the handshake, as data: what our FIN, its acknowledgement and the peer's FIN lead to.
type Transitions = Partial<Record<TcpState, TcpState>>;
const onEndQueued: Transitions = { established: "finWait1", closeWait: "lastAck" };
const onEndAcknowledged: Transitions = { finWait1: "finWait2", closing: "timeWait", lastAck: "closed" };
const onPeerEnd: Transitions = { established: "closeWait", finWait1: "closing", finWait2: "timeWait" };

export class TcpConnection {
  state: TcpState = "idle";
  private readonly clock: Clock;
  private readonly options: TcpOptions;
  private readonly events: TcpEvents;
  private readonly sender: TcpSender;
  private receiver: TcpReceiver | null = null;
  private readonly ackTimer: DeadlineTimer;
  private readonly waitTimer: DeadlineTimer;
  private readonly scale: number;
  /** The shift of the peer's window field; null if windows are not scaled. */
  private peerScale: number | null = null;
  private endWanted = false;
  private challengedMs = -Infinity;

  constructor(clock: Clock, events: TcpEvents, options: TcpOptions) {
    this.clock = clock;
    this.options = options;
    this.events = events;
    this.scale = scaleFor(options.bufferBytes);
    this.sender = new TcpSender(
      clock,
      { transmit: (run) => this.transmitRun(run), givenUp: () => this.finish("timeout") },
      { initialSequence: options.initialSequence, capacity: options.bufferBytes },
    );
    this.ackTimer = new DeadlineTimer(clock, () => this.transmitAck());
    this.waitTimer = new DeadlineTimer(clock, () => this.finish("closed"));
  }

  /** Opens towards a peer that listens. */
  connect(): void {
    this.state = "synSent";
    this.sender.start();
  }

  /** Answers a peer's SYN. */
  accept(syn: TcpSegment): void {
    this.state = "synReceived";
    this.takeSyn(syn);
    this.sender.start();
  }

  /** Takes a segment of this connection. */
  receive(segment: TcpSegment): void {
    if (this.state === "closed" || this.state === "idle") return;
    if (this.state === "synSent") this.receiveInSynSent(segment);
    else if (this.receiver !== null) this.receiveSynchronised(segment, this.receiver);
  }

  /** Up to `max` bytes that have come; none if there are none now. Tells the peer when much room has become free. */
  read(max: number): Uint8Array {
    const { receiver } = this;
    if (receiver === null || receiver.readable === 0) return EMPTY;
    const bytes = receiver.read(max);
    const worthTelling = Math.min(2 * this.options.maximumSegmentSize, this.options.bufferBytes / 2);
    if (this.state !== "closed" && !receiver.ended && receiver.unadvertised >= worthTelling)
      this.transmitAck();
    return bytes;
  }

  /** Whether the peer has ended its direction and everything is read. */
  get isReadToEnd(): boolean {
    return this.receiver !== null && this.receiver.ended && this.receiver.readable === 0;
  }

  /** Queues what fits of `bytes`; `writable` comes when more does. */
  write(bytes: Uint8Array): number {
    return this.state === "closed" || this.endWanted ? 0 : this.sender.write(bytes);
  }

  /** How many bytes `write` takes now. */
  get room(): number {
    return this.sender.room;
  }

  /** Ends our direction behind everything written. */
  end(): void {
    if (this.endWanted || this.state === "closed") return;
    this.endWanted = true;
    this.follow(onEndQueued);
    this.sender.end();
  }

  /** Breaks the connection off: the peer gets a reset. No `closed` comes, since the caller knows. */
  reset(): void {
    if (this.state !== "closed" && this.state !== "timeWait" && this.state !== "idle") {
      this.transmit(TCP_FLAG.rst, this.sender.emptySequence, EMPTY);
    }
    this.stop();
  }

  /** Whether a SYN from the same ends starts a connection anew (RFC 9293 3.6.1). */
  isReplacedBy(syn: TcpSegment): boolean {
    return this.state === "timeWait" && (this.receiver?.isBehind(syn.sequence) ?? false);
  }

  private receiveInSynSent(segment: TcpSegment): void {
    const { flags, acknowledgment } = segment;
    const acknowledges = (flags & TCP_FLAG.ack) !== 0;
    if (acknowledges && acknowledgment !== sequenceAdd(this.options.initialSequence, 1)) {
      const reset = resetFor(segment);
      if (reset !== null) this.events.transmit(reset);
      return;
    }
    if ((flags & TCP_FLAG.rst) !== 0) {
      if (acknowledges) this.finish("reset");
      return;
    }
    if ((flags & TCP_FLAG.syn) === 0) return;
    this.takeSyn(segment);
    if (!acknowledges) {
      // Both ends opened at once: answer with SYN and ACK.
      this.state = "synReceived";
      this.sender.start();
      return;
    }
    this.establish(segment, segment.window);
    this.transmitAck();
  }

  private receiveSynchronised(segment: TcpSegment, receiver: TcpReceiver): void {
    const { flags, sequence, payload } = segment;
    const isReset = (flags & TCP_FLAG.rst) !== 0;
    if (!receiver.isAcceptable(sequence, sequenceLength(segment))) {
      if (!isReset) this.challenge(segment);
      return;
    }
    // A reset or SYN that a stranger could have made is only answered (RFC 5961 3.2, 4.2).
    if (isReset && sequence === receiver.next) {
      this.finish("reset");
      return;
    }
    if (isReset || (flags & TCP_FLAG.syn) !== 0) {
      this.challenge(segment);
      return;
    }
    if ((flags & TCP_FLAG.ack) === 0 || !this.takeAcknowledgement(segment)) return;
    if (payload.length > 0 || (flags & TCP_FLAG.fin) !== 0) this.takeData(segment, receiver);
  }

  // False if the segment goes no further.
  private takeAcknowledgement(segment: TcpSegment): boolean {
    if (!this.sender.hasSent(segment.acknowledgment)) {
      this.challenge(segment);
      return false;
    }
    const window = segment.window * 2 ** (this.peerScale ?? 0);
    if (this.state === "synReceived") {
      if (segment.acknowledgment !== sequenceAdd(this.options.initialSequence, 1)) {
        const reset = resetFor(segment);
        if (reset !== null) this.events.transmit(reset);
        return false;
      }
      this.establish(segment, window);
      return !this.isOver();
    }
    const before = this.sender.room;
    this.acknowledge(segment, window);
    if (this.sender.isFinished) this.follow(onEndAcknowledged);
    else if (this.sender.room > before) this.events.writable();
    return !this.isOver();
  }

  private takeData(segment: TcpSegment, receiver: TcpReceiver): void {
    const fin = (segment.flags & TCP_FLAG.fin) !== 0;
    const moved = receiver.accept(segment.sequence, segment.payload, fin);
    // What is out of order or repeated is answered at once, and what ends a burst; the rest may wait a little.
    const isUrgent = !moved || receiver.ended || (segment.flags & TCP_FLAG.psh) !== 0;
    if (!this.ackTimer.isSet) this.ackTimer.set(DELAYED_ACK_MS);
    if (moved && receiver.ended) this.follow(onPeerEnd);
    else if (this.state === "timeWait") this.waitTimer.set(TIME_WAIT_MS);
    if (moved) this.events.readable();
    if (isUrgent && this.ackTimer.isSet && !this.isOver()) this.transmitAck();
  }

  private takeSyn(syn: TcpSegment): void {
    this.receiver = new TcpReceiver(syn.sequence, this.options.bufferBytes, this.scale);
    this.peerScale = syn.windowScale === null ? null : Math.min(syn.windowScale, MAX_WINDOW_SCALE);
    const peerMss = Math.max(MIN_MSS, syn.maximumSegmentSize ?? DEFAULT_MSS);
    this.sender.agree(Math.min(peerMss, this.options.maximumSegmentSize), {
      sequence: syn.sequence,
      acknowledgment: this.options.initialSequence,
    });
  }

  private establish(segment: TcpSegment, window: number): void {
    this.state = "established";
    if (this.endWanted) this.follow(onEndQueued);
    this.acknowledge(segment, window);
    this.events.established();
  }

  private acknowledge(segment: TcpSegment, window: number): void {
    const { sequence, acknowledgment } = segment;
    const isEmpty = sequenceLength(segment) === 0;
    this.sender.acknowledge({ sequence, acknowledgment, window, isEmpty });
  }

  private follow(transitions: Transitions): void {
    const next = transitions[this.state];
    if (next === undefined) return;
    this.state = next;
    if (next === "closed") this.finish("closed");
    if (next === "timeWait") this.waitTimer.set(TIME_WAIT_MS);
  }

  private transmitRun({ sequence, payload, syn, fin, push }: TcpRun): void {
    const flags = (syn ? TCP_FLAG.syn : 0) | (fin ? TCP_FLAG.fin : 0) | (push ? TCP_FLAG.psh : 0);
    this.transmit(flags, sequence, payload);
  }

  private transmitAck(): void {
    this.transmit(0, this.sender.emptySequence, EMPTY);
  }

  // Tells the peer where we are, since it seems not to know.
  private challenge(segment: TcpSegment): void {
    const nowMs = this.clock.nowMs();
    if (segment.payload.length === 0 && nowMs - this.challengedMs < CHALLENGE_INTERVAL_MS) return;
    this.challengedMs = nowMs;
    this.transmitAck();
  }

  private transmit(flags: number, sequence: number, payload: Uint8Array): void {
    this.ackTimer.clear();
    const isSyn = (flags & TCP_FLAG.syn) !== 0;
    // Our SYN offers scaling unless it answers one that does not.
    const offersScale = isSyn && (this.receiver === null || this.peerScale !== null);
    const firstWindow = Math.min(0xffff, this.options.bufferBytes);
    this.events.transmit({
      sourcePort: this.options.localPort,
      destinationPort: this.options.remotePort,
      sequence,
      acknowledgment: this.receiver?.next ?? 0,
      flags: this.receiver === null ? flags : flags | TCP_FLAG.ack,
      window: this.receiver?.advertise(!isSyn && this.peerScale !== null) ?? firstWindow,
      maximumSegmentSize: isSyn ? this.options.maximumSegmentSize : null,
      windowScale: offersScale ? this.scale : null,
      payload,
    });
  }

  // A method, so that the compiler does not take the state for what it was before an event.
  private isOver(): boolean {
    return this.state === "closed";
  }

  private finish(end: TcpEnd): void {
    this.stop();
    this.events.closed(end);
  }

  private stop(): void {
    this.state = "closed";
    this.sender.stop();
    this.ackTimer.clear();
    this.waitTimer.clear();
  }
}

function scaleFor(bufferBytes: number): number {
  let scale = 0;
  while (bufferBytes >>> scale > 0xffff) scale += 1;
  return scale;
}
