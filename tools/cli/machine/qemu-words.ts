// QEMU's words with one dash, as scripts have them, turned into ours; those that we have not are refused with what to do.
// Relies on nothing but the names of our options. A table: adding a word means adding a row. docs: M0210.

import { problem, type Problem } from "../../../runtime/problem.ts";

/** What becomes of a word of QEMU. */
type Meaning =
  /** Our option, with the value if it takes one. */
  | { readonly kind: "option"; readonly to: string; readonly takesValue: boolean }
  /** Several of our words. */
  | { readonly kind: "words"; readonly takesValue: boolean; readonly make: (value: string, index: number) => readonly string[] }
  /** What it asks for is so anyway, for these values (null: for any); others are refused. */
  | { readonly kind: "given"; readonly takesValue: boolean; readonly values: RegExp | null; readonly note?: string; readonly instead: string }
  | { readonly kind: "refused"; readonly takesValue: boolean; readonly why: string; readonly instead: string }; // prettier-ignore

const value = (to: string): Meaning => ({ kind: "option", to, takesValue: true });
const flag = (to: string): Meaning => ({ kind: "option", to, takesValue: false });
const given = (values: RegExp | null, instead = "leave it out", note?: string): Meaning => ({
  kind: "given",
  takesValue: true,
  values,
  instead,
  ...(note === undefined ? {} : { note }),
});
const assumed: Meaning = { kind: "given", takesValue: false, values: null, instead: "" };
const refused = (why: string, instead: string, takesValue = true): Meaning => ({
  kind: "refused",
  takesValue,
  why,
  instead,
});

const NO_DISPLAY = "the boards have no display";
const ALONE = "the run belongs to this terminal";
const NONE = /^(none|null)$/;

const meanings: Readonly<Record<string, Meaning>> = {
  ...Object.fromEntries(
    ["machine", "kernel", "bios", "initrd", "append", "dtb", "smp", "drive", "device", "netdev", "global", "chardev", "serial", "semihosting-config", "gdb", "cpu"].map((name) => [name, value(`--${name}`)]), // prettier-ignore
  ),
  "M": value("--machine"),
  "m": value("--memory"),
  "fw_cfg": value("--fw-cfg"),
  "hda": value("--disk"),
  "no-reboot": flag("--no-reboot"),
  "semihosting": flag("--semihosting"),
  "snapshot": flag("--snapshot"),
  "S": flag("--wait"),
  "s": { kind: "words", takesValue: false, make: () => ["--gdb", "1234"] },
  "pflash": { kind: "words", takesValue: true, make: (file) => ["--drive", `if=pflash,format=raw,file=${file}`] },
  "nic": { kind: "words", takesValue: true, make: nic },
  "net": { kind: "words", takesValue: true, make: net },
  "nographic": assumed,
  "nodefaults": assumed,
  "no-user-config": assumed,
  "no-acpi": assumed,
  "name": given(null),
  "uuid": given(null),
  "display": given(NONE, "leave it out: " + NO_DISPLAY),
  "vga": given(NONE, "leave it out: " + NO_DISPLAY),
  "monitor": given(NONE, "leave it out: there is no monitor; `--gdb` looks into the machine, control-A s saves it"),
  "qmp": given(NONE, "leave it out: there is no monitor"),
  "parallel": given(NONE),
  "audio": given(/^(none|driver=none)\b/),
  "accel": given(/^tcg(,|$)/, "leave it out: guests of another ISA are always emulated"),
  "icount": given(null, "", "virtual time always counts instructions, 10 ns each; `-icount` changes nothing"),
  "object": given(/^rng-(random|builtin|egd)\b/, "leave it out", "random bytes come from a seeded generator, so that a run can be repeated"),
  "rtc": given(/^(base=(utc|localtime)|clock=\w+|driftfix=\w+)(,|$)/, "leave it out", "the guest's clock begins at 2026-01-01T00:00:00Z, so that a run can be repeated"),
  "d": refused("there is no log of that kind", "write `--trace instructions,exceptions,interrupts,mmio,virtqueues`"),
  "D": refused("there is no log of that kind", "write `--trace KINDS,file=PATH`"),
  "dfilter": refused("there is no log of that kind", "write `--trace KINDS`"),
  "trace": refused("its events are QEMU's own", "write `--trace KINDS` with two dashes"),
  "enable-kvm": refused("guests are always emulated", "leave it out", false),
  "daemonize": refused(ALONE, "let the shell run it in the background: `pancake machine ... &`", false),
  "pidfile": refused(ALONE, "leave it out"),
  "loadvm": refused("snapshots are files of their own", "write `--restore FILE`"),
  "incoming": refused("machines do not migrate", "save on one host with `--save FILE`, go on with `--restore FILE`"),
  "boot": refused("the boards have no boot menu", "say what to run with `--kernel` or `--bios`"),
  "blockdev": refused("block nodes are not there yet", "write `--drive if=none,file=PATH,id=ID`"),
  "cdrom": refused("there is no CD drive", "write `--disk FILE,readonly`"),
  "sd": refused("there is no card reader", "write `--disk FILE`"),
  "mon": refused("there is no monitor", "leave it out"),
  "vnc": refused(NO_DISPLAY, "leave it out"),
  "spice": refused(NO_DISPLAY, "leave it out"),
  "usb": refused("there is no USB", "leave it out", false),
  "usbdevice": refused("there is no USB", "leave it out"),
  "virtfs": refused("shared folders are not there yet", "put the files into a disk image"),
  "fsdev": refused("shared folders are not there yet", "put the files into a disk image"),
  "watchdog-action": refused("there is no watchdog yet", "leave it out"),
  "action": refused("what ends a run cannot be changed yet", "write `--no-reboot` to end at a reset"),
  "no-shutdown": refused("a machine that is switched off is gone", "leave it out", false),
  "readconfig": refused("configuration files are not there yet", "write the options"),
  "plugin": refused("there are no plugins", "write `--trace instructions`"),
}; // prettier-ignore

