// Whole-process time of the built package against bare Node: what a user waits for on a 400-line driver.
// Aims (issue 2): `check` within 3 times `node -e 0`, `compile -O1` within 4 times.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../cli/package-root.ts";
import { driverText } from "./driver-text.ts";
import type { Row } from "./main.ts";

const RUNS = 15;
const DRIVER_LINES = 400;

/** Best wall-clock milliseconds of `RUNS` runs; throws if the command fails. */
function bestMs(args: readonly string[]): number {
  let best = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    const done = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    if (done.status !== 0) throw new Error(`${args.join(" ")}: ${done.stderr.toString()}`);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

export function processSpeed(): readonly Row[] {
  const root = packageRoot();
  execFileSync("npm", ["run", "--silent", "build"], { cwd: root, stdio: "inherit" });
  const folder = mkdtempSync(join(tmpdir(), "pancake-bench-"));
  const driver = join(folder, "driver.pnk");
  writeFileSync(driver, driverText(DRIVER_LINES));
  const pancake = join(root, "dist/pancake.js");
  const bare = bestMs(["-e", "0"]);
  const row = (what: string, args: readonly string[]): Row => {
    const ms = bestMs([pancake, ...args]);
    return {
      what,
      measured: `${ms.toFixed(0)} ms`,
      against: `node -e 0 ${bare.toFixed(0)} ms`,
      ratio: `${(ms / bare).toFixed(2)}x`,
    };
  };
  return [
    row("pancake --version", ["--version"]),
    row(`pancake check, ${String(DRIVER_LINES)} lines`, ["check", "--no-warn", driver]),
    row(`pancake compile -O1 -c, ${String(DRIVER_LINES)} lines`, [
      "compile",
      "--no-warn",
      "-c",
      driver,
      "-o",
      join(folder, "o.o"),
    ]),
    row(`pancake compile -O1, ${String(DRIVER_LINES)} lines`, [
      "compile",
      "--no-warn",
      driver,
      "-o",
      join(folder, "out"),
    ]),
  ];
}
