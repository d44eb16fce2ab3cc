// From the words of the command line to what a machine is made of: board, files in memory, snapshot, recording.
// Nothing of the host is changed here.

import { planBoot, type BootPlan } from "../../../runtime/boards/boot-plan.ts";
import type { Recording } from "../../../runtime/boards/recording.ts";
import type { MachineIdentity, SnapshotFile } from "../../../runtime/boards/snapshot-file.ts";
import { isProblem } from "../../../runtime/images/elf-file.ts";
import type { Problem } from "../../../runtime/problem.ts";
import type { Board } from "../../../spec/boards/board.ts";
import { UsageProblem } from "../problems.ts";
import { bootFiles } from "./boot-words.ts";
import { identityDigest, machineIdentity } from "./identity.ts";
import { refuseSharedFiles } from "./own-files.ts";
import { openRecording, recordedMachine } from "./recording-file.ts";
import { openSnapshot } from "./saving.ts";
import { boardChoice, stopPoint, type MachineWords } from "./words.ts";

export interface Prepared {
  readonly plan: BootPlan;
  readonly board: Board;
  readonly isLegacyVirtio: boolean;
  readonly madeOf: MachineIdentity;
  /** Null: from power-on. */
  readonly snapshot: SnapshotFile | null;
  /** Null: input comes from the host. */
  readonly replay: Recording | null;
  /** What a recording of this run is of. */
  readonly recorded: string;
}

const LEGACY_GLOBAL = /^virtio-mmio\.force-legacy=(true|on|false|off)$/;
const RANDOM_SEED_BYTES = 32;

/** Reads every file that is needed before power-on; the first mistake in them. */
export function prepare(words: MachineWords): Prepared | Problem {
  const choice = boardChoice(words);
  for (const note of choice.notes) process.stderr.write(`pancake: note: ${note}\n`);
  refuseSharedFiles(words);
  if (words.until === "") throw new UsageProblem("--until takes a text that the guest prints, found none");
  const files = bootFiles(words, choice.harts);
  const plan = planBoot(choice.board, configurationOf(words, choice), files);
  if (isProblem(plan)) return plan;
  const isLegacyVirtio = isLegacy(words);
  const madeOf = machineIdentity(words, choice, files);
  const snapshot = words.restore === undefined ? null : openSnapshot(words.restore, madeOf);
  if (snapshot !== null && isProblem(snapshot)) return snapshot;
  if (snapshot !== null) noteStopBefore(words, snapshot);
  const fingerprint = identityDigest(madeOf);
  const { replay: path, record } = words;
  if (path !== undefined && record !== undefined) {
    throw new UsageProblem("give `--record` or `--replay`, not both");
  }
  const replay = path === undefined ? null : openRecording(path, fingerprint, snapshot);
  if (replay !== null && isProblem(replay)) return replay;
  const recorded = recordedMachine(fingerprint, snapshot);
  return { plan, board: choice.board, isLegacyVirtio, madeOf, snapshot, replay, recorded };
}

// Instants count from power-on, not from where the run goes on.
function noteStopBefore({ stopAt }: MachineWords, { facts: { atNs, instructions } }: SnapshotFile): void {
  const stop = stopPoint(stopAt);
  const isBefore = stop !== null && (stop.kind === "time" ? stop.ns < atNs : stop.count < instructions);
  if (!isBefore) return;
  process.stderr.write(
    `pancake: note: \`--stop-at\` counts from power-on, and the snapshot is at ${String(atNs)}ns, ${String(instructions)} instructions: nothing is run\n`,
  );
}

function configurationOf(
  words: MachineWords,
  { harts, memoryBytes, hasHypervisor, gicVersion }: ReturnType<typeof boardChoice>,
): Parameters<typeof planBoot>[1] {
  return {
    harts,
    memoryBytes,
    hasHypervisor,
    gicVersion,
    bootArguments: words.append ?? null,
    initrd: null,
    randomSeed: new Uint8Array(RANDOM_SEED_BYTES).map((_, i) => (i * 37 + 11) & 0xff),
  };
}

function isLegacy({ global }: MachineWords): boolean {
  let legacy = true;
  for (const text of global) {
    const value = LEGACY_GLOBAL.exec(text)?.[1];
    if (value === undefined) {
      throw new UsageProblem(`--global takes \`virtio-mmio.force-legacy=false\`, found \`${text}\``);
    }
    legacy = value === "true" || value === "on";
  }
  return legacy;
}
