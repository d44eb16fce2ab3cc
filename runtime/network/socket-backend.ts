// A cable to another machine over a stream of the host, in the framing of QEMU's `-netdev stream` and `socket`.
// Relies on framed-stream.ts and host-sockets.ts.
// One peer at a time: a listener refuses a second one and takes the next when the first has gone. Frames are lost
// while no peer is there or the peer is slow, as on any cable.

import type { NetworkBackend } from "./backend.ts";
import { DropCounts } from "./drop-counts.ts";
import { encodeFrame, FrameReader, MAX_FRAME_BYTES } from "./framed-stream.ts";
import type {
  Closable,
  HostSockets,
  HostStream,
  SocketAddress,
  SocketFailure,
  StreamEvents,
} from "./host-sockets.ts";

/** Frames kept while a connection is being made. */
const MAX_EARLY_FRAMES = 64;

/** Why the cable is no longer what it was: the host's reasons, the peer's end, or a stream that holds no frames. */
export type CableFailure = SocketFailure | "ended" | "noFrames";

export interface SocketPlan {
  readonly role: "connect" | "listen";
  readonly address: SocketAddress;
}

export interface SocketBackendOptions {
  readonly sockets: HostSockets;
  readonly plan: SocketPlan;
  /** A listener is there: where. */
  readonly listening?: (local: SocketAddress) => void;
  readonly failed: (failure: CableFailure) => void;
}

export class SocketBackend implements NetworkBackend {
  onFrame: (frame: Uint8Array) => void = () => undefined;
  readonly drops = new DropCounts();
  private readonly options: SocketBackendOptions;
  private readonly listener: Closable | null;
  private stream: HostStream | null = null;
  private isConnected = false;
  private peerTakes = true;
  private early: Uint8Array[] = [];

  constructor(options: SocketBackendOptions) {
    this.options = options;
    const { sockets, plan } = options;
    if (plan.role === "connect") {
      this.listener = null;
      this.stream = sockets.connect(plan.address, this.streamEvents());
      return;
    }
    this.listener = sockets.listen(plan.address, {
      listening: (local) => options.listening?.(local),
      connection: (stream) => this.accept(stream),
      failed: options.failed,
    });
  }

  send(frame: Uint8Array): void {
    if (frame.length === 0 || frame.length > MAX_FRAME_BYTES) this.drops.add("tooLong");
    else if (this.isConnected) this.write(frame);
    else if (this.stream !== null && this.early.length < MAX_EARLY_FRAMES)
      this.early.push(new Uint8Array(frame));
    else this.drops.add("noNeighbour");
  }

  close(): void {
    this.onFrame = () => undefined;
    this.listener?.close();
    this.stream?.destroy();
    this.forget();
  }

  private write(frame: Uint8Array): void {
    if (this.peerTakes) this.peerTakes = this.stream?.write(encodeFrame(frame)) ?? true;
    else this.drops.add("peerSlow");
  }

  private accept(stream: HostStream): StreamEvents | null {
    if (this.stream !== null) return null;
    this.stream = stream;
    this.isConnected = true;
    return this.streamEvents();
  }

  private streamEvents(): StreamEvents {
    const reader = new FrameReader((frame) => this.onFrame(frame));
    return {
      connected: () => {
        this.isConnected = true;
        for (const frame of this.early) this.write(frame);
        this.early = [];
      },
      data: (bytes) => {
        if (reader.take(bytes)) return;
        this.stream?.destroy();
        this.lose("noFrames");
      },
      end: () => this.stream?.end(),
      writable: () => (this.peerTakes = true),
      closed: (failure) => this.lose(failure ?? "ended"),
    };
  }

  // A listener waits for the next peer, so only a client has lost its cable for good.
  private lose(failure: CableFailure): void {
    if (this.listener === null || failure === "noFrames") this.options.failed(failure);
    this.forget();
  }

  private forget(): void {
    this.stream = null;
    this.isConnected = false;
    this.peerTakes = true;
    this.early = [];
  }
}
