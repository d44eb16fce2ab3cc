// Seconds from the start of a process to the prompt of Debian's firmware and kernels, against qemu-system.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Debian } from "../debian/debian.ts";
import {
  has,
  QEMU_BOARD,
  type BoardName,
  pancakeMachine,
  QEMU_SERIAL,
  secondsUntil,
} from "./machine-process.ts";
import type { Row } from "./main.ts";

const U_BOOT_PROMPT = "Hit any key to stop autoboot";
const SHELL = "the shell is up";

interface Image {
  readonly what: string;
  readonly board: BoardName;
  /** Options that both understand with two dashes and with one. */
  readonly words: readonly string[];
  readonly prompt: string;
}

const OPENSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin";

const firmware: readonly Image[] = [
  {
    what: "OpenSBI and U-Boot",
    board: "virt-riscv64",
    words: ["--bios", OPENSBI, "--kernel", "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin"],
    prompt: U_BOOT_PROMPT,
  },
  {
    what: "U-Boot",
    board: "virt-arm64",
    words: ["--bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"],
    prompt: U_BOOT_PROMPT,
  },
  {
    what: "EDK2 to its shell's countdown",
    board: "virt-arm64",
    words: ["--m", "512", "--bios", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"],
    prompt: "to skip",
  },
];

// A kernel with a shell that does nothing before it.
function kernel(isa: "riscv64" | "arm64", console: string, folder: string): Image | string {
  const debian = new Debian(isa);
  if (debian.obstacle !== null) return debian.obstacle;
  const initialDisk = join(folder, `${isa}.initrd`);
  writeFileSync(initialDisk, debian.initialDisk([], `echo "${SHELL}"\n`));
  const words = ["--m", "256", "--kernel", debian.kernel, "--initrd", initialDisk];
  return {
    what: "Linux and busybox",
    board: `virt-${isa}`,
    // The kernel prints the command line, not what follows from it.
    words: [...words, "--append", `console=${console}`],
    prompt: SHELL,
  };
}

async function bootRow({ what: image, board, words, prompt }: Image): Promise<Row> {
  const what = `${board}: ${image}`;
  const missing = words.find((word) => word.startsWith("/") && !existsSync(word));
  if (missing !== undefined) return { what, measured: "", against: `${missing} missing`, ratio: "" };
  const asOurs = words.map((word) => (word === "--m" ? "-m" : word));
  const ours = await secondsUntil(prompt, [...pancakeMachine(), "-M", board, ...asOurs]);
  const qemu = QEMU_BOARD[board];
  const asTheirs = words.map((word) => word.replace(/^--/, "-"));
  const theirs = has(qemu[0]) ? await secondsUntil(prompt, [...qemu, ...QEMU_SERIAL, ...asTheirs]) : null;
  return {
    what,
    measured: `${ours.toFixed(1)} s`,
    against: theirs === null ? `${qemu[0]} missing` : `${qemu[0]} ${theirs.toFixed(1)} s`,
    ratio: theirs === null ? "" : `${(ours / theirs).toFixed(1)}x`,
  };
}

/** A row for each image; `folder` takes the initial RAM disks. */
export async function bootRows(folder: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const kernels = [kernel("riscv64", "ttyS0", folder), kernel("arm64", "ttyAMA0", folder)];
  for (const image of [...firmware, ...kernels]) {
    if (typeof image !== "string") rows.push(await bootRow(image));
    else rows.push({ what: "Debian's kernel", measured: "", against: image, ratio: "" });
  }
  return rows;
}
