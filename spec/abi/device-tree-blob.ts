// The flattened device tree, format version 17. Source: Devicetree Specification 0.4, chapter 5. All words big-endian.

export const DEVICE_TREE_BLOB = {
  magic: 0xd00d_feed,
  version: 17,
  compatibleVersion: 16,
  headerBytes: 40,
  /** Offsets of words in the header. */
  header: { magic: 0, totalBytes: 4, structure: 8, strings: 12 },
  /** One entry of the reservations; one of zeros ends the list. */
  reservationBytes: 16,
} as const;

/** What the words of the structure begin. */
export const DEVICE_TREE_TOKEN = { beginNode: 1, endNode: 2, property: 3, nothing: 4, end: 9 } as const;
