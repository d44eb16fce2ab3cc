// What a run depends on besides its input: for recordings and snapshots, which fit one machine only.
// Paths do not count, contents do: files may lie elsewhere on another host.

import { createHash } from "node:crypto";
import type { BootFiles, FlashContents } from "../../../runtime/boards/boot-plan.ts";
import type { MachineIdentity } from "../../../runtime/boards/snapshot-file.ts";
import { semihostingWords } from "./semihosting-words.ts";
import { propertyText, readProperties, type BoardChoice, type MachineWords } from "./words.ts";

/** The options by their names, files by their fingerprints. Of the network, only cards count: cables are the host's. */
export function machineIdentity(words: MachineWords, choice: BoardChoice, files: BootFiles): MachineIdentity {
  const { board, harts, memoryBytes } = choice;
  const { values } = readProperties(words.machine);
  const { flash = new Map<string, FlashContents>(), loaders = [], firmwareFiles = [] } = files;
  const contents = [
    ...[...flash].map(([bank, { image }]) => [bank, contentsOf(image)] as const),
    ...loaders.map(
      ({ bytes }, i) => [`image ${String(i + 1)} of --device loader`, contentsOf(bytes)] as const,
    ),
    ...firmwareFiles.map(({ name, data }) => [`--fw-cfg ${name}`, contentsOf(data)] as const),
  ];
  const lists = {
    "--drive": words.drive.map(withoutPath),
    "--disk": words.disk.map((text) => ["disk", ...text.split(",").slice(1)].join(",")),
    "--device": words.device.map(withoutPath),
    "--global": words.global,
  };
  return {
    "--machine": propertyText({ name: board.name, values }),
    "--smp": String(harts),
    "--memory": `${String(memoryBytes >> 20n)}M`,
    "--append": words.append ?? "",
    "--kernel": contentsOf(files.kernel),
    "--bios": files.bios === "none" ? "none" : contentsOf(files.bios),
    "--initrd": contentsOf(files.initrd),
    "--dtb": contentsOf(files.deviceTree ?? null),
    ...Object.fromEntries(contents),
    ...Object.fromEntries(
      Object.entries(lists).flatMap(([option, list]) =>
        list.map((text, i) => [`${option} ${String(i + 1)}`, text] as const),
      ),
    ),
    "--semihosting": semihostingText(words),
    "--snapshot": String(words.snapshot),
    "--net": words.net.length === 0 ? "none" : "a card",
  };
}

/** One fingerprint of it all. */
export function identityDigest(identity: MachineIdentity): string {
  return createHash("sha256").update(JSON.stringify(identity)).digest("hex");
}

function semihostingText(words: MachineWords): string {
  const asked = semihostingWords(words);
  if (asked === null) return "off";
  const { commandLine, atUser, chardev } = asked;
  return propertyText({
    name: "on",
    values: new Map([
      ["line", commandLine],
      ["userspace", String(atUser)],
      ["input", String(chardev !== null)],
    ]),
  });
}

function withoutPath(text: string): string {
  const { name, values } = readProperties(text);
  return propertyText({ name, values: new Map([...values].filter(([key]) => key !== "file")) });
}

function contentsOf(bytes: Uint8Array | null): string {
  return bytes === null ? "none" : `a file with SHA-256 ${createHash("sha256").update(bytes).digest("hex")}`;
}
