// Files that a run writes must not be files that it reads: a kernel is not lost to a slip of `--record`.
// Relies on the words only; the same file under two names counts as one.

import { fileIdentity } from "../files.ts";
import { UsageProblem } from "../problems.ts";
import { isFlash } from "./boot-words.ts";
import { readProperties, type MachineWords } from "./words.ts";

/** read: as it is. disk: read and changed. write: made anew. */
type Use = "read" | "disk" | "write";

interface UsedFile {
  readonly option: string;
  readonly path: string;
  readonly use: Use;
}

/** Throws UsageProblem if a file would be overwritten that the run needs, or if two of its parts would write to one. */
export function refuseSharedFiles(words: MachineWords): void {
  const found = new Map<string, UsedFile>();
  for (const file of usedFiles(words)) {
    const identity = fileIdentity(file.path);
    const earlier = identity === null ? undefined : found.get(identity);
    if (identity !== null && earlier === undefined) found.set(identity, file);
    if (earlier === undefined || mayShare(earlier, file)) continue;
    const [first, second] = [earlier.option, file.option];
    throw new UsageProblem(
      `\`${first}\` and \`${second}\` name the same file, \`${file.path}\`, and would destroy it: give one of them another`,
    );
  }
}

// A snapshot is read before it is written again; a disk changes in place, so that only two of them disturb each other.
function mayShare(one: UsedFile, other: UsedFile): boolean {
  const options = [one.option, other.option];
  const isSnapshot = options.includes("--restore") && options.includes("--save");
  const uses = [one.use, other.use];
  return isSnapshot || (!uses.includes("write") && uses.includes("read"));
}

function usedFiles(words: MachineWords): readonly UsedFile[] {
  const { kernel, bios, initrd, dtb, replay, restore, record, save } = words;
  const plain = (option: string, path: string | undefined, use: Use): readonly UsedFile[] =>
    path === undefined ? [] : [{ option, path, use }];
  const property = (option: string, texts: readonly string[], key: string, use: Use): readonly UsedFile[] =>
    texts.flatMap((text) => plain(option, readProperties(text).values.get(key), use));
  const packets = [...words.net, ...words.netdev];
  const isReplay = (text: string): boolean => text.startsWith("replay,");
  return [
    ...plain("--kernel", kernel, "read"),
    ...plain("--bios", bios === "none" ? undefined : bios, "read"),
    ...plain("--initrd", initrd, "read"),
    ...plain("--dtb", dtb, "read"),
    ...property("--device loader", words.device, "file", "read"),
    ...property("--fw-cfg", words.fwCfg, "file", "read"),
    ...property("--net replay", packets.filter(isReplay), "file", "read"),
    ...diskFiles(words),
    ...plain("--replay", replay, "read"),
    ...plain("--restore", restore, "read"),
    ...plain("--record", record, "write"),
    ...plain("--save", save, "write"),
    ...property("--trace", words.trace === undefined ? [] : [words.trace], "file", "write"),
    ...property("--chardev", words.chardev, "path", "write"),
    ...plain("--serial", /^(?:mon:)?file:(.+)$/.exec(words.serial ?? "")?.[1], "write"),
    ...property(
      "--net pcap",
      packets.filter((text) => !isReplay(text)),
      "file",
      "write",
    ),
  ];
}

function diskFiles({ drive, disk, snapshot }: MachineWords): readonly UsedFile[] {
  const use = (values: ReadonlyMap<string, string>): Use =>
    snapshot || values.get("snapshot") === "on" || values.get("readonly") === "on" ? "read" : "disk";
  return [
    ...drive.map(readProperties).map((properties) => ({
      option: isFlash(properties) ? "--drive if=pflash" : "--drive",
      path: properties.values.get("file") ?? "",
      use: isFlash(properties) ? "read" : use(properties.values),
    })),
    ...disk
      .map(readProperties)
      .map(({ name, values }) => ({ option: "--disk", path: name, use: use(values) })),
  ];
}
