// Random operations on a GICv3 and the core behind it, as assembly text of a guest that runs at EL2 and, where an
// operation says so, at EL1 (guest.S).

import { gicv3Distributor, gicv3Redistributor, gicv3SystemRegisters } from "../../../spec/devices/gicv3.ts";
import { deviceNamed, type BoardConfiguration } from "../../../spec/boards/board.ts";
import { virtArm64 } from "../../../spec/boards/virt-arm64.ts";
import type { DeviceSpec } from "../../../spec/devices/schema.ts";
import type { Random } from "../../support/random-program/prng.ts";

export const configuration: BoardConfiguration = {
  harts: 2,
  memoryBytes: 64n << 20n,
  hasHypervisor: true,
  gicVersion: 3,
  bootArguments: null,
  initrd: null,
  randomSeed: new Uint8Array(32),
};

/** One operation; the guest prints two lines for each: what it gave, and the state of lines and maintenance after it. */
export interface Operation {
  /** For messages. */
  readonly text: string;
  /** One macro call of guest.S a line. */
  readonly assembly: string;
}

const LIST_REGISTERS = 4;
const SHARED = [33, 34, 40, 63];
const PRIVATE = [1, 7, 15, 25, 27];
const EL1_IS_64_BIT = 1n << 31n;
const [FMO, IMO] = [1n << 3n, 1n << 4n];
const BITS = {
  enable: 1n,
  vgrp0die: 1n << 5n,
  tc: 1n << 10n,
  tall0: 1n << 11n,
  tall1: 1n << 12n,
  tdir: 1n << 14n,
} as const;

/** s3_4_c12_c11_0 and the like, which need nothing of the assembler. */
function registerText(number: number): string {
  const part = (low: number, bits: number): number => (number >> low) & ((1 << bits) - 1);
  return `s${part(14, 2)}_${part(11, 3)}_c${part(7, 4)}_c${part(3, 4)}_${part(0, 3)}`;
}

function bits(random: Random, count: number): bigint {
  return BigInt.asUintN(count, random.word() ^ (BigInt(random.below(0x1_0000)) << 16n));
}

// Two list registers with one number are unpredictable, so each has numbers of its own.
function virtualId(random: Random, index: number): bigint {
  const base = random.weighted([
    [12, random.below(16)],
    [1, 255],
  ]);
  return BigInt(LIST_REGISTERS * base + index);
}

function listRegister(random: Random, index: number): bigint {
  const isHardware = random.chance(40);
  const physical = isHardware ? random.pick([...SHARED, ...PRIVATE]) : random.pick([0, 1 << 9]);
  const priority = BigInt(random.pick([0, 8, 0x10, 0x48, 0x80, 0xa0, 0xf0, 0xf8, random.below(256)]));
  const top = BigInt(random.below(4)) << 62n;
  const group = BigInt(random.below(2)) << 60n;
  const hardware = isHardware ? 1n << 61n : 0n;
  return top | hardware | group | (priority << 48n) | (BigInt(physical) << 32n) | virtualId(random, index);
}

// No LPIs, which QEMU has.
function anyInterrupt(random: Random): bigint {
  if (random.chance(10)) return BigInt(random.pick([1019, 1020, 1023, 288]));
  return random.chance(50)
    ? virtualId(random, random.below(LIST_REGISTERS))
    : BigInt(random.pick([...SHARED, ...PRIVATE]));
}

function hypervisorControl(random: Random): bigint {
  const rare = (bit: bigint): bigint => (random.chance(6) ? bit : 0n);
  const traps = rare(BITS.tc) | rare(BITS.tall0) | rare(BITS.tall1) | rare(BITS.tdir);
  // QEMU 7.2 asks group 1's enable bit whether group 0 is disabled.
  const reasons = random.chance(40) ? BigInt(2 * random.below(128)) & ~BITS.vgrp0die : 0n;
  const count = random.chance(20) ? BigInt(random.below(32)) << 27n : 0n;
  return (random.chance(90) ? BITS.enable : 0n) | reasons | traps | count;
}

function softwareInterrupt(random: Random): bigint {
  const cluster = random.chance(5) ? 1n << 16n : 0n;
  const all = random.chance(20) ? 1n << 40n : 0n;
  return (BigInt(random.pick([1, 7, 15])) << 24n) | cluster | all | BigInt(random.below(4));
}

