// Names of functions that no source text stands for. A dot is in no Pancake name, so they cannot clash with it, and
// the host shim leaves them out of the way to a fault.

/** The functions through which a program does shared accesses. */
export const SHARED_ACCESS_PREFIX = "shared.";
