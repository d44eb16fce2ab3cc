// What the words of `pancake machine` mean: a board, its size, and what is plugged in. QEMU's words where they exist.
// Relies on commander for the syntax of options. Mistakes are UsageProblems that say what was expected.

import { boardNamed } from "../../../runtime/boards/boards.ts";
import type { Board, BoardName } from "../../../spec/boards/board.ts";
import { UsageProblem } from "../problems.ts";

/** The options as commander gives them. */
export interface MachineWords {
  readonly machine: string;
  readonly kernel?: string;
  readonly bios?: string;
  readonly initrd?: string;
  readonly append?: string;
  readonly dtb?: string;
  readonly cpu?: string;
  readonly smp: string;
  readonly memory: string;
  readonly drive: readonly string[];
  readonly disk: readonly string[];
  readonly device: readonly string[];
  readonly netdev: readonly string[];
  readonly net: readonly string[];
  readonly global: readonly string[];
  readonly record?: string;
  readonly replay?: string;
  readonly save?: string;
  readonly restore?: string;
  readonly stopAt?: string;
  readonly until?: string;
  readonly timeout?: string;
  readonly exitOn?: string;
  readonly idle: "auto" | "sleep" | "skip";
  readonly reboot: boolean;
  readonly stats: boolean;
  readonly executor: "fast" | "reference";
  readonly gdb?: string;
  readonly wait: boolean;
  readonly trace?: string;
  readonly chardev: readonly string[];
  readonly fwCfg: readonly string[];
  readonly snapshot: boolean;
  readonly serial?: string;
  readonly semihosting: boolean;
  readonly semihostingConfig?: string;
}

