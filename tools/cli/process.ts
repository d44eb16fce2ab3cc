// The `pancake` command as a process: its arguments, its exit code, and a reader of its output that may go away.

import { EXIT } from "./exit-codes.ts";
import { hostErrorText, isClosedPipe } from "./files.ts";
import { runCommandLine } from "./command-line.ts";

/** Runs `pancake words...` and leaves the exit code with the process. */
export async function runProcess(words: readonly string[]): Promise<void> {
  // `pancake ... | head`: nobody reads on, so there is nothing left to do, and that is no mistake.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (isClosedPipe(error)) process.exit();
      // Nothing that is written any more would arrive, and what was lost cannot be got back.
      if (stream === process.stdout) {
        process.stderr.write(`pancake: cannot write standard output: ${hostErrorText(error)}\n`);
      }
      process.exit(EXIT.userError);
    });
  }
  process.exitCode = await runCommandLine(words);
}
