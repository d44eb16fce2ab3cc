// `--record` and `--replay`: files of a run's input. Relies on runtime/boards/recording.ts.

import {
  readRecording,
  recordingEnd,
  recordingHeader,
  recordingLine,
  type Recording,
  type RecordingEnd,
} from "../../../runtime/boards/recording.ts";
import type { InputEvent } from "../../../runtime/boards/session.ts";
import type { SnapshotFile } from "../../../runtime/boards/snapshot-file.ts";
import { AppendedFile } from "../../../runtime/host/node-append.ts";
import { isProblem } from "../../../runtime/images/elf-file.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { hostErrorText, readBytes, writeErrorText } from "../files.ts";
import { FileProblem } from "../problems.ts";
import { inputBefore } from "./saving.ts";

/** What a recording is of: a machine from power-on, or from a snapshot. */
export function recordedMachine(fingerprint: string, snapshot: SnapshotFile | null): string {
  return snapshot === null ? fingerprint : `${fingerprint}+${snapshot.digest}`;
}

/**
 * The recording in `path`, less what lies before the snapshot that the machine goes on from; or what is wrong with it.
 */
export function openRecording(
  path: string,
  fingerprint: string,
  snapshot: SnapshotFile | null,
): Recording | Problem {
  const read = readRecording(new TextDecoder().decode(readBytes(path, "--replay")));
  if (isProblem(read)) return read;
  if (read.machine === recordedMachine(fingerprint, snapshot)) return read;
  if (snapshot === null || read.machine !== fingerprint) return problem("R0041");
  const before = inputBefore(snapshot, read.events);
  if (before === null) return problem("M0206");
  return { ...read, events: read.events.slice(before) };
}

/** A recording that is being made. */
export class RecordingFile {
  private readonly file: AppendedFile;

  /** Throws FileProblem if the file cannot be made; `failed` hears of what happens to it later. */
  constructor(path: string, machine: string, failed: (problem: Problem) => void) {
    try {
      this.file = new AppendedFile(path, (error) => {
        failed(problem("M0135", { path, why: hostErrorText(error) }));
      });
    } catch (error) {
      throw new FileProblem(`--record: cannot write \`${path}\`: ${writeErrorText(path, error)}`);
    }
    this.file.write(recordingHeader(machine));
  }

  input(event: InputEvent): void {
    this.file.write(recordingLine(event));
  }

  end(end: RecordingEnd): void {
    this.file.write(recordingEnd(end));
    this.file.close();
  }
}
