// What the host could not do while a machine ran: said at once, by name, and remembered for the exit code.

import type { Problem } from "../../../runtime/problem.ts";
import { printProblem } from "./problem-text.ts";

export class HostFailures {
  private readonly said = new Set<string>();
  private isLoss = false;

  /** Something that the user asked for is incomplete: the run ends with a code other than 0. */
  readonly report = (failure: Problem): void => {
    this.isLoss = true;
    this.note(failure);
  };

  /** The guest was told of it, so the run counts as it ends. */
  readonly note = (failure: Problem): void => {
    if (this.said.has(failure.message)) return;
    this.said.add(failure.message);
    printProblem(failure);
  };

  /** `exitCode`, unless it is 0 and something was lost. */
  exitCode(exitCode: number, onLoss: number): number {
    return exitCode === 0 && this.isLoss ? onLoss : exitCode;
  }
}
