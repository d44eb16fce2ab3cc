// virtio-blk: a disk (VIRTIO 1.2, 5.2). Relies on function.ts and disk.ts.
// Guarantees: sectors outside of the disk and requests without room for their status change nothing; no more than
// PIECE_BYTES are held at once. Requests are judged, and their lengths told, as QEMU does.

import { VIRTIO_BLOCK, VIRTIO_DEVICE } from "../../../spec/devices/virtio.ts";
import type { Disk } from "./disk.ts";
import { serveQueue, type VirtioFunction, type VirtioPort } from "./function.ts";
import { totalBytes, type Chain, type Virtqueue } from "./virtqueue.ts";

const { sectorBytes, feature, configuration, header, request, status, idBytes } = VIRTIO_BLOCK;
/** Buffers of one request besides header and status, as QEMU says for its queue of 256. */
const SEGMENT_MAX = 254;
const STATUS_BYTES = 1;
const PIECE_BYTES = 1 << 20;
/** Boot loaders read whole kernels and file systems in one request. */
const MAX_REQUEST_BYTES = 1 << 30;

export interface BlockOptions {
  readonly disk: Disk;
  /** Up to 20 ASCII letters that drivers show. */
  readonly serial: string;
}

export class VirtioBlock implements VirtioFunction {
  readonly deviceId = VIRTIO_DEVICE.block;
  readonly queues = 1;
  readonly features: bigint;
  private readonly options: BlockOptions;
  private readonly configuration: Uint8Array;
  private port: VirtioPort | null = null;

  constructor(options: BlockOptions) {
    this.options = options;
    const { disk } = options;
    const readOnly = disk.isReadOnly ? feature.readOnly : 0n;
    this.features = feature.segmentMax | feature.blockSize | feature.flush | readOnly;
    this.configuration = new Uint8Array(configuration.bytes);
    const view = new DataView(this.configuration.buffer);
    view.setBigUint64(configuration.capacity, BigInt(disk.sectors), true);
    view.setUint32(configuration.segmentMax, SEGMENT_MAX, true);
    view.setUint32(configuration.blockSize, sectorBytes, true);
  }

  plug(port: VirtioPort): void {
    this.port = port;
  }

  readConfiguration(offset: number): number {
    return this.configuration[offset] ?? 0;
  }

  notified(index: number): void {
    const { port } = this;
    if (port !== null) serveQueue(port, index, (chain) => this.serve(port.queue(index), chain));
  }

  reset(): void {
    // The disk keeps what it holds.
  }

  saveState(): unknown {
    return this.options.disk.saveState?.() ?? null;
  }

  restoreState(state: unknown): void {
    // What saveState of the same kind of disk gave.
    if (state !== null) this.options.disk.restoreState?.(state);
  }

  // The status is the last byte of the room. All of the room counts as written, also if only the status was.
  private serve(queue: Virtqueue, chain: Chain): number {
    const head = queue.readBytes(chain.readable, 0, header.bytes);
    const room = totalBytes(chain.writable) - STATUS_BYTES;
    if (head === null || head.length < header.bytes || room < 0) {
      queue.fail("a block request without header or status");
      return 0;
    }
    const view = new DataView(head.buffer, head.byteOffset);
    const type = view.getUint32(header.type, true);
    const sector = view.getBigUint64(header.sector, true);
    const serve = this.requests.get(type);
    const result = serve?.({ queue, chain, sector, room }) ?? status.unsupported;
    queue.writeBytes(chain.writable, room, new Uint8Array([result]));
    return room + STATUS_BYTES;
  }

  private readonly requests: ReadonlyMap<number, (request: Request) => number> = new Map([
    [request.in, (r: Request): number => this.readSectors(r)],
    [request.out, (r: Request): number => this.writeSectors(r)],
    [request.flush, (): number => this.flush()],
    [request.getId, (r: Request): number => this.identify(r)],
  ]);

  private readSectors({ queue, chain, sector, room }: Request): number {
    if (!this.isInside(sector, room)) return status.failed;
    // Piece by piece, so that a guest cannot make the host hold more than one piece.
    for (let done = 0; done < room; done += PIECE_BYTES) {
      const bytes = Math.min(PIECE_BYTES, room - done);
      const data = this.options.disk.read(Number(sector) + done / sectorBytes, bytes / sectorBytes);
      if (data === null || queue.writeBytes(chain.writable, done, data) < bytes) return status.failed;
    }
    return status.ok;
  }

  private writeSectors({ queue, chain, sector }: Request): number {
    const bytes = totalBytes(chain.readable) - header.bytes;
    if (this.options.disk.isReadOnly || !this.isInside(sector, bytes)) return status.failed;
    for (let done = 0; done < bytes; done += PIECE_BYTES) {
      const data = queue.readBytes(chain.readable, header.bytes + done, Math.min(PIECE_BYTES, bytes - done));
      if (data === null || !this.options.disk.write(Number(sector) + done / sectorBytes, data)) {
        return status.failed;
      }
    }
    return status.ok;
  }

  private flush(): number {
    return this.options.disk.flush() ? status.ok : status.failed;
  }

  private identify({ queue, chain, room }: Request): number {
    const id = new Uint8Array(Math.min(room, idBytes));
    id.set(new TextEncoder().encode(this.options.serial).subarray(0, id.length));
    queue.writeBytes(chain.writable, 0, id);
    return status.ok;
  }

  private isInside(sector: bigint, bytes: number): boolean {
    const { sectors } = this.options.disk;
    if (bytes > MAX_REQUEST_BYTES) return false;
    return bytes % sectorBytes === 0 && sector + BigInt(bytes / sectorBytes) <= BigInt(sectors);
  }
}

interface Request {
  readonly queue: Virtqueue;
  readonly chain: Chain;
  readonly sector: bigint;
  /** Bytes of room for data. */
  readonly room: number;
}
