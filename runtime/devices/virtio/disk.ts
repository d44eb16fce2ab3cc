// What a block device stores its sectors on. Relies on spec/devices/virtio.ts.

import { VIRTIO_BLOCK } from "../../../spec/devices/virtio.ts";

const { sectorBytes } = VIRTIO_BLOCK;

/**
 * A disk of whole sectors. Sector numbers and counts lie inside of it: who calls has checked that. What its host cannot
 * do is an answer: null or false.
 */
export interface Disk {
  readonly sectors: number;
  readonly isReadOnly: boolean;
  read(sector: number, count: number): Uint8Array | null;
  write(sector: number, bytes: Uint8Array): boolean;
  /** Everything written is kept now. */
  flush(): boolean;
  /** What belongs to a snapshot of the machine, as plain data. Missing: the file is the state. */
  saveState?(): unknown;
  restoreState?(state: unknown): void;
}

/** The bytes of a disk image, which stay as they are. */
export interface DiskImage {
  readonly bytes: number;
  /** A copy of what is there; zeros behind the end; null if the host cannot read it. */
  read(offset: number, bytes: number): Uint8Array | null;
}

const CLUSTER_SECTORS = 8;
const CLUSTER_BYTES = CLUSTER_SECTORS * sectorBytes;

/**
 * A disk whose writes stay in memory (copy on write), in clusters of 4 KiB: what it holds more than its image (never
 * more than the size of the disk) is plain data, so it belongs to snapshots of the machine.
 */
export class OverlayDisk implements Disk {
  readonly sectors: number;
  readonly isReadOnly = false;
  private readonly image: DiskImage;
  private readonly clusters = new Map<number, Uint8Array>();

  constructor(image: DiskImage) {
    this.image = image;
    this.sectors = Math.ceil(image.bytes / sectorBytes);
  }

  read(sector: number, count: number): Uint8Array | null {
    const start = sector * sectorBytes;
    const bytes = this.image.read(start, count * sectorBytes);
    if (bytes === null) return null;
    for (let done = 0; done < bytes.length;) {
      const { cluster, skip, part } = partAt(start + done, bytes.length - done);
      const changed = this.clusters.get(cluster);
      if (changed !== undefined) bytes.set(changed.subarray(skip, skip + part), done);
      done += part;
    }
    return bytes;
  }

  write(sector: number, bytes: Uint8Array): boolean {
    for (let done = 0; done < bytes.length;) {
      const { cluster, skip, part } = partAt(sector * sectorBytes + done, bytes.length - done);
      const changed = this.clusters.get(cluster) ?? this.image.read(cluster * CLUSTER_BYTES, CLUSTER_BYTES);
      if (changed === null) return false;
      this.clusters.set(cluster, changed);
      changed.set(bytes.subarray(done, done + part), skip);
      done += part;
    }
    return true;
  }

  /** Nothing goes further than memory. */
  flush(): boolean {
    return true;
  }

  /** Changed clusters by number. */
  saveState(): ReadonlyMap<number, Uint8Array> {
    return structuredClone(this.clusters);
  }

  /** Takes what `saveState` gave. */
  restoreState(clusters: ReadonlyMap<number, Uint8Array>): void {
    this.clusters.clear();
    for (const [number, bytes] of clusters) this.clusters.set(number, bytes.slice());
  }
}

function partAt(offset: number, rest: number): { cluster: number; skip: number; part: number } {
  const cluster = Math.floor(offset / CLUSTER_BYTES);
  const skip = offset - cluster * CLUSTER_BYTES;
  return { cluster, skip, part: Math.min(rest, CLUSTER_BYTES - skip) };
}

/** An image that is all in memory. */
export function memoryImage(contents: Uint8Array): DiskImage {
  return {
    bytes: contents.length,
    read: (offset, bytes) => {
      const out = new Uint8Array(bytes);
      out.set(contents.subarray(offset, offset + bytes));
      return out;
    },
  };
}