/** What is stored to a register, by the beginning of its name; others take any value. */
const values: readonly (readonly [string, (random: Random, name: string) => bigint])[] = [
  ["ich_lr", (random, name) => listRegister(random, Number(name.charAt(6)))],
  ["ich_hcr", hypervisorControl],
  // QEMU keeps the bits of VPMR that no priority has.
  ["ich_vmcr", (random) => (bits(random, 32) & 0xf8ff_ffffn) | (random.chance(80) ? 0xf000_0003n : 0n)],
  ["ich_ap", (random) => (random.chance(60) ? 0n : 1n << BigInt(random.below(32)))],
  ["icc_ap", (random) => (random.chance(60) ? 0n : 1n << BigInt(random.below(32)))],
  ["icc_pmr", (random) => BigInt(random.pick([0xff, 0xf8, 0xf0, 0x80, random.below(256)]))],
  ["icc_igrpen", (random) => BigInt(random.chance(85))],
  ["icc_bpr", (random) => BigInt(random.below(8))],
  ["icc_ctlr", (random) => BigInt(random.below(4))],
  ["icc_sgi", softwareInterrupt],
  ["icc_asgi", softwareInterrupt],
  ["icc_eoir", anyInterrupt],
  ["icc_dir", anyInterrupt],
];

function valueFor(random: Random, name: string): bigint {
  const draw = values.find(([start]) => name.startsWith(start))?.[1];
  return draw === undefined ? random.word() : draw(random, name);
}

const weights: readonly (readonly [string, number])[] = [
  ["ich_lr", 4],
  ["icc_iar", 10],
  ["icc_eoir", 8],
  ["icc_dir", 5],
  ["ich_hcr", 3],
];

const registers = gicv3SystemRegisters.map(
  (register) => [weights.find(([start]) => register.name.startsWith(start))?.[1] ?? 2, register] as const,
);

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function systemRegister(random: Random): Operation {
  const { name, number, access } = random.weighted(registers);
  const level = name.endsWith("_el1") && random.chance(70) ? 1 : 2;
  // Now and then a direction that does not exist.
  const isRead = random.chance(access === "ro" ? 97 : access === "wo" ? 3 : 45);
  // At EL2 an access that does not exist would end the guest.
  if (level === 2 && access === (isRead ? "wo" : "ro")) return systemRegister(random);
  if (isRead) return { text: `EL${level}: ${name}`, assembly: `get${level} ${registerText(number)}` };
  const value = valueFor(random, name);
  return {
    text: `EL${level}: ${name} = ${hex(value)}`,
    assembly: `put${level} ${registerText(number)}, ${hex(value)}`,
  };
}

function routing(random: Random): Operation {
  const value = EL1_IS_64_BIT | (random.chance(75) ? IMO : 0n) | (random.chance(75) ? FMO : 0n);
  return { text: `hcr_el2 = ${hex(value)}`, assembly: `put2 hcr_el2, ${hex(value)}` };
}

function address(name: string): bigint {
  return deviceNamed(virtArm64.devices(configuration), name).address;
}

interface Window {
  readonly base: bigint;
  readonly spec: DeviceSpec;
  readonly names: readonly string[];
  readonly interrupts: readonly number[];
}

const perInterrupt = ["igroupr", "isenabler", "icenabler", "ispendr", "icpendr", "isactiver", "icactiver", "ipriorityr"]; // prettier-ignore
const redistributor = gicv3Redistributor();
const windows: readonly Window[] = [
  {
    base: address("gic-distributor"),
    spec: gicv3Distributor({ interrupts: 288 }),
    names: ["ctlr", ...perInterrupt, "irouter"],
    interrupts: SHARED,
  },
  ...[0, 1].map((cpu) => ({
    base: address("gic-redistributor") + BigInt(cpu * redistributor.bytes),
    spec: redistributor,
    names: [...perInterrupt, "waker"],
    interrupts: PRIVATE,
  })),
];

