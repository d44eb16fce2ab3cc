// The `pancake` command as a process: its arguments, its exit code, and a reader of its output that may go away.

import { isClosedPipe } from "./files.ts";
import { runCommandLine } from "./command-line.ts";

/** Runs `pancake words...` and leaves the exit code with the process. */
export async function runProcess(words: readonly string[]): Promise<void> {
  // `pancake ... | head`: nobody reads on, so there is nothing left to do, and that is no mistake.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (!isClosedPipe(error)) throw error;
      process.exit();
    });
  }
  process.exitCode = await runCommandLine(words);
}
