// A TCP port of this host for one gdb at a time. Relies on node:net and gdb-server.ts.
// Guarantees: bytes of a client reach its own server only; a second client is told why it is refused.

import { createServer, type Server, type Socket } from "node:net";
import type { Debugger } from "../debug/debugger.ts";
import { GdbServer } from "../debug/gdb/gdb-server.ts";
import { packetOf, toHex } from "../debug/gdb/packets.ts";
import type { RegisterSet } from "../debug/gdb/registers.ts";

/** What listens. */
export interface GdbPortOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly debugger: Debugger;
  readonly registers: RegisterSet;
  readonly onKill: () => void;
  readonly onChange: () => void;
}

const LOCAL_HOST = "127.0.0.1";
const REFUSAL = "another debugger is connected already\n";

/** A listening port. */
export class GdbPort {
  readonly port: number;
  private readonly server: Server;
  private client: { readonly socket: Socket; readonly gdb: GdbServer } | null = null;

  private constructor(server: Server, options: GdbPortOptions) {
    const address = server.address();
    this.server = server;
    this.port = typeof address === "object" && address !== null ? address.port : options.port;
    server.on("connection", (socket) => {
      this.accept(socket, options);
    });
  }

  /** Listens; rejects with the host's error if the port cannot be had. */
  static async open(options: GdbPortOptions): Promise<GdbPort> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((done, fail) => {
      server.once("error", fail);
      server.listen({ host: LOCAL_HOST, port: options.port }, done);
    });
    return new GdbPort(server, options);
  }

  /** The run is over: the client is told. */
  close(exitCode: number): void {
    this.client?.gdb.exited(exitCode);
    this.client?.socket.end();
    this.client = null;
    this.server.close();
  }

  private accept(socket: Socket, options: GdbPortOptions): void {
    socket.on("error", () => socket.destroy());
    if (this.client !== null) {
      socket.end(packetOf(`O${toHex(new TextEncoder().encode(REFUSAL))}`));
      return;
    }
    const gdb = new GdbServer({
      debugger: options.debugger,
      registers: options.registers,
      onKill: options.onKill,
      onChange: options.onChange,
      send: (bytes) => {
        socket.write(bytes);
      },
    });
    const client = { socket, gdb };
    this.client = client;
    socket.on("data", (bytes) => {
      gdb.receive(bytes);
      options.onChange();
    });
    socket.on("close", () => {
      if (this.client !== client) return;
      this.client = null;
      gdb.close();
    });
  }
}
