// `--semihosting` and `--semihosting-config`, in QEMU's words: whether a program may ask the emulator itself.

import { UsageProblem } from "../problems.ts";
import { isOn, onlyProperties, readProperties, type MachineWords } from "./words.ts";

/** What was asked for. */
export interface SemihostingWords {
  readonly atUser: boolean;
  /** The back end's name; null: output goes to this terminal, and nothing can be read. */
  readonly chardev: string | null;
  readonly commandLine: string;
}

/** Null: semihosting is off. */
export function semihostingWords(words: MachineWords): SemihostingWords | null {
  const { semihosting, semihostingConfig: text, kernel = "", append } = words;
  if (!semihosting && text === undefined) return null;
  const option = "--semihosting-config";
  // `arg=` may stand several times, each a word.
  const all = text ?? "enable=on";
  const rest = readProperties(/^(on|off)(,|$)/.test(all) ? `enable=${all}` : all);
  if (rest.name !== "") {
    throw new UsageProblem(`${option} takes on, off or properties like \`enable=on\`, found \`${all}\``);
  }
  onlyProperties(option, rest, ["enable", "target", "chardev", "userspace", "arg"]);
  const target = rest.values.get("target") ?? "auto";
  if (target === "gdb") throw new UsageProblem(`${option}: target=gdb is not there yet; leave it out`);
  if (target !== "native" && target !== "auto") {
    throw new UsageProblem(`${option}: target is native or auto, found \`${target}\``);
  }
  if (!isOn(option, { ...rest, values: new Map([["enable", "on"], ...rest.values]) }, "enable")) return null;
  const given = all.split(/(?<!,),(?!,)/).flatMap((part) => (part.startsWith("arg=") ? [part.slice(4)] : []));
  const line = given.length > 0 ? given.map((part) => part.replaceAll(",,", ",")) : [kernel, append ?? ""];
  return {
    atUser: isOn(option, rest, "userspace"),
    chardev: rest.values.get("chardev") ?? null,
    commandLine: line.filter((part) => part !== "").join(" "),
  };
}