/** The register of the window that has this interrupt in it, and its bit there. */
function memoryMapped(random: Random): Operation {
  const { base, spec, names, interrupts } = random.pick(windows);
  const name = random.pick(names);
  const register = spec.registers.find((one) => one.name === name);
  if (register === undefined) throw new Error(`no register ${name}`);
  const interrupt = random.pick(interrupts);
  const first = register.offset === 0 || register.count === 1 ? 0 : spec === redistributor ? 0 : 32;
  const perRegister = register.bytes === 4 ? 32 : 1;
  const index = register.count === 1 ? 0 : Math.floor((interrupt - first) / perRegister);
  const at = hex(base + BigInt(register.offset + index * register.stride));
  const label = `${spec.name} ${name}[${index}]`;
  const size = { 1: "b", 2: "h", 4: "", 8: "d" }[register.bytes];
  if (random.chance(35)) return { text: label, assembly: `load${size} ${at}` };
  const value = storedThere(random, name, interrupt);
  return { text: `${label} = ${hex(value)}`, assembly: `store${size} ${at}, ${hex(value)}` };
}

function storedThere(random: Random, name: string, interrupt: number): bigint {
  if (name === "ctlr") return BigInt(random.chance(85) ? 3 : random.below(4));
  if (name === "irouter") return BigInt(random.pick([0, 0, 1, 2]));
  if (name === "waker") return 2n * BigInt(random.below(2));
  if (name === "ipriorityr") return BigInt(random.pick([0, 0x10, 0x48, 0x50, 0xa0, 0xf8, 0xff]));
  if (name === "igroupr") return bits(random, 32) | (random.chance(50) ? 0xffff_ffffn : 0n);
  return (1n << BigInt(interrupt % 32)) | (random.chance(10) ? bits(random, 32) : 0n);
}

function numberOf(name: string): number {
  const found = gicv3SystemRegisters.find((register) => register.name === name);
  if (found === undefined) throw new Error(`no register ${name}`);
  return found.number;
}

/** What the last interrupt register gave is stored back. */
function give(name: string): Operation {
  return { text: `EL1: ${name} = the interrupt`, assembly: `give1 ${registerText(numberOf(name))}` };
}

function put(name: string, value: bigint): Operation {
  return {
    text: `EL2: ${name} = ${hex(value)}`,
    assembly: `put2 ${registerText(numberOf(name))}, ${hex(value)}`,
  };
}

/** A guest takes interrupts that a hypervisor has listed, and completes them, with something in between. */
function guestRun(random: Random): readonly Operation[] {
  const group = random.below(2);
  const mode = (random.chance(50) ? 1n << 9n : 0n) | (random.chance(30) ? 1n << 4n : 0n);
  const between = (): readonly Operation[] => (random.chance(30) ? [anyOne(random)] : []);
  return [
    ...[0, 1].map((each) => put(`ich_ap${each}r0_el2`, 0n)),
    put("ich_vmcr_el2", 0xf84c_0003n | mode),
    put("ich_hcr_el2", hypervisorControl(random) | BITS.enable),
    { text: "hcr_el2: IMO, FMO", assembly: `put2 hcr_el2, ${hex(EL1_IS_64_BIT | IMO | FMO)}` },
    ...[0, 1, 2, 3].map((index) => put(`ich_lr${index}_el2`, listRegister(random, index))),
    ...Array.from({ length: 1 + random.below(3) }, () => [
      {
        text: `EL1: icc_iar${group}_el1`,
        assembly: `take1 ${registerText(numberOf(`icc_iar${group}_el1`))}`,
      },
      ...between(),
      give(`icc_eoir${random.chance(90) ? group : 1 - group}_el1`),
      ...between(),
      ...(random.chance(70) ? [give("icc_dir_el1")] : []),
    ]).flat(),
  ];
}

function anyOne(random: Random): Operation {
  return random.chance(75) ? systemRegister(random) : memoryMapped(random);
}

/** Everything that can be read at EL2 without effect. */
const dump: readonly Operation[] = gicv3SystemRegisters
  .filter(({ name, access }) => access !== "wo" && !name.startsWith("icc_iar"))
  .map(({ name, number }) => ({ text: `EL2: ${name}`, assembly: `get2 ${registerText(number)}` }));

/** At least `count` operations, begun and now and then interrupted by a look at everything. */
export function drawOperations(random: Random, count: number): readonly Operation[] {
  const operations: Operation[] = [...dump];
  while (operations.length < count) {
    operations.push(
      ...random.weighted<() => readonly Operation[]>([
        [80, () => [anyOne(random)]],
        [4, () => [routing(random)]],
        [4, () => guestRun(random)],
        [1, () => dump],
      ])(),
    );
  }
  return operations;
}
