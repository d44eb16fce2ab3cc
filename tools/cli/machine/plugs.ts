// What `--drive`, `--device`, `--netdev` and their short forms plug into the board's virtio slots.
//
// As on QEMU, a device without `bus=virtio-mmio-bus.N` takes the highest slot that is free.

import { statSync } from "node:fs";
import type { BoardDevice } from "../../../spec/boards/board.ts";
import { VIRTIO_BLOCK } from "../../../spec/devices/virtio.ts";
import type { ByteChannel, ByteInput } from "../../../runtime/devices/byte-channel.ts";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { VirtioConsole } from "../../../runtime/devices/virtio/console.ts";
import { OverlayDisk, type Disk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import type { VirtioFunction } from "../../../runtime/devices/virtio/function.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import { FileDisk, fileImage } from "../../../runtime/host/node-disk.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { hostErrorText } from "../files.ts";
import { FileProblem, UsageProblem } from "../problems.ts";
import { isFlash, isLoader } from "./boot-words.ts";
import { isOn, onlyProperties, readProperties, type MachineWords, type Properties } from "./words.ts";

/** A network card and the words of the cable that it hangs on. */
export interface Card {
  readonly name: string;
  readonly card: VirtioNetwork;
  readonly words: readonly string[];
  /** The far end; set by who plugs the cable in. */
  send: (frame: Uint8Array) => void;
}

/** Everything in the slots. */
export interface Plugs {
  readonly functions: ReadonlyMap<string, VirtioFunction>;
  readonly cards: readonly Card[];
  readonly console: ByteInput | null;
  /** Paths of disk images by slot. */
  readonly images: ReadonlyMap<string, string>;
}

const BUS = /^virtio-mmio-bus\.(\d+)$/;
const DEFAULT_MAC = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56] as const;
const { sectorBytes } = VIRTIO_BLOCK;
const ENTROPY_SEED = 1n;
/** Properties of QEMU's drives that only say how the host goes about it. */
const HOST_ONLY = ["cache", "aio", "discard", "detect-zeroes", "index", "media", "werror", "rerror"];
const SERIAL = "virtio-serial-device";
const PORT = "virtconsole";
/** Devices for buses that the boards have not. */
const PCI = /^(virtio-\w+)-pci(?:-(?:non-)?transitional)?$/;

/** What things are plugged into, and what they are connected to. */
export interface PlugHost {
  readonly slots: readonly BoardDevice[];
  /** This terminal, for a virtio console without ports. */
  readonly channel: ByteChannel;
  /** The host's end of that name. */
  readonly backEnd: (
    option: string,
    id: string,
  ) => { readonly channel: ByteChannel; readonly isTerminal: boolean };
  /** The host refused an access to a disk's image; the guest has been told. */
  readonly onDiskFailure: (failure: Problem) => void;
}

/** Plugs everything in. */
export function plugDevices(words: MachineWords, host: PlugHost): Plugs {
  const plugger = new Plugger(words, host);
  const devices = words.device.map(readProperties);
  for (const [i, properties] of devices.entries()) {
    const isPort = properties.name === PORT && devices.slice(0, i).some(({ name }) => name === SERIAL);
    if (!isLoader(properties) && !isPort) plugger.device(properties, portsBehind(devices.slice(i)));
  }
  for (const text of words.disk) plugger.disk(text);
  plugger.ownDrives();
  if (words.net.length > 0) plugger.card(new Map(), words.net);
  return plugger.plugs();
}

class Plugger {
  private readonly drives: ReadonlyMap<string, Properties>;
  private readonly cables: ReadonlyMap<string, string>;
  private readonly plugged = new Set<string>();
  private readonly isSnapshot: boolean;
  private readonly free: string[];
  private readonly functions = new Map<string, VirtioFunction>();
  private readonly cards: Card[] = [];
  private readonly images = new Map<string, string>();
  private readonly host: PlugHost;
  private console: ByteInput | null = null;

  constructor(words: MachineWords, host: PlugHost) {
    this.free = host.slots.map(({ name }) => name);
    this.host = host;
    this.isSnapshot = words.snapshot;
    const drives = words.drive.filter((text) => !isFlash(readProperties(text)));
    this.drives = uniqueNames(
      "--drive",
      drives.map((text, i) => [driveName(text, i), readProperties(text)]),
    );
    this.cables = uniqueNames(
      "--netdev",
      words.netdev.map((text) => [idOf("--netdev", text), text.replace(/,id=[^,]*/, "")]),
    );
  }

