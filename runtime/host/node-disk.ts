// Disk image files as disks: read on demand, written through or not at all. Relies on devices/virtio/disk.ts, node:fs.

import { fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { VIRTIO_BLOCK } from "../../spec/devices/virtio.ts";
import type { Disk, DiskImage } from "../devices/virtio/disk.ts";

const { sectorBytes } = VIRTIO_BLOCK;

/** An image file that is only read; throws what node:fs throws for a path that is no readable file. */
export function fileImage(path: string): DiskImage {
  const descriptor = openSync(path, "r");
  const { size } = fstatSync(descriptor);
  return { bytes: size, read: (offset, bytes) => readAt(descriptor, offset, bytes) };
}

/** An image file that the guest's writes go to. Whole sectors only: what is left at its end is out of reach. */
export class FileDisk implements Disk {
  readonly sectors: number;
  readonly isReadOnly: boolean;
  private readonly descriptor: number;

  constructor(path: string, isReadOnly: boolean) {
    this.descriptor = openSync(path, isReadOnly ? "r" : "r+");
    this.isReadOnly = isReadOnly;
    this.sectors = Math.floor(fstatSync(this.descriptor).size / sectorBytes);
  }

  read(sector: number, count: number): Uint8Array {
    return readAt(this.descriptor, sector * sectorBytes, count * sectorBytes);
  }

  write(sector: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.descriptor, bytes, done, bytes.length - done, sector * sectorBytes + done);
    }
  }

  flush(): void {
    fsyncSync(this.descriptor);
  }
}

// Zeros behind the end of the file.
function readAt(descriptor: number, offset: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let done = 0; done < bytes;) {
    const count = readSync(descriptor, out, done, bytes - done, offset + done);
    if (count === 0) break;
    done += count;
  }
  return out;
}
