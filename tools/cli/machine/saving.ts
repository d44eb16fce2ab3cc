// `--save` and `--restore`: the whole machine in a file, and from a file. Relies on runtime/boards/snapshot-file.ts.

import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { Machine } from "../../../runtime/boards/machine.ts";
import { afterInput, NO_INPUT, type InputEvent, type Session } from "../../../runtime/boards/session.ts";
import {
  identityDifference,
  readSnapshotFile,
  restoreSnapshotFile,
  snapshotFile,
  type MachineIdentity,
  type SnapshotFile,
} from "../../../runtime/boards/snapshot-file.ts";
import { fileDigest } from "../../../runtime/host/node-disk.ts";
import { nodePacker } from "../../../runtime/host/node-packer.ts";
import { isProblem } from "../../../runtime/images/elf-file.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { readBytes, writeErrorText } from "../files.ts";

/** The file of `--restore`, or what is wrong with it; a machine of another make is refused. */
export function openSnapshot(path: string, madeOf: MachineIdentity): SnapshotFile | Problem {
  const read = readSnapshotFile(readBytes(path, "--restore"), nodePacker);
  return isProblem(read) ? read : (identityDifference(read.facts.madeOf, madeOf) ?? read);
}

/** Puts it back; a problem if a disk has changed since. */
export function restoreSnapshot(
  snapshot: SnapshotFile,
  machine: Machine,
  images: ReadonlyMap<string, string>,
): Problem | null {
  const found = diskContents(images);
  return identityDifference(snapshot.facts.disks, found) ?? restoreSnapshotFile(snapshot, machine);
}

/**
 * How much of a recording from power-on lies before the snapshot; null if the snapshot was made in another run.
 */
export function inputBefore(snapshot: SnapshotFile, events: readonly InputEvent[]): number | null {
  const { count, hash } = snapshot.session.entered;
  const found = events.slice(0, count).reduce(afterInput, NO_INPUT);
  return found.count === count && found.hash === hash ? count : null;
}

/** Writes the file of `--save`; a problem if the host cannot. The file that was there stays until the new one is whole. */
export function saveSnapshot(
  path: string,
  session: Session,
  { madeOf, images }: { readonly madeOf: MachineIdentity; readonly images: ReadonlyMap<string, string> },
): Problem | null {
  const state = { machine: session.machine, session: session.saveState() };
  try {
    replaceFile(path, snapshotFile(state, { madeOf, disks: diskContents(images) }, nodePacker));
    return null;
  } catch (error) {
    return problem("M0135", { path, why: writeErrorText(path, error) });
  }
}

// What is no ordinary file (a pipe, a device) cannot be replaced, only written to.
function replaceFile(path: string, bytes: Uint8Array): void {
  const isSpecial = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  if (isSpecial) {
    writeFileSync(path, bytes);
    return;
  }
  const part = `${path}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function diskContents(images: ReadonlyMap<string, string>): MachineIdentity {
  return Object.fromEntries(
    [...images].map(([slot, path]) => [`the disk in ${slot}`, `contents with SHA-256 ${fileDigest(path)}`]),
  );
}