  plugs(): Plugs {
    const { functions, cards, images } = this;
    return { functions, cards, images, console: this.console };
  }

  /** `ports`: the virtio consoles that belong to it. */
  device(properties: Properties, ports: readonly Properties[]): void {
    const kinds: Readonly<Record<string, () => void>> = {
      "virtio-blk-device": () => {
        onlyProperties("virtio-blk-device", properties, ["drive", "bus", "serial", "id"]);
        const name = properties.values.get("drive") ?? "";
        const drive = this.drives.get(name);
        if (drive === undefined) throw missing("virtio-blk-device", "drive", "--drive");
        this.claim("virtio-blk-device", "drive", name);
        this.drive(drive, properties.values);
      },
      "virtio-net-device": () => {
        onlyProperties("virtio-net-device", properties, ["netdev", "bus", "mac", "id"]);
        const name = properties.values.get("netdev") ?? "";
        const cable = this.cables.get(name);
        if (cable === undefined) throw missing("virtio-net-device", "netdev", "--netdev");
        this.claim("virtio-net-device", "netdev", name);
        this.card(properties.values, [cable]);
      },
      "virtio-rng-device": () => {
        onlyProperties("virtio-rng-device", properties, ["bus", "id", "rng"]);
        this.plug(new VirtioEntropy(ENTROPY_SEED), properties.values);
      },
      "virtio-serial-device": () => {
        onlyProperties("virtio-serial-device", properties, ["bus", "id", "max_ports"]);
        this.serial(properties, ports);
      },
      virtconsole: () => {
        throw new UsageProblem("--device virtconsole: it needs a `--device virtio-serial-device` before it");
      },
    };
    const plug = Object.hasOwn(kinds, properties.name) ? kinds[properties.name] : undefined;
    if (plug === undefined) {
      const [, ofPci] = PCI.exec(properties.name) ?? [];
      if (ofPci !== undefined) {
        throw new UsageProblem(
          `--device: the boards have no PCI yet; write \`${ofPci}-device\` for \`${properties.name}\``,
        );
      }
      const all = Object.keys(kinds).join(", ");
      throw new UsageProblem(`--device: there is no \`${properties.name}\`; there are ${all}`);
    }
    plug();
  }

  // One device each: two would each think that it alone changes it.
  private claim(device: string, property: string, name: string): void {
    const claimed = `${property}=${name}`;
    if (this.plugged.has(claimed)) {
      throw new UsageProblem(`--device ${device}: another device has \`${claimed}\` already`);
    }
    this.plugged.add(claimed);
  }

  // Without ports, it has one at this terminal.
  private serial({ values }: Properties, ports: readonly Properties[]): void {
    const ends = ports.map((port) => {
      onlyProperties("virtconsole", port, ["chardev", "bus", "id", "name", "nr"]);
      const id = port.values.get("chardev");
      if (id === undefined) throw new UsageProblem("--device virtconsole needs `chardev=ID`");
      return this.host.backEnd("--device virtconsole", id);
    });
    const all = ends.length === 0 ? [{ channel: this.host.channel, isTerminal: true }] : ends;
    const made = new VirtioConsole(...all.map(({ channel }) => channel));
    const typed = all.findIndex(({ isTerminal }) => isTerminal);
    if (typed >= 0) this.console ??= made.input(typed);
    this.plug(made, values);
  }

  /** `--disk FILE[,snapshot][,readonly]`. */
  disk(text: string): void {
    const { name, values } = readProperties(text);
    if (name === "") throw new UsageProblem(`--disk takes a file first, found \`${text}\``);
    onlyProperties("--disk", { name, values }, ["snapshot", "readonly", "format"]);
    this.drive({ name: "--disk", values: new Map([...values, ["file", name]]) }, new Map());
  }

  /** Drives that are a disk of their own: without a device, and not `if=none`. */
  ownDrives(): void {
    for (const [name, drive] of this.drives) {
      const isOwn = drive.values.get("if") !== "none";
      if (isOwn && !this.plugged.has(`drive=${name}`)) this.drive(drive, new Map());
    }
  }

  card(values: ReadonlyMap<string, string>, words: readonly string[]): void {
    const mac = macAddress(values.get("mac"), this.cards.length);
    // The card is made before its cable: what it sends goes to whatever is plugged in then.
    const card: Card = {
      name: "",
      card: new VirtioNetwork({ mac, send: (frame) => own.made?.send(frame) }),
      words,
      send: () => undefined,
    };
    const own: { made: Card | null } = { made: null };
    own.made = { ...card, name: this.plug(card.card, values) };
    this.cards.push(own.made);
  }