/** `name,key=value,flag` split up; a comma inside of a value is written twice. */
export interface Properties {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Splits what QEMU calls a property list; options whose first word is a property too have no name. */
export function readProperties(text: string): Properties {
  const parts = text.split(/(?<!,),(?!,)/).map((part) => part.replaceAll(",,", ","));
  const named = parts[0]?.includes("=") === true ? [] : parts.splice(0, 1);
  const values = new Map(
    parts.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [part, "on"] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  return { name: named[0] ?? "", values };
}

/** The same as one text. */
export function propertyText({ name, values }: Properties): string {
  const parts = [...values].map(([key, value]) => `${key}=${value.replaceAll(",", ",,")}`);
  return [...(name === "" ? [] : [name]), ...parts].join(",");
}

/** Refuses properties that nobody reads. */
export function onlyProperties(option: string, { values }: Properties, known: readonly string[]): void {
  for (const key of values.keys()) {
    if (!known.includes(key)) {
      throw new UsageProblem(`${option} has no property \`${key}\`; there are ${known.join(", ")}`);
    }
  }
}

/** A property that is on or off. */
export function isOn(option: string, { values }: Properties, key: string): boolean {
  const text = values.get(key) ?? "off";
  if (text === "on" || text === "off") return text === "on";
  throw new UsageProblem(`${option}: expected \`${key}=on\` or \`${key}=off\`, found \`${key}=${text}\``);
}

/** The board and what of its configuration the words decide. */
export interface BoardChoice {
  readonly board: Board;
  readonly harts: number;
  readonly memoryBytes: bigint;
  readonly hasHypervisor: boolean;
  readonly gicVersion: 2 | 3;
  /** What the user should know about it though it is no mistake. */
  readonly notes: readonly string[];
}

const MIB = 2 ** 20;
const UNIT_BYTES: Readonly<Record<string, number>> = { k: 2 ** 10, m: MIB, g: 2 ** 30 };

/** What QEMU calls a board's cores, and others whose programs they run as a rule. */
interface Cores {
  readonly own: string;
  readonly alike: readonly string[];
}

const CORES: Readonly<Record<BoardName, Cores>> = {
  "virt-arm64": { own: "cortex-a53", alike: ["cortex-a35", "cortex-a57", "cortex-a72"] },
  "virt-riscv64": { own: "rv64", alike: ["sifive-u54"] },
};
/** QEMU's core with all that it can do: of either ISA. */
const EVERYTHING = "max";

/** Properties of QEMU's boards with the values that ours always have. */
const FIXED: Readonly<Record<string, string>> = {
  accel: "tcg",
  acpi: "off",
  aclint: "off",
  mte: "off",
  secure: "off",
  usb: "off",
};
/** Properties whose values make no difference here: nothing of ours lies where they would put it. */
const INDIFFERENT = ["highmem"];

/** `--machine`, `--cpu`, `--smp` and `--memory`. */
export function boardChoice(words: MachineWords): BoardChoice {
  const properties = readProperties(words.machine);
  const board = chosenBoard(properties.name, words.cpu);
  const { own: core, alike } = CORES[board.name];
  const cpu = words.cpu ?? core;
  if (![core, EVERYTHING, ...alike].includes(cpu)) {
    throw new UsageProblem(
      `--cpu: the cores of ${board.name} are \`${core}\`, found \`${cpu}\`; leave it out`,
    );
  }
  const own = board.isa === "arm64" ? ["virtualization", "gic-version"] : [];
  onlyProperties("--machine", properties, [...own, ...Object.keys(FIXED), ...INDIFFERENT]);
  for (const [key, only] of Object.entries(FIXED)) {
    const found = properties.values.get(key) ?? only;
    if (found !== only) {
      throw new UsageProblem(`--machine: ${key} is always \`${only}\` here, found \`${found}\``);
    }
  }
  const gic = properties.values.get("gic-version") ?? "2";
  if (gic !== "2" && gic !== "3")
    throw new UsageProblem(`--machine: gic-version is 2 or 3, found \`${gic}\``);
  return {
    board,
    harts: hartCount(words.smp, board),
    memoryBytes: memorySize(words.memory, board),
    hasHypervisor: isOn("--machine", properties, "virtualization"),
    gicVersion: gic === "3" ? 3 : 2,
    notes: cpu === core ? [] : [`the cores of ${board.name} are \`${core}\`, which stand in for \`${cpu}\``],
  };
}

// QEMU's name alone is enough if the core says whose board it is.
function chosenBoard(name: string, cpu = ""): Board {
  const ofCpu = Object.entries(CORES).find(([, { own, alike }]) => own === cpu || alike.includes(cpu))?.[0];
  const board = boardNamed(name === "virt" && ofCpu !== undefined ? ofCpu : name);
  if (board !== null) return board;
  throw new UsageProblem(
    name === "virt"
      ? "--machine: two boards are called `virt`; write `-M virt-riscv64` for the one of qemu-system-riscv64, `-M virt-arm64` for the one of qemu-system-aarch64"
      : `--machine takes virt-riscv64 or virt-arm64, found \`${name}\``,
  );
}

const TOPOLOGY = ["sockets", "clusters", "cores", "threads"];

// As in QEMU: a number, or `cpus=`, with a topology that has as many.
function hartCount(text: string, { maxHarts }: Board): number {
  const properties = readProperties(/^\d/.test(text) ? `cpus=${text}` : text);
  onlyProperties("--smp", properties, ["cpus", "maxcpus", ...TOPOLOGY]);
  const part = (key: string): number | null => {
    const value = properties.values.get(key);
    return value === undefined ? null : /^\d+$/.test(value) ? Number(value) : NaN;
  };
  const product = TOPOLOGY.reduce((all, key) => all * (part(key) ?? 1), 1);
  const count = part("cpus") ?? product;
  if (properties.name !== "" || !Number.isInteger(count) || count < 1 || count > maxHarts) {
    throw new UsageProblem(`--smp takes 1 to ${String(maxHarts)} harts, found \`${text}\``);
  }
  const isWhole = TOPOLOGY.some((key) => part(key) === null) || product === count;
  if (isWhole && count % product === 0 && (part("maxcpus") ?? count) === count) return count;
  throw new UsageProblem(`--smp: ${String(count)} harts do not make up this topology: \`${text}\``);
}

// As in QEMU, a number without a unit counts MiB.
function memorySize(given: string, { memory }: Board): bigint {
  const text = given.replace(/^size=/, "");
  const [, digits = "", unit = "m"] = /^(0x[0-9a-f]+|\d+)([kmg])?$/i.exec(text) ?? [];
  const bytes = digits === "" ? NaN : Number(digits) * (UNIT_BYTES[unit.toLowerCase()] ?? MIB);
  const most = Number(memory.maxBytes) / MIB;
  if (bytes % MIB === 0 && bytes >= MIB && bytes <= most * MIB) return BigInt(bytes);
  throw new UsageProblem(`--memory takes whole MiB from 1M to ${String(most)}M, found \`${given}\``);
}

/** Seconds of `--timeout` in milliseconds; null: none. */
export function timeoutMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (seconds > 0 && Number.isFinite(seconds)) return seconds * 1000;
  throw new UsageProblem(`--timeout takes a number of seconds, found \`${text}\``);
}

/** Where a run is to end: an instant of virtual time, or a number of instructions that all harts have retired. */
export type StopPoint =
  { readonly kind: "time"; readonly ns: bigint } | { readonly kind: "instructions"; readonly count: bigint };

const NS_PER_UNIT: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** `--stop-at`: `2000000`, or `1500ms`, `1.5s`, `40us`, `100ns`; null: nowhere. */
export function stopPoint(text: string | undefined): StopPoint | null {
  if (text === undefined) return null;
  if (/^\d{1,18}$/.test(text)) return { kind: "instructions", count: BigInt(text) };
  const [, number = "", unit = ""] = /^(\d{1,12}(?:\.\d{1,9})?)(ns|us|ms|s)$/.exec(text) ?? [];
  const scale = NS_PER_UNIT[unit];
  if (scale !== undefined) return { kind: "time", ns: BigInt(Math.round(Number(number) * scale)) };
  throw new UsageProblem(
    `--stop-at takes a number of instructions or a virtual time like \`1500ms\`, found \`${text}\``,
  );
}
