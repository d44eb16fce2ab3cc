// Whole boards against qemu-system: instructions a second of bare-metal loops, time to the prompts of other people's
// images, and what an idle guest costs. What is not installed is said to be missing.

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PSCI_FUNCTION } from "../../spec/abi/psci.ts";
import { SBI_EXTENSION } from "../../spec/abi/sbi.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { riscv64Target } from "../../compiler/target/assembler/riscv64-target.ts";
import { link } from "../../compiler/object/link/link.ts";
import { packageRoot } from "../cli/package-root.ts";
import { bootRows } from "./machine-boot.ts";
import {
  type BoardName,
  has,
  pancakeMachine,
  QEMU_BOARD,
  QEMU_SERIAL,
  secondsUntil,
} from "./machine-process.ts";
import type { Row } from "./main.ts";

const ROUNDS = 60_000_000;
const INSTRUCTIONS_A_ROUND = 5;
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
  readonly name: BoardName;
  readonly loop: string;
  readonly target: typeof riscv64Target;
  readonly address: bigint;
}

const boards: readonly Board[] = [
  {
    name: "virt-riscv64",
    loop: riscv,
    target: riscv64Target,
    address: 0x8020_0000n,
  },
  {
    name: "virt-arm64",
    loop: arm,
    target: arm64Target,
    address: 0x4020_0000n,
  },
];

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
  const ours = await secondsUntil(null, [...pancakeMachine(), "-M", board.name, "--kernel", file]);
  const qemu = QEMU_BOARD[board.name];
  const theirs = has(qemu[0]) ? await secondsUntil(null, [...qemu, ...QEMU_SERIAL, "-kernel", file]) : null;
  return {
    what: `${board.name}: bare-metal loop, ${millions.toFixed(0)} M instructions`,
    measured: `${(millions / ours).toFixed(0)} MIPS`,
    against: theirs === null ? `${qemu[0]} missing` : `${qemu[0]} ${(millions / theirs).toFixed(0)} MIPS`,
    ratio: theirs === null ? "" : `${(theirs / ours).toFixed(2)}x`,
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
      ...pancakeMachine(),
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
  for (const board of boards) rows.push(await loopRow(board, folder), idleRow(board, folder));
  return [...rows, ...(await bootRows(folder))];
}
