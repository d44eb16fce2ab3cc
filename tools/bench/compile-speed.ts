// Compile time against program size, and where it goes: passes whose time per line grows with the size stand out.

import { analyse, compileToObject } from "../../compiler/compile.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { makeStage, programOf } from "../../compiler/pipeline.ts";
import { runPipeline } from "../../compiler/run-pipeline.ts";
import { driverText } from "./driver-text.ts";
import type { Row } from "./main.ts";

const SIZES = [1_000, 10_000, 100_000] as const;

interface Timing {
  readonly lines: number;
  readonly ms: ReadonlyMap<string, number>;
}

function measure(lines: number): Timing {
  const text = driverText(lines);
  const ms = new Map<string, number>();
  let last = performance.now();
  const lap = (name: string): void => {
    const now = performance.now();
    ms.set(name, now - last);
    last = now;
  };
  const analysis = analyse([{ path: "driver.pnk", text }], {
    defines: [],
    undefines: [],
    includePaths: [],
    reader: { read: () => null },
    strict: false,
  });
  lap("read and check");
  const stage = runPipeline(
    makeStage("surface", analysis.surface),
    { options: defaultOptions },
    {
      observer: {
        after: (entry) => {
          lap(entry.name);
        },
      },
    },
  );
  compileToObject(programOf(stage, "lab"), analysis, defaultOptions);
  lap("lab-to-object");
  return { lines: text.split("\n").length, ms };
}

export function compileSpeed(): readonly Row[] {
  measure(2_000); // warm up
  const timings = SIZES.map(measure);
  const [, middle, large] = timings;
  if (middle === undefined || large === undefined) return [];
  const total = (t: Timing): number => [...t.ms.values()].reduce((a, b) => a + b, 0);
  const perLine = (ms: number, lines: number): string => `${((ms * 1000) / lines).toFixed(2)} us/line`;
  const rows = [...large.ms].map(([name, ms]) => ({
    what: name,
    measured: perLine(ms, large.lines),
    against: `${perLine(middle.ms.get(name) ?? 0, middle.lines)} at 10k`,
    ratio: `${(ms / large.lines / ((middle.ms.get(name) ?? 1) / middle.lines)).toFixed(2)}x`,
  }));
  const totals = timings.map((t) => ({
    what: `whole compilation, ${String(t.lines)} lines`,
    measured: `${total(t).toFixed(0)} ms`,
    against: "",
    ratio: perLine(total(t), t.lines),
  }));
  return [...totals, ...rows];
}
