// Register behaviour against QEMU, value by value: random accesses to each device, with its interrupt line after each.

import { describe, expect, test } from "vitest";
import { FLASH_COMMANDS } from "../../../spec/devices/cfi-flash.ts";
import { clint } from "../../../spec/devices/clint.ts";
import {
  gicv2CpuInterface,
  gicv2Distributor,
  gicv2Hypervisor,
  gicv2VirtualCpuInterface,
} from "../../../spec/devices/gicv2.ts";
import { gicv3Distributor, gicv3Redistributor } from "../../../spec/devices/gicv3.ts";
import { goldfishRtc } from "../../../spec/devices/goldfish-rtc.ts";
import { ns16550a } from "../../../spec/devices/ns16550a.ts";
import { pl011 } from "../../../spec/devices/pl011.ts";
import { pl031 } from "../../../spec/devices/pl031.ts";
import { pl061 } from "../../../spec/devices/pl061.ts";
import { plic } from "../../../spec/devices/plic.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import {
  drawAccess,
  firstDifference,
  replay,
  type Operation,
  type Stand,
  type Target,
} from "./operations.ts";
import { runOnQemu, type QemuMachine } from "./qtest.ts";
import {
  ARM,
  ARM_GICV3,
  armQemu,
  armStand,
  gicv3Qemu,
  gicv3Stand,
  RISCV,
  riscvQemu,
  riscvStand,
} from "./stands.ts";

const SEEDS = Number(process.env["PANCAKE_DEVICE_SEEDS"] ?? 3);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const OPERATIONS = 3000;

interface Comparison {
  readonly qemu: QemuMachine;
  readonly stand: () => Stand;
  readonly draw: (random: Random) => readonly Operation[];
  /** Input of the interrupt controller. */
  readonly watched?: number;
}

const below = (bound: number) => (random: Random) => BigInt(random.below(bound));

/** Accesses to one device whose line is an input of the board's interrupt controller. */
function observed(target: Target, watched: number): Pick<Comparison, "draw" | "watched"> {
  return { watched, draw: (random) => [drawAccess(random, target)] };
}

const riscv = { qemu: riscvQemu, stand: riscvStand };
const arm = { qemu: armQemu, stand: armStand };

const comparisons: Readonly<Record<string, Comparison>> = {
  clint: {
    ...riscv,
    // Time stands still here, but QEMU's hart might not have been there when mtime was set.
    draw: (random) => [
      drawAccess(random, { base: RISCV.clint, spec: clint(2), skip: ["mtime"], narrow: 30 }),
    ],
  },
  ns16550a: {
    ...riscv,
    ...observed({ base: RISCV.uart, spec: ns16550a, weights: { thr: 3, rbr: 3, fcr: 2 } }, 10),
  },
  pl011: {
    ...arm,
    ...observed(
      {
        base: ARM.uart,
        spec: pl011,
        narrow: 20,
        values: {
          ilpr: below(0x100),
          ibrd: below(0x10000),
          fbrd: below(0x40),
          lcr_h: below(0x100),
          cr: below(0x10000),
          ifls: below(0x40),
          imsc: below(0x800),
          dmacr: below(4),
        },
      },
      1,
    ),
  },
  pl031: {
    ...arm,
    ...observed({ base: ARM.rtc, spec: pl031, skip: ["dr"], narrow: 10 }, 2),
  },
  "goldfish-rtc": {
    ...riscv,
    // The host's clock decides whether an alarm has passed, so each is long ago.
    ...observed(
      {
        base: RISCV.rtc,
        spec: goldfishRtc,
        skip: ["time_low", "time_high"],
        values: { alarm_high: below(1 << 16) },
      },
      11,
    ),
  },
  pl061: {
    ...arm,
    ...observed({ base: ARM.gpio, spec: pl061, narrow: 10, weights: { data: 3 } }, 7),
  },
  "cfi-flash of riscv64": { ...riscv, draw: drawFlash(RISCV.flash) },
  "cfi-flash of arm64": { ...arm, draw: drawFlash(ARM.flash) },
  plic: {
    ...riscv,
    draw: (random) => {
      const spec = plic({ sources: 96, contexts: 4 });
      const source = 1 + random.below(20);
      return random.weighted<readonly Operation[]>([
        // QEMU takes each call as an edge, so a line rises from low.
        [
          2,
          [
            { kind: "line", input: source, level: false },
            { kind: "line", input: source, level: random.chance(60) },
          ],
        ],
        // QEMU does not ask again for a completed source whose line is high, so its line falls first.
        [
          2,
          [
            { kind: "line", input: source, level: false },
            {
              kind: "store",
              address: RISCV.plic + 0x200004n + 0x1000n * BigInt(random.below(4)),
              bytes: 4,
              value: BigInt(source),
            },
          ],
        ],
        [
          10,
          [
            drawAccess(random, {
              base: RISCV.plic,
              spec,
              indexLimit: 20,
              loadOnly: ["claim"],
              weights: { claim: 4, threshold: 1, priority: 3 },
            }),
          ],
        ],
      ]);
    },
  },
  gicv3: {
    qemu: gicv3Qemu,
    stand: gicv3Stand,
    draw: (random) => {
      // QEMU has LPIs, and counts 32 interrupts too few in TYPER.
      const windows: readonly Target[] = [
        {
          base: ARM_GICV3.distributor,
          spec: gicv3Distributor({ interrupts: 288 }),
          skip: ["statusr", "typer"],
          // QEMU keeps reserved bits.
          values: { irouter: (r) => r.word() & 0xff_80ff_ffffn },
        },
        { base: ARM_GICV3.redistributor, spec: gicv3Redistributor(), skip: ["statusr", "typer", "ctlr"] },
      ];
      if (random.chance(20)) return [{ kind: "line", input: random.below(40), level: random.chance(50) }];
      return [drawAccess(random, random.pick(windows))];
    },
  },
  gicv2: {
    ...arm,
    draw: (random) => {
      const windows: readonly Target[] = [
        {
          base: ARM.gicDistributor,
          spec: gicv2Distributor({ interrupts: 288, cpus: 1 }),
          narrow: 20,
          // A shared interrupt that ISACTIVER made active cannot be ended by its CPU in QEMU.
          loadOnly: ["isactiver"],
          // QEMU ends with an assertion when it meets a pending software interrupt without sender.
          values: { spendsgir: (r) => r.word() | 1n },
        },
        // QEMU keeps the running priority when active priorities are stored to here.
        { base: ARM.gicCpuInterface, spec: gicv2CpuInterface, loadOnly: ["apr", "nsapr"] },
        // Two list registers with one virtual number are unpredictable, so each has numbers of its own.
        {
          base: ARM.gicHypervisor,
          spec: gicv2Hypervisor,
          weights: { lr: 6 },
          values: {
            lr: (r, index) =>
              (r.word() & 0xfff8_0000n) | BigInt((r.below(288) << 10) | (16 * index + r.below(16))),
          },
        },
        // QEMU takes 1 here, though VMCR and the number of preemption bits say that 3 is the least.
        {
          base: ARM.gicVirtualCpuInterface,
          spec: gicv2VirtualCpuInterface,
          values: { abpr: (r) => BigInt(3 + r.below(5)) },
        },
      ];
      if (random.chance(20)) return [{ kind: "line", input: random.below(40), level: random.chance(50) }];
      return [drawAccess(random, random.pick(windows))];
    },
  },
};

