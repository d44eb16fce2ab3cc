// Compression and fingerprints for files of snapshots. Relies on node:zlib and node:crypto.

import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import type { Packer } from "../boards/snapshot-file.ts";

/** Fast: most pages of a guest are code and tables, of which higher levels save little more. */
const LEVEL = 3;
/** More than any board's memory and flash. */
const MAX_UNPACKED_BYTES = 4 * 2 ** 30 - 1;

export const nodePacker: Packer = {
  pack: (bytes) => deflateSync(bytes, { level: LEVEL }),
  unpack: (bytes) => {
    try {
      return inflateSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    } catch {
      return null;
    }
  },
  digest: (bytes) => createHash("sha256").update(bytes).digest("hex"),
};