/** Words of ours, what is to be said about them, and the mistake if there is one. */
export interface Translation {
  readonly words: readonly string[];
  readonly notes: readonly string[];
  readonly refused: Problem | null;
}

/** An option as commander knows it. */
interface OwnOption {
  readonly short?: string | undefined;
  readonly long?: string | null | undefined;
  readonly required: boolean;
}

/** Turns QEMU's words into ours; ours stay, with their values. */
export function fromQemu(given: readonly string[], own: readonly OwnOption[]): Translation {
  const words: string[] = [];
  const notes: string[] = [];
  const taking = new Set(own.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]));
  const known = new Set(own.flatMap(({ short, long }) => [short, long]));
  for (let i = 0; i < given.length; i += 1) {
    const word = given[i] ?? "";
    const meaning = meaningOf(word, known);
    if (meaning === null) {
      words.push(word);
      if (taking.has(word) && i + 1 < given.length) words.push(given[(i += 1)] ?? "");
      continue;
    }
    const text = meaning.takesValue ? given[(i += 1)] : "";
    const missing = text === undefined ? `${word} needs a value` : null;
    if (missing !== null)
      return { words, notes, refused: problem("M0210", { word, why: missing, instead: "give one" }) };
    const translated = translate(word, meaning, text ?? "", i);
    if ("code" in translated) return { words, notes, refused: translated };
    words.push(...translated.words);
    notes.push(...translated.notes);
  }
  return { words, notes, refused: null };
}

// Two dashes mean ours if we have the option.
function meaningOf(word: string, known: ReadonlySet<string | null | undefined>): Meaning | null {
  const [, name] = /^--?([A-Za-z][\w-]*)$/.exec(word) ?? [];
  if (name === undefined || !Object.hasOwn(meanings, name)) return null;
  return known.has(word) ? null : (meanings[name] ?? null);
}

function translate(
  word: string,
  meaning: Meaning,
  text: string,
  index: number,
): { readonly words: readonly string[]; readonly notes: readonly string[] } | Problem {
  switch (meaning.kind) {
    case "option":
      return { words: meaning.takesValue ? [meaning.to, text] : [meaning.to], notes: [] };
    case "words":
      return { words: meaning.make(text, index), notes: [] };
    case "refused":
      return problem("M0210", { word, why: meaning.why, instead: meaning.instead });
    case "given": {
      const isGiven = meaning.values === null || meaning.values.test(text);
      if (isGiven) return { words: [], notes: meaning.note === undefined ? [] : [meaning.note] };
      return problem("M0210", {
        word: `${word} ${text}`,
        why: "that is not there",
        instead: meaning.instead,
      });
    }
  }
}

// A card and its cable in one.
function nic(text: string, index: number): readonly string[] {
  const [kind = "", ...rest] = text.split(",");
  if (kind === "none") return [];
  const id = `nic${String(index)}`;
  const own = rest.filter((part) => part.startsWith("mac="));
  const cable = rest.filter((part) => !/^(mac|model|id)=/.test(part));
  return ["--netdev", [kind, ...cable, `id=${id}`].join(","), "--device", ["virtio-net-device", `netdev=${id}`, ...own].join(",")]; // prettier-ignore
}

// The old words: `-net nic` is the card that `-net user` brings with it here.
function net(text: string): readonly string[] {
  return /^(nic|none)\b/.test(text) ? [] : ["--net", text];
}
