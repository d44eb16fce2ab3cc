// A cpio archive in the format `newc`, as Linux takes it for an initial RAM disk. Folders are made as files need them.
// Format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.

/** A file of the archive: its path without a leading slash. Everything belongs to root. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly isExecutable?: boolean;
}

const FOLDER_MODE = 0o040755;
const FILE_MODE = 0o100644;
const EXECUTABLE_MODE = 0o100755;
const TRAILER = "TRAILER!!!";

/** The archive with these files, and folders that shall be there besides. */
export function newcArchive(files: readonly ArchiveFile[], emptyFolders: readonly string[] = []): Uint8Array {
  const folders = new Set(emptyFolders);
  for (const { path } of files) {
    const parts = path.split("/");
    for (let length = 1; length < parts.length; length++) folders.add(parts.slice(0, length).join("/"));
  }
  const none = new Uint8Array(0);
  let inode = 1;
  return Buffer.concat([
    ...[...folders].map((name) => entry({ inode: inode++, name, mode: FOLDER_MODE, content: none })),
    ...files.map(({ path: name, content, isExecutable }) => {
      const mode = isExecutable === true ? EXECUTABLE_MODE : FILE_MODE;
      return entry({ inode: inode++, name, mode, content: Buffer.from(content) });
    }),
    entry({ inode: 0, name: TRAILER, mode: 0, content: none }),
  ]);
}

interface Entry {
  readonly inode: number;
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

// Header and name, then the content, each padded to four bytes.
function entry({ inode, name, mode, content }: Entry): Uint8Array {
  const [owner, group, links, time] = [0, 0, 1, 0];
  const [major, minor, deviceMajor, deviceMinor, checksum] = [0, 0, 0, 0, 0];
  const path = Buffer.from(`${name}\0`);
  const numbers = [inode, mode, owner, group, links, time, content.length, major, minor];
  const header = [...numbers, deviceMajor, deviceMinor, path.length, checksum]
    .map((number) => number.toString(16).padStart(8, "0"))
    .join("");
  return Buffer.concat([padded(Buffer.concat([Buffer.from(`070701${header}`), path])), padded(content)]);
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
}
