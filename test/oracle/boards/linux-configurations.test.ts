// Debian's arm64 kernel where it has more than one core, EL2 or a GICv3: it starts them all, has a hypervisor, sends
// interrupts from core to core, switches a core off and on, and runs a virtual machine.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BoardConfiguration } from "../../../spec/boards/board.ts";
import { scratchFolder } from "../../cli/pancake.ts";
import { Console } from "./support/console.ts";
import { Debian } from "../../../tools/debian/debian.ts";

const BOOT_SECONDS = 60;
const STEP_SECONDS = 60;
const TEST_MS = 900_000;
// Its tests of ciphers are half of the start.
const ARGUMENTS = "console=ttyAMA0 cryptomgr.notests";

const debian = new Debian("arm64");
if (debian.obstacle !== null) console.log(`skipped: Debian's arm64 kernel: ${debian.obstacle}`);

const folder = scratchFolder();

function compiled(source: string): Uint8Array {
  const path = join(folder.path, "program");
  const words = ["-O1", "-static", "-Wall", "-Wextra", "-Werror", "-o", path];
  const done = spawnSync("aarch64-linux-gnu-gcc", [...words, join(import.meta.dirname, "support", source)], {
    encoding: "utf8",
  });
  expect(done.status, done.stderr).toBe(0);
  return new Uint8Array(readFileSync(path));
}

/** A machine at the kernel's shell, and what it printed on the way. */
class Shell {
  readonly start: string;
  private readonly console: Console;
  private commands = 0;

  constructor(configuration: Partial<BoardConfiguration>) {
    const kernel = new Uint8Array(readFileSync(debian.kernel));
    const program = { path: "kvm-guest", content: compiled("kvm-guest.c"), isExecutable: true };
    const initrd = debian.initialDisk([], 'echo "the shell is up"\n', [program]);
    this.console = new Console({
      isa: "arm64",
      files: { kernel, initrd },
      configuration: { memoryBytes: 256n << 20n, bootArguments: ARGUMENTS, ...configuration },
    });
    this.start = this.console.waitFor("the shell is up", BOOT_SECONDS);
  }

  /** What a command prints. */
  run(command: string): string {
    const number = 1000 + ++this.commands;
    // The shell echoes what is typed, with the sum not yet made.
    const sum = `$((${String(this.commands)} + 1000))`;
    this.console.type(`echo begin ${sum}; ${command}; echo end ${sum}\n`);
    this.console.waitFor(`begin ${String(number)}\r\n`, STEP_SECONDS);
    return this.console.waitFor(`end ${String(number)}\r\n`, STEP_SECONDS).replaceAll("\r", "");
  }
}

/** How often each core took the interrupts between cores that `name` is about. */
function countsOf(interrupts: string, name: string): readonly number[] {
  const line = interrupts.split("\n").find((text) => text.includes(name)) ?? "";
  return [...line.replace(/^\s*\w+:/, "").matchAll(/\s(\d+)(?=\s)/g)].map(([, count]) => Number(count));
}

const cores = (count: number): readonly number[] => Array.from({ length: count }, (_, core) => core);

/** Work for each core in turn; a core says which one it is. */
const busy = (core: number): string =>
  `taskset ${(1 << core).toString(16)} sh -c 'i=0; while [ $i -lt 100 ]; do i=$((i + 1)); done; cut -d" " -f39 /proc/self/stat'`;

describe.runIf(debian.obstacle === null)("Debian's arm64 kernel", () => {
  test.each<[string, BoardConfiguration["gicVersion"], number, readonly string[]]>([
    ["GICv3 and two cores", 3, 2, ["kvm [1]: GIC system register CPU interface enabled"]],
    ["GICv2 and four cores", 2, 4, []],
  ])("at EL2 with %s", { timeout: TEST_MS }, (_, gicVersion, harts, alsoSaid) => {
    const shell = new Shell({ gicVersion, harts, hasHypervisor: true });
    const said = [
      `smp: Brought up 1 node, ${String(harts)} CPUs`,
      "CPU: All CPU(s) started at EL2",
      "kvm [1]: IPA Size Limit: 40 bits",
      "kvm [1]: vgic interrupt IRQ9",
      "kvm [1]: Hyp mode initialized successfully",
      ...alsoSaid,
    ];
    for (const text of said) expect(shell.start).toContain(text);
    expect(shell.start).not.toMatch(/WARNING|BUG|Oops|rcu.*stall/);

    expect(shell.run("nproc")).toBe(`${String(harts)}\n`);
    expect(shell.run("ls /dev/kvm")).toBe("/dev/kvm\n");
    for (const core of cores(harts)) expect(shell.run(busy(core))).toBe(`${String(core)}\n`);
    const interrupts = shell.run("cat /proc/interrupts");
    for (const name of ["arch_timer", "Function call interrupts"]) {
      const counts = countsOf(interrupts, name);
      expect(counts.length).toBeGreaterThanOrEqual(harts);
      for (const core of cores(harts))
        expect(counts[core], `${name} of core ${String(core)}`).toBeGreaterThan(0);
    }

    // The program asks for a GICv3.
    if (gicVersion === 3) {
      const told = "the guest stored 27 to 10000000\nthe guest switched off: event 1\n";
      expect(shell.run("/kvm-guest")).toBe(told);
    }

    const online = "/sys/devices/system/cpu/cpu1/online";
    expect(shell.run(`echo 0 > ${online}; nproc`)).toContain(`${String(harts - 1)}\n`);
    expect(shell.run(`echo 1 > ${online}; nproc`)).toContain(`${String(harts)}\n`);
    expect(shell.run(busy(1))).toBe("1\n");
  });
});
