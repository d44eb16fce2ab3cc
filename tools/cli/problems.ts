// What ends a command early, as errors that command-line.ts turns into a message and an exit code.

/** A failure of the host; the message names the file and the reason. Exit code 1. */
export class FileProblem extends Error {}

/** A mistake on the command line that commander cannot see. Exit code 2. */
export class UsageProblem extends Error {}

/** A target or system that will come with a later issue. Exit code 1. */
export class NotYet extends Error {}
