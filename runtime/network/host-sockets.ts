// What the network needs of a host: streams, datagrams, names. Relies on nothing.
// Implementations: runtime/host/node-network.ts (the host's own sockets) and memory-sockets.ts (hosts that are made up).
// All events come later than the call that causes them, never from inside of it.

/** One end of a socket. `host` is an address in text, or a name where one is resolved. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Why a socket could not be had, or ended early. */
export type SocketFailure = "refused" | "unreachable" | "reset" | "taken" | "forbidden" | "failed";

/** A connection as its user sees it. */
export interface HostStream {
  readonly remote: SocketAddress;
  /** Queues bytes, which the caller no longer changes; false if it should wait for `writable` before the next. */
  write(bytes: Uint8Array): boolean;
  /** Ends our direction behind everything written. */
  end(): void;
  /** Whether `data` and `end` may come: false is back pressure on the peer. */
  setReading(isReading: boolean): void;
  /** Breaks off, with a reset where the host can; no event follows. */
  destroy(): void;
}

export interface StreamEvents {
  /** Only after `connect`. */
  connected(): void;
  data(bytes: Uint8Array): void;
  /** The peer has ended its direction. */
  end(): void;
  writable(): void;
  /** The last event: both directions have ended (null), or the connection failed. */
  closed(failure: SocketFailure | null): void;
}

export interface ListenerEvents {
  listening(local: SocketAddress): void;
  /** A connection has come; null refuses it. */
  connection(stream: HostStream): StreamEvents | null;
  failed(failure: SocketFailure): void;
}

export interface HostDatagram {
  /** Sends if the host can take it now; a datagram may always be lost. */
  send(bytes: Uint8Array, to: SocketAddress): void;
  close(): void;
}

export interface DatagramEvents {
  bound(local: SocketAddress): void;
  message(bytes: Uint8Array, from: SocketAddress): void;
  failed(failure: SocketFailure): void;
}

/** What a name stands for: its IPv4 and IPv6 addresses in text, that there is no such name, or that nobody knows. */
export type Resolution = readonly string[] | "unknown" | "failed";

/** Something that can be closed. */
export interface Closable {
  close(): void;
}

export interface HostSockets {
  connect(remote: SocketAddress, events: StreamEvents): HostStream;
  /** Port 0 lets the host choose. */
  listen(local: SocketAddress, events: ListenerEvents): Closable;
  /** A socket for datagrams, at a port that the host chooses if `local` is null. */
  datagram(local: SocketAddress | null, events: DatagramEvents): HostDatagram;
  resolve(name: string, resolved: (resolution: Resolution) => void): void;
}
