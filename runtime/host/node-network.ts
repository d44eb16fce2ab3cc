// The host's own sockets for a guest's network. Relies on node:net, node:dgram, node:dns and on host-sockets.ts.
// Guarantees: no call throws whatever address it is given; every failure comes as an event.

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { lookup } from "node:dns";
import { connect, createServer, type Socket } from "node:net";
import type {
  DatagramEvents,
  HostDatagram,
  HostSockets,
  HostStream,
  SocketFailure,
  StreamEvents,
} from "../network/host-sockets.ts";

/** Datagrams that may wait in Node for the host to take them; more are lost, as on any full queue. */
const MAX_WAITING_DATAGRAMS = 256;

/** The host's error names and what they mean to a guest. */
const FAILURES: ReadonlyMap<string, SocketFailure> = new Map([
  ["ECONNREFUSED", "refused"],
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["ETIMEDOUT", "unreachable"],
  ["ENOTFOUND", "unreachable"],
  ["ECONNRESET", "reset"],
  ["EPIPE", "reset"],
  ["EADDRINUSE", "taken"],
  ["EACCES", "forbidden"],
  ["EPERM", "forbidden"],
]);

/** Names that a resolver is asked about: letters, digits, hyphen and underscore in labels. */
const HOST_NAME = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

/** The sockets of the host that this process runs on. */
export function nodeSockets(): HostSockets {
  return {
    connect(remote, events) {
      const socket = connect({ host: remote.host, port: remote.port, allowHalfOpen: true, noDelay: true });
      const stream = new NodeStream(socket, remote);
      stream.use(events);
      return stream;
    },
    listen(local, events) {
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
        const remote = { host: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
        const stream = new NodeStream(socket, remote);
        const streamEvents = events.connection(stream);
        if (streamEvents === null) stream.destroy();
        else stream.use(streamEvents);
      });
      server.on("error", (error) => events.failed(failureOf(error)));
      server.listen({ host: local.host, port: local.port }, () => {
        const address = server.address();
        const port = typeof address === "object" && address !== null ? address.port : local.port;
        events.listening({ host: local.host, port });
      });
      return { close: () => server.close() };
    },
    datagram: (local, events) => nodeDatagram(local?.host ?? "0.0.0.0", local?.port ?? 0, events),
    resolve(name, resolved) {
      if (!HOST_NAME.test(name)) {
        setImmediate(() => resolved("unknown"));
        return;
      }
      lookup(name, { all: true }, (error, addresses) => {
        if (error === null) resolved(addresses.map(({ address }) => address));
        else resolved(error.code === "ENOTFOUND" ? "unknown" : "failed");
      });
    },
  };
}

class NodeStream implements HostStream {
  readonly remote: { readonly host: string; readonly port: number };
  private readonly socket: Socket;
  private failure: SocketFailure | null = null;

  constructor(socket: Socket, remote: { readonly host: string; readonly port: number }) {
    this.socket = socket;
    this.remote = remote;
    // Without a listener an error would end the process.
    socket.on("error", (error) => (this.failure = failureOf(error)));
  }

  use(events: StreamEvents): void {
    const { socket } = this;
    if (socket.connecting) socket.on("connect", () => events.connected());
    socket.on("data", (bytes: Buffer) => events.data(bytes));
    socket.on("end", () => events.end());
    socket.on("drain", () => events.writable());
    socket.on("close", () => events.closed(this.failure));
  }

  write(bytes: Uint8Array): boolean {
    return this.socket.write(bytes);
  }

  end(): void {
    this.socket.end();
  }

  setReading(isReading: boolean): void {
    if (isReading) this.socket.resume();
    else this.socket.pause();
  }

  destroy(): void {
    for (const name of ["connect", "data", "end", "drain", "close"]) this.socket.removeAllListeners(name);
    this.socket.resetAndDestroy();
  }
}

function nodeDatagram(host: string, port: number, events: DatagramEvents): HostDatagram {
  const socket: DatagramSocket = createSocket("udp4");
  let waiting = 0;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) socket.close();
    isOpen = false;
  };
  socket.on("message", (bytes, from) => {
    if (isOpen) events.message(bytes, { host: from.address, port: from.port });
  });
  socket.on("listening", () => events.bound({ host, port: socket.address().port }));
  socket.on("error", (error) => {
    if (!isOpen) return;
    close();
    events.failed(failureOf(error));
  });
  socket.bind(port, host);
  return {
    send(bytes, to) {
      // Port 0 cannot be sent to; Node would throw.
      if (!isOpen || to.port === 0 || waiting >= MAX_WAITING_DATAGRAMS) return;
      waiting += 1;
      // A datagram that the host refuses to send is a lost datagram.
      socket.send(bytes, to.port, to.host, () => (waiting -= 1));
    },
    close,
  };
}

function failureOf(error: Error): SocketFailure {
  return (
    (("code" in error && typeof error.code === "string" && FAILURES.get(error.code)) || null) ?? "failed"
  );
}

// What dual-stack sockets write as `::ffff:a.b.c.d`.
function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:/, "");
}
