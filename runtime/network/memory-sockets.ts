// Hosts that are made up: listeners, connections, datagrams and names in memory, for tests and for browsers, where a
// page's own services stand behind the addresses. Relies on host-sockets.ts and a clock, through which events come.
// Servers and clients use the same object; "127.0.0.1" is the one host that it shares with everyone.

import type { Clock } from "./backend.ts";
import type {
  Closable,
  DatagramEvents,
  HostDatagram,
  HostSockets,
  HostStream,
  ListenerEvents,
  Resolution,
  SocketAddress,
  SocketFailure,
  StreamEvents,
} from "./host-sockets.ts";

/** Beyond this a stream's writer should wait. */
const HIGH_WATER_BYTES = 65_536;
const FIRST_EPHEMERAL_PORT = 40_000;
const ANY_HOST = "0.0.0.0";
const LOCAL_HOST = "127.0.0.1";

/** What names stand for. */
export type Names = Readonly<Record<string, readonly string[]>>;

export class MemorySockets implements HostSockets {
  private readonly clock: Clock;
  private readonly names: Names;
  private readonly listeners = new Map<string, ListenerEvents>();
  private readonly datagrams = new Map<string, DatagramEvents>();
  private nextPort = FIRST_EPHEMERAL_PORT;

  constructor(clock: Clock, names: Names = {}) {
    this.clock = clock;
    this.names = names;
  }

  connect(remote: SocketAddress, events: StreamEvents): HostStream {
    const local = { host: LOCAL_HOST, port: this.takePort() };
    const near = new MemoryStream(this.clock, remote);
    near.events = events;
    this.clock.after(0, () => {
      const listener = this.listenerAt(remote);
      const far = new MemoryStream(this.clock, local);
      const farEvents = listener?.connection(far) ?? null;
      if (near.isDestroyed) return;
      if (farEvents === null) {
        events.closed("refused");
        return;
      }
      near.peer = far;
      far.peer = near;
      far.events = farEvents;
      events.connected();
    });
    return near;
  }

  listen(local: SocketAddress, events: ListenerEvents): Closable {
    const address = { ...local, port: local.port === 0 ? this.takePort() : local.port };
    const key = keyOf(address);
    const isTaken = this.listeners.has(key);
    if (!isTaken) this.listeners.set(key, events);
    this.clock.after(0, () => (isTaken ? events.failed("taken") : events.listening(address)));
    return { close: () => this.listeners.get(key) === events && this.listeners.delete(key) };
  }

  datagram(local: SocketAddress | null, events: DatagramEvents): HostDatagram {
    const address = local ?? { host: ANY_HOST, port: this.takePort() };
    const key = keyOf(address);
    const isTaken = this.datagrams.has(key);
    if (!isTaken) this.datagrams.set(key, events);
    this.clock.after(0, () => (isTaken ? events.failed("taken") : events.bound(address)));
    const from = { host: address.host === ANY_HOST ? LOCAL_HOST : address.host, port: address.port };
    return {
      send: (bytes, to) => this.clock.after(0, () => this.datagramAt(to)?.message(bytes, from)),
      close: () => this.datagrams.get(key) === events && this.datagrams.delete(key),
    };
  }

  resolve(name: string, resolved: (resolution: Resolution) => void): void {
    this.clock.after(0, () => resolved(this.names[name] ?? "unknown"));
  }

  private takePort(): number {
    this.nextPort += 1;
    return this.nextPort;
  }

  private listenerAt({ host, port }: SocketAddress): ListenerEvents | undefined {
    return this.listeners.get(keyOf({ host, port })) ?? this.listeners.get(keyOf({ host: ANY_HOST, port }));
  }

  private datagramAt({ host, port }: SocketAddress): DatagramEvents | undefined {
    return this.datagrams.get(keyOf({ host, port })) ?? this.datagrams.get(keyOf({ host: ANY_HOST, port }));
  }
}

function keyOf({ host, port }: SocketAddress): string {
  return `${host}:${port}`;
}

class MemoryStream implements HostStream {
  readonly remote: SocketAddress;
  peer: MemoryStream | null = null;
  events: StreamEvents | null = null;
  isDestroyed = false;
  private readonly clock: Clock;
  private readonly inbox: Uint8Array[] = [];
  private inboxBytes = 0;
  private isReading = true;
  private isWriterWaiting = false;
  private isDelivering = false;
  private endReceived = false;
  private endDelivered = false;
  private endSent = false;

  constructor(clock: Clock, remote: SocketAddress) {
    this.clock = clock;
    this.remote = remote;
  }

  write(bytes: Uint8Array): boolean {
    const { peer } = this;
    if (peer === null || this.endSent) return true;
    peer.inbox.push(bytes);
    peer.inboxBytes += bytes.length;
    peer.scheduleDelivery();
    peer.isWriterWaiting = peer.inboxBytes >= HIGH_WATER_BYTES;
    return !peer.isWriterWaiting;
  }

  end(): void {
    if (this.endSent || this.peer === null) return;
    this.endSent = true;
    this.peer.endReceived = true;
    this.peer.scheduleDelivery();
    this.closeWhenEnded();
  }

  setReading(isReading: boolean): void {
    this.isReading = isReading;
    if (isReading) this.scheduleDelivery();
  }

  destroy(): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    const { peer } = this;
    if (peer !== null) this.clock.after(0, () => peer.fail("reset"));
  }

  private fail(failure: SocketFailure): void {
    if (this.isDestroyed) return;
    this.isDestroyed = true;
    this.events?.closed(failure);
  }

  private scheduleDelivery(): void {
    if (this.isDelivering) return;
    this.isDelivering = true;
    this.clock.after(0, () => {
      this.isDelivering = false;
      this.deliver();
    });
  }

  private deliver(): void {
    while (this.isReading && !this.isDestroyed) {
      const bytes = this.inbox.shift();
      if (bytes === undefined) break;
      this.inboxBytes -= bytes.length;
      this.events?.data(bytes);
    }
    if (this.isDestroyed) return;
    if (this.isWriterWaiting && this.inboxBytes < HIGH_WATER_BYTES) {
      this.isWriterWaiting = false;
      this.peer?.events?.writable();
    }
    if (!this.endReceived || this.endDelivered || this.inbox.length > 0 || !this.isReading) return;
    this.endDelivered = true;
    this.events?.end();
    this.closeWhenEnded();
  }

  private closeWhenEnded(): void {
    if (!this.endSent || !this.endDelivered || this.isDestroyed) return;
    this.isDestroyed = true;
    this.clock.after(0, () => this.events?.closed(null));
  }
}
