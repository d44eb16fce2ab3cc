// Signals that ask this process to end, as events: files can be finished first. Relies on node:process.

import { constants } from "node:os";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Shells add this to a signal's number. */
const SIGNALLED = 128;

/**
 * Hears of the first such signal, with the exit code that shells know it by; a second one ends the process as ever.
 * Answers what gives the signals back.
 */
export function onEndSignal(end: (exitCode: number) => void): () => void {
  const hear = (signal: (typeof ENDING)[number]): void => {
    stop();
    end(SIGNALLED + constants.signals[signal]);
  };
  const stop = (): void => {
    for (const signal of ENDING) process.off(signal, hear);
  };
  for (const signal of ENDING) process.on(signal, hear);
  return stop;
}
