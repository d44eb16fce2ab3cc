// Whole boards against qemu-system: instructions a second of bare-metal loops, time to a firmware's prompt, and what an
// idle guest costs. What is not installed is said to be missing.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PSCI_FUNCTION } from "../../spec/abi/psci.ts";
import { SBI_EXTENSION } from "../../spec/abi/sbi.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../compiler/target/assembler/riscv64-target.ts";
import { link } from "../../compiler/object/link/link.ts";
import { packageRoot } from "../cli/package-root.ts";
import type { Row } from "./main.ts";

const ROUNDS = 60_000_000;
const INSTRUCTIONS_A_ROUND = 5;
const PROMPT = "Hit any key to stop autoboot";
const IDLE_SECONDS = 4;

// Loads, adds and stores a word in a loop, then switches off.
const riscv = `
  .globl _start
_start:
  li t0, ${String(ROUNDS)}
  la t1, word
1: ld t2, 0(t1)
  add t2, t2, t0
  sd t2, 0(t1)
  addi t0, t0, -1
  bnez t0, 1b
  li a7, ${String(SBI_EXTENSION.systemReset)}
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
2: wfi
  j 2b
  .balign 4096
word: .quad 0
`;
const arm = `
  .globl _start
_start:
  ldr w0, rounds
  adr x1, word
1: ldr x2, [x1]
  add x2, x2, x0
  str x2, [x1]
  subs x0, x0, 1
  b.ne 1b
  ldr w0, off
  hvc 0
2: wfi
  b 2b
rounds: .word ${String(ROUNDS)}
off: .word ${String(PSCI_FUNCTION.systemOff)}
  .balign 4096
word: .quad 0
`;

interface Board {
  readonly name: "virt-riscv64" | "virt-arm64";
  readonly qemu: readonly string[];
  readonly loop: string;
  readonly target: typeof riscv64Target;
  readonly address: bigint;
  /** Options for both, that bring firmware to its prompt; and its files. */
  readonly firmware: readonly string[];
}

const boards: readonly Board[] = [
  {
    name: "virt-riscv64",
    qemu: ["qemu-system-riscv64", "-M", "virt"],
    loop: riscv,
    target: riscv64Target,
    address: 0x8020_0000n,
    firmware: [
      "--bios",
      "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin",
      "--kernel",
      "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin",
    ],
  },
  {
    name: "virt-arm64",
    qemu: ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53"],
    loop: arm,
    target: arm64Target,
    address: 0x4020_0000n,
    firmware: ["--bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"],
  },
];

const pancake = (): readonly string[] => [
  process.execPath,
  join(packageRoot(), "dist/pancake.js"),
  "machine",
];
const quiet = ["-display", "none", "-monitor", "none", "-nic", "none", "-serial", "stdio"];

function has(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Seconds until the process has printed `text` or ended; it is killed then. */
function secondsUntil(text: string | null, [command = "", ...words]: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "ignore"] });
  return new Promise((resolve) => {
    let seen = "";
    const done = (): void => {
      child.kill("SIGKILL");
      resolve((performance.now() - start) / 1000);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      seen = (seen + chunk.toString("latin1")).slice(-4096);
      if (text !== null && seen.includes(text)) done();
    });
    child.once("close", done);
  });
}

function loopFile({ name, loop, target, address }: Board, folder: string): string {
  const object = assemble(loop, target, { name: "loop.s", lines: false, compress: false });
  const linked = link([object.value], { entry: "_start", baseAddress: address });
  const file = join(folder, `${name}.elf`);
  writeFileSync(file, linked.value);
  return file;
}

async function loopRow(board: Board, folder: string): Promise<Row> {
  const file = loopFile(board, folder);
  const millions = (ROUNDS * INSTRUCTIONS_A_ROUND) / 1e6;
  const ours = await secondsUntil(null, [...pancake(), "-M", board.name, "--kernel", file]);
  const [qemu = ""] = board.qemu;
  const theirs = has(qemu) ? await secondsUntil(null, [...board.qemu, ...quiet, "-kernel", file]) : null;
  return {
    what: `${board.name}: bare-metal loop, ${millions.toFixed(0)} M instructions`,
    measured: `${(millions / ours).toFixed(0)} MIPS`,
    against: theirs === null ? `${qemu} missing` : `${qemu} ${(millions / theirs).toFixed(0)} MIPS`,
    ratio: theirs === null ? "" : `${(theirs / ours).toFixed(2)}x`,
  };
}

async function bootRow(board: Board): Promise<Row> {
  const what = `${board.name}: Debian's firmware to its prompt`;
  const isThere = board.firmware.filter((word) => word.startsWith("/")).every((path) => existsSync(path));
  if (!isThere) return { what, measured: "", against: "firmware missing", ratio: "" };
  const ours = await secondsUntil(PROMPT, [...pancake(), "-M", board.name, ...board.firmware]);
  const [qemu = ""] = board.qemu;
  const words = board.firmware.map((word) => word.replace(/^--/, "-"));
  const theirs = has(qemu) ? await secondsUntil(PROMPT, [...board.qemu, ...quiet, ...words]) : null;
  return {
    what,
    measured: `${ours.toFixed(1)} s`,
    against: theirs === null ? `${qemu} missing` : `${qemu} ${theirs.toFixed(1)} s`,
    ratio: theirs === null ? "" : `${(ours / theirs).toFixed(1)}x`,
  };
}

// An idle guest: CPU time of the process for each second, its start left out by the difference of two runs.
function idleRow(board: Board, folder: string): Row {
  const file = join(folder, `${board.name}-idle.elf`);
  const text = ".globl _start\n_start: wfi\nb _start\n".replace("b _start", board.name === "virt-arm64" ? "b _start" : "j _start"); // prettier-ignore
  const object = assemble(text, board.target, { name: "idle.s", lines: false, compress: false });
  writeFileSync(file, link([object.value], { entry: "_start", baseAddress: board.address }).value);
  const cpu = (seconds: number): number => {
    const words = [
      ...pancake(),
      "-M",
      board.name,
      "--kernel",
      file,
      "--idle",
      "sleep",
      "--timeout",
      String(seconds),
    ];
    const command = `TIMEFORMAT='%U %S'; time ${words.join(" ")} 2>/dev/null </dev/null`;
    const done = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    return (done.stderr.trim().split("\n").at(-1) ?? "")
      .split(" ")
      .reduce((sum, part) => sum + Number(part), 0);
  };
  const share = (cpu(1 + IDLE_SECONDS) - cpu(1)) / IDLE_SECONDS;
  return {
    what: `${board.name}: an idle guest's share of a core`,
    measured: `${(100 * share).toFixed(1)} %`,
    against: "aim 5 %",
    ratio: "",
  };
}

export async function machineSpeed(): Promise<readonly Row[]> {
  spawnSync("npm", ["run", "--silent", "build"], { cwd: packageRoot(), stdio: "inherit" });
  const folder = mkdtempSync(join(tmpdir(), "pancake-bench-"));
  const rows: Row[] = [];
  for (const board of boards) {
    rows.push(await loopRow(board, folder), await bootRow(board), idleRow(board, folder));
  }
  return rows;
}