/** Whole commands, now and then broken off, and loads of what they show. */
function drawFlash(base: bigint): Comparison["draw"] {
  const at = (offset: number): bigint => base + BigInt(offset);
  const store = (offset: number, command: number): Operation => ({
    kind: "store",
    address: at(offset),
    bytes: 4,
    value: BigInt(command) * 0x10001n,
  });
  const load = (random: Random, offset: number): Operation => {
    const bytes = random.pick([1, 2, 4] as const);
    return { kind: "load", address: at(offset - (offset % bytes)), bytes };
  };
  const word = (random: Random, offset: number): Operation => ({
    kind: "store",
    address: at(offset),
    bytes: 4,
    value: BigInt.asUintN(32, random.word()),
  });
  return (random) => {
    const offset = 0x40000 * random.below(3) + 4 * random.below(64);
    const count = random.below(8);
    const program = random.pick([FLASH_COMMANDS.program, FLASH_COMMANDS.programAgain]);
    const buffered = Array.from({ length: count + 1 }, (_, index) =>
      word(random, (offset & ~0xff) + 4 * index),
    );
    const operations = random.pick<readonly Operation[]>([
      [store(offset, program), word(random, offset)],
      [store(offset, FLASH_COMMANDS.erase), store(offset, FLASH_COMMANDS.confirm)],
      [
        store(offset, FLASH_COMMANDS.writeBuffer),
        store(offset, count),
        ...buffered,
        store(offset, FLASH_COMMANDS.confirm),
      ],
      [
        store(offset, FLASH_COMMANDS.lock),
        store(offset, random.pick([FLASH_COMMANDS.confirm, FLASH_COMMANDS.lockConfirm])),
      ],
      // QEMU leaves the query for nothing but `readArray`.
      [
        store(offset, FLASH_COMMANDS.query),
        ...Array.from({ length: 10 }, () => load(random, random.below(0x150))),
        store(offset, FLASH_COMMANDS.readArray),
      ],
      [store(offset, random.pick([0x50, 0x70, 0x90, 0xff, 0xf0]))],
    ]);
    return [...operations, load(random, offset), load(random, random.below(0x150)), load(random, offset)];
  };
}

/** Null if ours and QEMU give the same. */
async function difference(
  { qemu, stand, watched }: Comparison,
  operations: readonly Operation[],
): Promise<string | null> {
  const ours = replay(operations, stand(), watched ?? null);
  return firstDifference(operations, ours, await runOnQemu(qemu, operations, watched ?? null));
}

/** Leaves out what the difference does not need, in ever smaller pieces. */
async function shrunk(comparison: Comparison, failing: readonly Operation[]): Promise<readonly Operation[]> {
  let kept = failing;
  for (let piece = kept.length >> 1; piece > 0; piece >>= 1) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + piece)];
      if (fewer.length > 0 && (await difference(comparison, fewer)) !== null) kept = fewer;
      else at += piece;
    }
  }
  return kept;
}

describe.each(Object.entries(comparisons))("%s", (_, comparison) => {
  test("gives the values that QEMU gives", { timeout: 300_000 }, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const random = newRandom(seed);
      const operations: Operation[] = [];
      while (operations.length < OPERATIONS) operations.push(...comparison.draw(random));
      if ((await difference(comparison, operations)) === null) continue;
      const least = await shrunk(comparison, operations);
      expect(await difference(comparison, least), `seed ${seed}`).toBeNull();
    }
  });
});
