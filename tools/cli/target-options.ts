// The options of commands that compile: from words on the command line to CompileOptions.

import { defaultOptions, type CompileOptions, type OsName, type TargetName } from "../../compiler/options.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { NotYet, UsageProblem } from "./problems.ts";
import type { SourceOptions } from "./front-end.ts";

/** Options that `targetOptions` of main.ts declares. */
export interface TargetWords extends SourceOptions {
  readonly target: TargetName;
  readonly os: OsName;
  readonly march?: string;
  readonly O: string;
  readonly heap: string;
  readonly stack: string;
  readonly check: boolean;
}

const MIN_STACK_BYTES = 256;
const MAX_BYTES = 2 ** 40;

/** Throws UsageProblem or NotYet. */
export function compileOptions(words: TargetWords): CompileOptions {
  if (words.target === "wasm32") refuseMachineWords(words);
  if (words.os === "microkit") throw new NotYet("`--os microkit` is not there yet; `linux` and `none` are");
  return {
    ...defaultOptions,
    target: words.target,
    os: words.os,
    extensions: words.march === undefined ? [] : extensionsOf[words.target](words.march),
    optimise: optimisation(words.O),
    heapBytes: byteCount("--heap", words.heap, 0),
    stackBytes: byteCount("--stack", words.stack, MIN_STACK_BYTES),
  };
}

function refuseMachineWords({ os, stack }: TargetWords): void {
  if (os !== "linux") {
    throw new UsageProblem(
      `\`--os ${os}\` is for machines: a WebAssembly module runs where its host shim does`,
    );
  }
  if (byteCount("--stack", stack, MIN_STACK_BYTES) !== defaultOptions.stackBytes) {
    throw new UsageProblem(
      "`--stack` is for machines: leave it out, the stack of a WebAssembly module is its engine's (Node: `node --stack-size`)",
    );
  }
}

/** A whole number of bytes, decimal or `0x`, with an optional K, M or G. */
export function byteCount(option: string, text: string, least: number): number {
  const match = /^(0x[0-9a-f]+|\d+)([kmg]?)$/i.exec(text);
  const scale = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[match?.[2]?.toLowerCase() ?? ""] ?? 1;
  const value = match === null ? NaN : Number(match[1]) * scale;
  if (Number.isNaN(value) || value < least || value > MAX_BYTES) {
    throw new UsageProblem(
      `${option} takes a number of bytes from ${String(least)} to ${String(MAX_BYTES)}, found \`${text}\``,
    );
  }
  return value;
}

function optimisation(text: string): 0 | 1 | 2 {
  const level = { "0": 0, "1": 1, "2": 2 }[text];
  if (level === 0 || level === 1 || level === 2) return level;
  throw new UsageProblem(`-O takes 0, 1 or 2, found \`${text}\``);
}

/** What `--march` says for each target: extensions beyond the base. */
const extensionsOf: Readonly<Record<TargetName, (march: string) => readonly string[]>> = {
  riscv64: riscv64Extensions,
  arm64: arm64Extensions,
  wasm32: () => {
    throw new UsageProblem("`--march` is for machines: WebAssembly has no extensions to choose from");
  },
};

function arm64Extensions(march: string): readonly string[] {
  if (march.toLowerCase() === "armv8-a") return [];
  throw new UsageProblem(`--march is \`armv8-a\` for arm64, found \`${march}\``);
}

/** `rv64imac_zba_zbb` → zba, zbb. */
function riscv64Extensions(march: string): readonly string[] {
  const [base = "", ...extra] = march.toLowerCase().split("_");
  if (base !== "rv64imac" && base !== "rv64ima") {
    throw new UsageProblem(`--march starts with \`rv64imac\`, found \`${march}\``);
  }
  const known = riscv64.groups
    .map((group) => group.name.toLowerCase())
    .filter((name) => name.startsWith("z"));
  const unknown = extra.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageProblem(`--march does not know \`${unknown.join("`, `")}\`; known: ${known.join(", ")}`);
  }
  return extra;
}
