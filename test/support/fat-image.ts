// A disk image with a FAT12 file system of one file in the root folder, small enough to be written by hand.
// Format: Microsoft, FAT: General Overview of On-Disk Format 1.03.

const SECTOR_BYTES = 512;
const SECTORS = 2880;
const SECTORS_PER_FAT = 9;
const ROOT_ENTRIES = 224;
const ENTRY_BYTES = 32;
const MEDIA = 0xf0;
const FIRST_CLUSTER = 2;
const END_OF_CHAIN = 0xfff;
const ARCHIVE = 0x20;
const ROOT_SECTOR = 1 + 2 * SECTORS_PER_FAT;
const DATA_SECTOR = ROOT_SECTOR + (ROOT_ENTRIES * ENTRY_BYTES) / SECTOR_BYTES;

/** The image; `name` is in the form of a folder entry: eight and three capital letters, filled with spaces. */
export function fatImage(name: string, content: Uint8Array): Uint8Array {
  const image = Buffer.alloc(SECTORS * SECTOR_BYTES);
  writeBootSector(image);
  const clusters = Math.ceil(content.length / SECTOR_BYTES);
  for (const fat of [1, 1 + SECTORS_PER_FAT]) writeTable(image, fat * SECTOR_BYTES, clusters);
  const at = ROOT_SECTOR * SECTOR_BYTES;
  image.write(name, at, "latin1");
  image[at + 11] = ARCHIVE;
  image.writeUInt16LE(FIRST_CLUSTER, at + 26);
  image.writeUInt32LE(content.length, at + 28);
  image.set(content, DATA_SECTOR * SECTOR_BYTES);
  return image;
}

function writeBootSector(image: Buffer): void {
  image.set([0xeb, 0x3c, 0x90]);
  image.write("PANCAKE ", 3, "latin1");
  image.writeUInt16LE(SECTOR_BYTES, 11);
  image[13] = 1; // sectors per cluster
  image.writeUInt16LE(1, 14); // reserved sectors
  image[16] = 2; // tables
  image.writeUInt16LE(ROOT_ENTRIES, 17);
  image.writeUInt16LE(SECTORS, 19);
  image[21] = MEDIA;
  image.writeUInt16LE(SECTORS_PER_FAT, 22);
  image.writeUInt16LE(18, 24); // sectors per track
  image.writeUInt16LE(2, 26); // heads
  image[38] = 0x29; // the next three fields are there
  image.write("PANCAKE    FAT12   ", 43, "latin1");
  image.set([0x55, 0xaa], SECTOR_BYTES - 2);
}

// One chain over all clusters, in order.
function writeTable(image: Buffer, start: number, clusters: number): void {
  const links = [0xf00 | MEDIA, END_OF_CHAIN];
  for (let i = 1; i <= clusters; i++) links.push(i === clusters ? END_OF_CHAIN : FIRST_CLUSTER + i);
  for (const [index, link] of links.entries()) {
    const at = start + ((index * 3) >> 1);
    const old = image.readUInt16LE(at);
    image.writeUInt16LE(index % 2 === 0 ? (old & 0xf000) | link : (old & 0x000f) | (link << 4), at);
  }
}
