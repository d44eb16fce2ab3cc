// Exit codes of the `pancake` command (design.md, D10).

export const EXIT = {
  ok: 0,
  /** The user's program or input has a mistake. */
  userError: 1,
  /** The command line has a mistake. */
  usage: 2,
  /** The guest program faulted. */
  guestFault: 3,
  /** A mistake of ours. */
  internal: 70,
} as const;
