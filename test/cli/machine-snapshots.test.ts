// `pancake machine --save` and `--restore` as processes, with recordings; and files that the host cannot write.

import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { echoGuest } from "./echo-guest.ts";
import { pancake, pancakeProcess, scratchFolder, type Shown } from "./pancake.ts";

const scratch = scratchFolder();

const echo = scratch.write("echo.elf", echoGuest({ isSlow: true }));
const board = ["machine", "-M", "virt-riscv64", "--kernel", echo];
const recording = join(scratch.path, "run.rec");
const saved = join(scratch.path, "run.snap");

const hashOf = ({ stderr }: Shown): string | undefined => /state hash: (\w+)/.exec(stderr)?.[1];

test("a run is interrupted and goes on, with its recording or without", async () => {
  const whole = pancakeProcess([...board, "--record", recording, "--stats"], { input: "abcdefghq" });
  expect(whole).toMatchObject({ status: 0, stdout: "abcdefghq" });
  // Six milliseconds after the input has come.
  const lines = readFileSync(recording, "utf8").split("\n");
  const stopNs = BigInt(/"at":"(\d+)"/.exec(lines[1] ?? "")?.[1] ?? "0") + 6_000_000n;
  const stop = ["--stop-at", `${String(stopNs)}ns`];
  const half = pancakeProcess([...board, "--replay", recording, ...stop, "--save", saved]);
  expect(half.status).toBe(0);
  const printed = half.stdout.length;
  expect(printed).toBeGreaterThan(0);
  expect(printed).toBeLessThan(9);
  const rest = "abcdefghq".slice(printed);
  // The input had entered already, so the recording is not needed to go on.
  for (const words of [["--replay", recording], []]) {
    const again = pancakeProcess([...board, "--restore", saved, "--stats", ...words]);
    expect(again).toMatchObject({ status: 0, stdout: rest });
    expect(hashOf(again)).toBe(hashOf(whole));
  }
  const copy = join(scratch.path, "copy.snap");
  const instructions = String(stopNs / 10n);
  const again = pancakeProcess([...board, "--restore", saved, "--stop-at", instructions, "--save", copy]);
  expect(again.status).toBe(0);
  expect(readFileSync(copy)).toEqual(readFileSync(saved));
  const [line = ""] = readFileSync(saved, "latin1").split("\n");
  expect(JSON.parse(line)).toMatchObject({ atNs: String(stopNs), instructions });

  const refused = async (...words: string[]): Promise<string> => {
    const { status, stderr } = await pancake([...board, ...words]);
    return `${String(status)} ${stderr}`;
  };
  expect(await refused("--restore", saved, "-m", "64M")).toMatch(
    /^1 error\[M0203\].*--memory: 128M, found: 64M/,
  );
  expect(await refused("--restore", saved, "--device", "virtio-rng-device")).toContain(
    "--device 1: none, found",
  );
  expect(await refused("--restore", echo)).toMatch(/^1 error\[M0200\]/);
  expect(await refused("--restore", "/nowhere")).toContain("cannot read `/nowhere`");
  const other = scratch.write(
    "other.rec",
    lines.map((text) => text.replace('"bytes":"61', '"bytes":"62')).join("\n"),
  );
  expect(await refused("--restore", saved, "--replay", other)).toMatch(/^1 error\[M0206\]/);
  expect(await refused("--stop-at", "soon")).toContain("--stop-at takes");
});

test("a run from a snapshot is recorded and repeated from there", () => {
  const from = join(scratch.path, "start.snap");
  expect(pancakeProcess([...board, "--stop-at", "1ms", "--save", from]).status).toBe(0);
  const record = join(scratch.path, "second.rec");
  const first = pancakeProcess([...board, "--restore", from, "--record", record, "--stats"], { input: "yq" });
  expect(first).toMatchObject({ status: 0, stdout: "yq" });
  expect(pancakeProcess([...board, "--restore", from, "--replay", record, "--stats"])).toEqual(first);
  expect(pancakeProcess([...board, "--replay", record]).stderr).toContain("error[R0041]");
});

test("what the guest ended is not saved", () => {
  const file = join(scratch.path, "none.snap");
  const shown = pancakeProcess([...board, "--save", file], { input: "q" });
  expect(shown).toMatchObject({ status: 1, stdout: "q" });
  expect(shown.stderr).toContain("error[M0205]");
  expect(existsSync(file)).toBe(false);
});

test("a signal ends a run as control-A x does: what it writes is whole", () => {
  const [record, trace] = [join(scratch.path, "signal.rec"), join(scratch.path, "signal.trace")];
  const words = [...board, "--record", record, "--trace", `mmio,file=${trace}`, "--save", saved].join(" ");
  const shown = pancakeProcess(
    `mkfifo ${scratch.path}/out; sleep 9 2>/dev/null | $PANCAKE ${words} > ${scratch.path}/out & pid=$!
     exec 3< ${scratch.path}/out; until test -s ${record}; do sleep 0.1; done; sleep 0.5
     kill -INT $pid; wait $pid`,
  );
  expect(shown.status).toBe(130);
  expect(readFileSync(record, "utf8")).toContain('"end":');
  expect(readFileSync(trace, "utf8")).toMatch(/register=lsr .*\n$/);
  expect(pancakeProcess([...board, "--restore", saved, "--replay", record]).status).toBe(0);
});

test("a full disk is said once for each file, and the exit code tells", () => {
  const full = ["--record", "/dev/full", "--trace", "mmio,file=/dev/full"];
  const shown = pancakeProcess([...board, ...full, "--save", "/dev/full", "--until", "b"], {
    input: "ab",
  });
  expect(shown).toMatchObject({ status: 1, stdout: "ab" });
  const lost = [...shown.stderr.matchAll(/error\[M0135\]: `([^`]+)` cannot be written: /g)].map(
    ([, file]) => file,
  );
  // One file, one reason: it is said once.
  expect(lost).toEqual(["/dev/full"]);
  expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  const nowhere = pancakeProcess([...board, "--save", "/nowhere/file", "--stop-at", "10"]);
  expect(nowhere.status).toBe(1);
  expect(nowhere.stderr).toContain("error[M0135]: `/nowhere/file` cannot be written: ");
  const packets = pancakeProcess([...board, "--net", "pcap,file=/dev/full"], { input: "q" });
  expect(packets).toMatchObject({ status: 1, stdout: "q" });
  expect(packets.stderr).toContain("error[M0135]: `/dev/full` cannot be written: ");
});
