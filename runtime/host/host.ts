// The edge between a guest and the world: console input and output. Relies on nothing.
// node-host.ts and memory-host.ts are the two implementations; nothing else in runtime touches the host.

/** What a user program's file descriptors 0, 1 and 2 are connected to. */
export interface UserHost {
  /** Up to `maxBytes` of standard input, at least one byte unless it has ended: then none. May wait. */
  readInput(maxBytes: number): Uint8Array;
  /** Takes all of `bytes`; false if nobody reads them any more. */
  writeOutput(stream: "stdout" | "stderr", bytes: Uint8Array): boolean;
}
