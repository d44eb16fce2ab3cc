// Bare-metal programs (programs/) say the same on QEMU and on our machine, with both executors: exceptions, page faults,
// interrupts, timers.
//
// One boot a program; `PANCAKE_BARE_METAL=NAME` runs those whose name contains NAME and prints QEMU's transcript.

import { afterAll, expect, test } from "vitest";
import { Bench, onOurs, type Setting } from "./machines.ts";

/** A program below `programs`, and the boards that it runs on. */
interface Program {
  readonly source: string;
  readonly settings: readonly Setting[];
}

const riscv: Setting = { isa: "riscv64" };
const el1: Setting = { isa: "arm64" };
const el2: Setting = { isa: "arm64", hasHypervisor: true };

const programs: readonly Program[] = [
  { source: "riscv64/exceptions.c", settings: [riscv] },
  { source: "riscv64/returns.c", settings: [riscv] },
  { source: "riscv64/page-faults.c", settings: [riscv] },
  { source: "riscv64/protection.c", settings: [riscv] },
  { source: "riscv64/translation.c", settings: [riscv] },
  { source: "riscv64/interrupts.c", settings: [riscv] },
  { source: "riscv64/plic.c", settings: [riscv] },
  { source: "riscv64/harts.c", settings: [{ ...riscv, harts: 2 }] },
  { source: "riscv64/hart-states.c", settings: [{ ...riscv, harts: 2, hasFirmware: true }] },
  { source: "riscv64/triggers.c", settings: [riscv] },
  { source: "arm64/exceptions.c", settings: [el1, el2] },
  { source: "arm64/returns.c", settings: [el1, el2] },
  { source: "arm64/page-faults.c", settings: [el1, el2] },
  { source: "arm64/stage2.c", settings: [el2] },
  { source: "arm64/hypervisor.c", settings: [el2] },
  { source: "arm64/debug.c", settings: [el1, el2] },
  { source: "arm64/monitors.c", settings: [el1, el2] },
  { source: "arm64/gicv2.c", settings: [el1] },
  { source: "arm64/gicv3.c", settings: [{ ...el1, gicVersion: 3 }] },
  { source: "arm64/virtual-interrupts.c", settings: [el2, { ...el2, gicVersion: 3 }] },
  { source: "arm64/timers.c", settings: [el1, el2] },
  {
    source: "arm64/harts.c",
    settings: [
      { ...el1, harts: 2 },
      { ...el1, harts: 2, gicVersion: 3 },
    ],
  },
];

const only = process.env["PANCAKE_BARE_METAL"] ?? null;
const bench = new Bench();
afterAll(() => {
  bench.close();
});

function nameOf(source: string, { harts = 1, hasHypervisor = false, gicVersion = 2 }: Setting): string {
  const words = [
    source,
    ...(hasHypervisor ? ["with EL2"] : []),
    ...(gicVersion === 3 ? ["GICv3"] : []),
    ...(harts > 1 ? [`${String(harts)} harts`] : []),
  ];
  return words.join(", ");
}

const cases = programs
  .flatMap(({ source, settings }) => settings.map((setting) => ({ source, setting })))
  .map((made) => ({ ...made, name: nameOf(made.source, made.setting) }))
  .filter(({ name }) => only === null || name.includes(only));

test.each(cases)("$name", ({ source, setting }) => {
  const elf = bench.compile(source, setting);
  const theirs = bench.onQemu(elf, setting);
  if (only !== null) console.log(theirs);
  expect(theirs).toMatch(/\nend\n$/);
  for (const executor of ["reference", "fast"] as const) {
    const { transcript, outcome } = onOurs(elf, setting, executor);
    expect(transcript, executor).toBe(theirs);
    expect(outcome).toEqual({ kind: "power", request: { kind: "off", exitCode: 0 } });
  }
});