  private drive(drive: Properties, values: ReadonlyMap<string, string>): void {
    const known = ["file", "id", "if", "format", "readonly", "snapshot"];
    onlyProperties("--drive", drive, [...known, ...HOST_ONLY]);
    const bus = drive.values.get("if") ?? "virtio";
    if (bus !== "none" && bus !== "virtio") {
      throw new UsageProblem(`--drive: if is none, virtio or pflash, found \`${bus}\``);
    }
    const format = drive.values.get("format") ?? "raw";
    if (format !== "raw") throw new UsageProblem(`--drive: format is \`raw\`, found \`${format}\``);
    const file = drive.values.get("file");
    if (file === undefined || file === "") throw new UsageProblem("--drive needs `file=PATH`");
    const disk = this.openDisk(file, drive);
    const slot = this.plug(new VirtioBlock({ disk, serial: values.get("serial") ?? "" }), values);
    this.images.set(slot, file);
  }

  private openDisk(file: string, drive: Properties): Disk {
    const { onDiskFailure } = this.host;
    const failed = (error: unknown): void => {
      onDiskFailure(problem("M0136", { path: file, why: hostErrorText(error) }));
    };
    const isOverlay = this.isSnapshot || isOn("--drive", drive, "snapshot");
    const isReadOnly = isOn("--drive", drive, "readonly");
    try {
      const disk = isOverlay
        ? new OverlayDisk(fileImage(file, failed))
        : new FileDisk(file, isReadOnly, failed);
      const bytes = statSync(file).size;
      if (bytes === 0 || bytes % sectorBytes !== 0)
        onDiskFailure(problem("M0137", { path: file, bytes, sectors: disk.sectors }));
      return disk;
    } catch (error) {
      throw new FileProblem(`cannot open the disk image \`${file}\`: ${hostErrorText(error)}`);
    }
  }

  // The name of the slot that it took.
  private plug(plugged: VirtioFunction, values: ReadonlyMap<string, string>): string {
    const bus = values.get("bus");
    const number = bus === undefined ? null : BUS.exec(bus)?.[1];
    if (number === undefined) {
      throw new UsageProblem(`--device: expected \`bus=virtio-mmio-bus.N\`, found \`bus=${bus ?? ""}\``);
    }
    const slot = number === null ? this.free.at(-1) : this.free.find((name) => name === `virtio${number}`);
    if (slot === undefined) {
      throw new UsageProblem(
        number === null
          ? "--device: every virtio slot is taken"
          : `--device: virtio slot ${number} is taken or does not exist`,
      );
    }
    this.free.splice(this.free.indexOf(slot), 1);
    this.functions.set(slot, plugged);
    return slot;
  }
}

// The ports of the first device in the list: those before the next virtio-serial-device.
function portsBehind([first, ...rest]: readonly Properties[]): readonly Properties[] {
  if (first?.name !== SERIAL) return [];
  const end = rest.findIndex(({ name }) => name === SERIAL);
  return rest.slice(0, end < 0 ? rest.length : end).filter(({ name }) => name === PORT);
}

function uniqueNames<T>(option: string, named: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const [name, value] of named) {
    if (map.has(name)) throw new UsageProblem(`${option}: there are two with the name \`${name}\``);
    map.set(name, value);
  }
  return map;
}

// Who has no name cannot be asked for.
function driveName(text: string, index: number): string {
  const { values } = readProperties(text);
  return values.get("if") === "none" ? idOf("--drive", text) : (values.get("id") ?? `#${String(index)}`);
}

function idOf(option: string, text: string): string {
  const id = readProperties(text).values.get("id");
  if (id === undefined)
    throw new UsageProblem(`${option} needs \`id=NAME\`, by which a \`--device\` finds it`);
  return id;
}

function missing(device: string, property: string, option: string): UsageProblem {
  return new UsageProblem(
    `--device ${device}: \`${property}=\` names no ${option}; give \`${option} ...,id=NAME\``,
  );
}

function macAddress(text: string | undefined, index: number): Uint8Array {
  if (text === undefined) return Uint8Array.from(DEFAULT_MAC, (byte, i) => (i === 5 ? byte + index : byte));
  const parts = text.split(":");
  if (parts.length === 6 && parts.every((part) => /^[0-9a-f]{2}$/i.test(part))) {
    return Uint8Array.from(parts, (part) => parseInt(part, 16));
  }
  throw new UsageProblem(`--device: expected a MAC address like 52:54:00:12:34:56, found \`${text}\``);
}
