// Files that are in the machine before the first instruction: kernel, firmware, flash banks, further images, fw_cfg.

import type { BootFiles, FlashContents } from "../../../runtime/boards/boot-plan.ts";
import type { LoaderImage } from "../../../runtime/boards/loaders.ts";
import type { FwCfgFile } from "../../../runtime/devices/fw-cfg.ts";
import { FW_CFG_NAME_BYTES } from "../../../spec/devices/fw-cfg.ts";
import { readBytes } from "../files.ts";
import { UsageProblem } from "../problems.ts";
import { isOn, onlyProperties, readProperties, type MachineWords, type Properties } from "./words.ts";

/** A flash bank whose contents go back to its file when the run ends. */
export interface FlashFile {
  readonly bank: string;
  readonly path: string;
}

const BANKS = 2;
const LOADER = "loader";
const PFLASH = "pflash";
const MAX_DATA_BYTES = 8;

/** Reads them all. `harts`: how many there are to start. */
export function bootFiles(words: MachineWords, harts: number): BootFiles {
  const { kernel, bios, initrd, dtb } = words;
  const loaders = words.device.map(readProperties).filter(isLoader);
  const flash = new Map(flashDrives(words).map(({ bank, drive }) => [bank, flashContents(drive)]));
  if (
    kernel === undefined &&
    (bios === undefined || bios === "none") &&
    loaders.length === 0 &&
    flash.size === 0
  ) {
    throw new UsageProblem("there is nothing to run: give `--kernel FILE` or `--bios FILE`");
  }
  if (bios !== undefined && bios !== "none" && flash.has("flash0")) {
    throw new UsageProblem(
      "`--bios` and the first flash bank (`--drive if=pflash`) are one thing: give one of them",
    );
  }
  return {
    kernel: kernel === undefined ? null : readBytes(kernel, "--kernel"),
    bios: bios === undefined ? null : bios === "none" ? "none" : readBytes(bios, "--bios"),
    initrd: initrd === undefined ? null : readBytes(initrd, "--initrd"),
    deviceTree: dtb === undefined ? null : readBytes(dtb, "--dtb"),
    loaders: loaders.map((properties) => loaderImage(properties, harts)),
    flash,
    firmwareFiles: firmwareFiles(words),
  };
}

/** True for words of `--device` that plug nothing in. */
export function isLoader({ name }: Properties): boolean {
  return name === LOADER;
}

/** True for words of `--drive` that are flash banks. */
export function isFlash({ values }: Properties): boolean {
  return values.get("if") === PFLASH;
}

/** Banks that the guest may change for good. */
export function flashFiles(words: MachineWords): readonly FlashFile[] {
  return flashDrives(words).flatMap(({ bank, drive }) => {
    const isKept = words.snapshot || isOn("--drive", drive, "snapshot") || isOn("--drive", drive, "readonly");
    return isKept ? [] : [{ bank, path: fileOf("--drive", drive) }];
  });
}

// Without a number, each takes the next bank.
function flashDrives({
  drive: drives,
}: MachineWords): readonly { readonly bank: string; readonly drive: Properties }[] {
  const taken = new Set<number>();
  return drives
    .map(readProperties)
    .filter(isFlash)
    .map((drive) => {
      onlyProperties("--drive if=pflash", drive, [
        "if",
        "file",
        "format",
        "readonly",
        "snapshot",
        "unit",
        "id",
      ]);
      const free = [...Array(BANKS).keys()].find((bank) => !taken.has(bank));
      const unit = drive.values.get("unit");
      const bank = unit === undefined ? free : Number(unit);
      if (bank === undefined || !Number.isInteger(bank) || bank < 0 || bank >= BANKS || taken.has(bank)) {
        throw new UsageProblem(
          `--drive if=pflash: the boards have flash banks 0 and 1, each once; found \`unit=${unit ?? "2"}\``,
        );
      }
      taken.add(bank);
      return { bank: `flash${String(bank)}`, drive };
    });
}

function flashContents(drive: Properties): FlashContents {
  const format = drive.values.get("format") ?? "raw";
  if (format !== "raw") throw new UsageProblem(`--drive: format is \`raw\`, found \`${format}\``);
  return {
    image: readBytes(fileOf("--drive", drive), "--drive if=pflash"),
    isReadOnly: isOn("--drive", drive, "readonly"),
  };
}

function fileOf(option: string, { values }: Properties): string {
  const file = values.get("file");
  if (file === undefined || file === "") throw new UsageProblem(`${option} needs \`file=PATH\``);
  return file;
}

function loaderImage(properties: Properties, harts: number): LoaderImage {
  const option = "--device loader";
  const { values } = properties;
  onlyProperties(option, properties, ["file", "addr", "data", "data-len", "data-be", "cpu-num", "force-raw"]);
  const hart = numberOf(option, properties, "cpu-num");
  if (hart !== null && hart >= BigInt(harts)) {
    throw new UsageProblem(`${option}: there is no hart ${String(hart)}; \`--smp\` says ${String(harts)}`);
  }
  const file = values.get("file");
  const address = numberOf(option, properties, "addr");
  if (file === undefined && address === null)
    throw new UsageProblem(`${option} needs \`file=PATH\` or \`addr=ADDRESS\``);
  return {
    bytes: file === undefined ? dataBytes(option, properties) : readBytes(file, option),
    address,
    hart: hart === null ? null : Number(hart),
    isRaw: isOn(option, properties, "force-raw") || file === undefined,
  };
}

// A number in memory.
function dataBytes(option: string, properties: Properties): Uint8Array | null {
  const data = numberOf(option, properties, "data");
  if (data === null) return null;
  const length = Number(numberOf(option, properties, "data-len") ?? 0n);
  if (length < 1 || length > MAX_DATA_BYTES) {
    throw new UsageProblem(`${option}: data needs \`data-len=\` from 1 to ${String(MAX_DATA_BYTES)}`);
  }
  const bytes = Uint8Array.from({ length }, (_, i) => Number((data >> BigInt(8 * i)) & 0xffn));
  return isOn(option, properties, "data-be") ? bytes.reverse() : bytes;
}

function numberOf(option: string, { values }: Properties, key: string): bigint | null {
  const text = values.get(key);
  if (text === undefined) return null;
  if (/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(text)) return BigInt(text);
  throw new UsageProblem(`${option}: expected a number in \`${key}=${text}\``);
}

function firmwareFiles({ fwCfg }: MachineWords): readonly FwCfgFile[] {
  const files = fwCfg.map(firmwareFile);
  const twice = files.find(({ name }, i) => files.findIndex((other) => other.name === name) < i);
  if (twice !== undefined) throw new UsageProblem(`--fw-cfg: there are two files \`${twice.name}\``);
  return files;
}

function firmwareFile(text: string): FwCfgFile {
  const properties = readProperties(text.includes("=") && !text.startsWith("name=") ? `name=${text}` : text);
  const { values } = properties;
  onlyProperties("--fw-cfg", properties, ["name", "file", "string"]);
  const name = values.get("name") ?? properties.name;
  const [file, string] = [values.get("file"), values.get("string")];
  if (name === "" || name.length >= FW_CFG_NAME_BYTES || (file === undefined) === (string === undefined)) {
    throw new UsageProblem(
      `--fw-cfg takes \`name=NAME,file=PATH\` or \`name=NAME,string=TEXT\`, the name shorter than ${String(FW_CFG_NAME_BYTES)} letters; found \`${text}\``,
    );
  }
  return { name, data: file === undefined ? new TextEncoder().encode(string) : readBytes(file, "--fw-cfg") };
}
