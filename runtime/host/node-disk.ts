// Disk image files as disks: read on demand, written through or not at all. Relies on devices/virtio/disk.ts, node:fs.
// Guarantees: an error of the host while the guest runs fails one access, and its owner hears of it; it throws nothing.

import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { VIRTIO_BLOCK } from "../../spec/devices/virtio.ts";
import type { Disk, DiskImage } from "../devices/virtio/disk.ts";

const { sectorBytes } = VIRTIO_BLOCK;
const DIGEST_PIECE_BYTES = 1 << 20;

/** Hears of what the host refused. */
export type DiskFailure = (error: unknown) => void;

/** An image file that is only read; throws what node:fs throws for a path that is no readable file. */
export function fileImage(path: string, failed: DiskFailure): DiskImage {
  const descriptor = openSync(path, "r");
  const { size } = fstatSync(descriptor);
  return {
    bytes: size,
    read: (offset, bytes) => attempt(failed, () => readAt(descriptor, { offset, bytes, size })),
  };
}

/** An image file that the guest's writes go to. Whole sectors only: what is left at its end is out of reach. */
export class FileDisk implements Disk {
  readonly sectors: number;
  readonly isReadOnly: boolean;
  private readonly descriptor: number;
  private readonly failed: DiskFailure;

  /** Throws what node:fs throws if the file cannot be opened. */
  constructor(path: string, isReadOnly: boolean, failed: DiskFailure) {
    this.descriptor = openSync(path, isReadOnly ? "r" : "r+");
    this.isReadOnly = isReadOnly;
    this.failed = failed;
    this.sectors = Math.floor(fstatSync(this.descriptor).size / sectorBytes);
  }

  read(sector: number, count: number): Uint8Array | null {
    const range = {
      offset: sector * sectorBytes,
      bytes: count * sectorBytes,
      size: this.sectors * sectorBytes,
    };
    return attempt(this.failed, () => readAt(this.descriptor, range));
  }

  write(sector: number, bytes: Uint8Array): boolean {
    const written = attempt(this.failed, () => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.descriptor, bytes, done, bytes.length - done, sector * sectorBytes + done);
      }
      return true;
    });
    return written ?? false;
  }

  flush(): boolean {
    const flushed = attempt(this.failed, () => {
      fsyncSync(this.descriptor);
      return true;
    });
    return flushed ?? false;
  }
}

/** Fingerprint of a file's contents; throws what node:fs throws. */
export function fileDigest(path: string): string {
  const descriptor = openSync(path, "r");
  const hash = createHash("sha256");
  const piece = new Uint8Array(DIGEST_PIECE_BYTES);
  try {
    for (let count = readSync(descriptor, piece); count > 0; count = readSync(descriptor, piece)) {
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

/** Writes whole pages into a file that is there, at their numbers. */
export function writePages(path: string, pages: ReadonlyMap<number, Uint8Array>, failed: DiskFailure): void {
  attempt(failed, () => {
    const descriptor = openSync(path, "r+");
    try {
      for (const [number, bytes] of pages) {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(descriptor, bytes, done, bytes.length - done, number * bytes.length + done);
        }
      }
    } finally {
      closeSync(descriptor);
    }
  });
}

// Zeros behind `size`; a file that has become shorter than that is an error.
function readAt(
  descriptor: number,
  { offset, bytes, size }: { readonly offset: number; readonly bytes: number; readonly size: number },
): Uint8Array {
  const out = new Uint8Array(bytes);
  const wanted = Math.min(bytes, size - offset);
  for (let done = 0; done < wanted;) {
    const count = readSync(descriptor, out, done, wanted - done, offset + done);
    if (count === 0) throw new Error(`the file has become shorter than ${String(size)} bytes`);
    done += count;
  }
  return out;
}

// Null if the host refuses.
function attempt<T>(failed: DiskFailure, access: () => T): T | null {
  try {
    return access();
  } catch (error) {
    failed(error);
    return null;
  }
}
