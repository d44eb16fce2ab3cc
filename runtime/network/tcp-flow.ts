// One TCP connection through the NAT: joins the guest's connection to a stream of the host, with back pressure both
// ways. Relies on tcp-connection.ts and host-sockets.ts.
// Guarantees: besides the connection's buffers it holds what the host gave before it heard to stop, and hands the
// host no more than it takes: a slow end makes the other one wait.

import type { HostStream, SocketFailure, StreamEvents } from "./host-sockets.ts";
import type { TcpConnection, TcpEnd } from "./tcp-connection.ts";

/** How much goes to the host in one piece. */
const CHUNK_BYTES = 65_536;

export interface FlowEvents {
  /** The host has connected: the guest can be answered. */
  connected(): void;
  /** The host refused or failed before the guest was answered. */
  refused(failure: SocketFailure): void;
  /** The guest's side is over: its ends may be used again. */
  guestGone(): void;
  /** Both sides are over. */
  gone(): void;
}

export class TcpFlow {
  readonly connection: TcpConnection;
  private readonly events: FlowEvents;
  private stream: HostStream | null = null;
  private isConnected: boolean;
  private isGuestGone = false;
  private isGone = false;
  private hostTakes = true;
  private hostEndSent = false;
  private hostEnded = false;
  private hostClosed = false;
  private fromHost: Uint8Array[] = [];

  /** `isConnected`: the host's stream is there already (a forwarded port). */
  constructor(connection: TcpConnection, events: FlowEvents, isConnected: boolean) {
    this.connection = connection;
    this.events = events;
    this.isConnected = isConnected;
  }

  /** Gives the flow its host's end; events come later. */
  attach(stream: HostStream): void {
    this.stream = stream;
  }

  /** What the host's stream tells. */
  readonly streamEvents: StreamEvents = {
    connected: () => {
      this.isConnected = true;
      this.events.connected();
    },
    data: (bytes) => {
      this.fromHost.push(bytes);
      this.pushToGuest();
    },
    end: () => {
      this.hostEnded = true;
      this.pushToGuest();
    },
    writable: () => {
      this.hostTakes = true;
      this.pushToHost();
    },
    closed: (failure) => this.onHostClosed(failure),
  };

  /** There is something to read from the guest, or its end. */
  pushToHost(): void {
    const { stream, connection } = this;
    if (stream === null || !this.isConnected || this.hostEndSent || this.hostClosed) return;
    while (this.hostTakes) {
      const bytes = connection.read(CHUNK_BYTES);
      if (bytes.length === 0) break;
      this.hostTakes = stream.write(bytes);
    }
    if (!connection.isReadToEnd) return;
    this.hostEndSent = true;
    stream.end();
  }

  /** The guest takes more. */
  pushToGuest(): void {
    for (let first = this.fromHost[0]; first !== undefined; first = this.fromHost[0]) {
      const count = this.connection.write(first);
      if (count < first.length) {
        this.fromHost[0] = first.subarray(count);
        break;
      }
      this.fromHost.shift();
    }
    const isFull = this.fromHost.length > 0;
    if (!this.hostClosed) this.stream?.setReading(!isFull);
    if (this.hostEnded && !isFull) this.connection.end();
  }

  /** The guest's connection is over. What it sent before is still given to the host. */
  onGuestClosed(end: TcpEnd): void {
    this.leaveGuest();
    if (end !== "closed") this.destroy();
    else this.pushToHost();
  }

  /** Breaks both sides off. */
  destroy(): void {
    this.connection.reset();
    if (!this.hostClosed) this.stream?.destroy();
    this.hostClosed = true;
    this.leaveGuest();
  }

  private onHostClosed(failure: SocketFailure | null): void {
    this.hostClosed = true;
    if (!this.isConnected) {
      this.events.refused(failure ?? "failed");
      this.leaveGuest();
    } else if (failure !== null) this.destroy();
    else this.leaveWhenBothGone();
  }

  private leaveGuest(): void {
    if (!this.isGuestGone) this.events.guestGone();
    this.isGuestGone = true;
    this.leaveWhenBothGone();
  }

  private leaveWhenBothGone(): void {
    if (!this.isGuestGone || !this.hostClosed || this.isGone) return;
    this.isGone = true;
    this.events.gone();
  }
}
