// What a loader hands to OpenSBI's dynamic firmware in register a2 (OpenSBI, docs/firmware/fw_dynamic.md).
// Relies on nothing.

/** Six words of 64 bits. */
export const FW_DYNAMIC = {
  magic: 0x4942_534fn,
  version: 2n,
  /** Next stage's mode: supervisor. */
  supervisor: 1n,
  words: ["magic", "version", "nextAddress", "nextMode", "options", "bootHart"],
} as const;
