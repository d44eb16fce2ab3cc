// Images that are loaded besides kernel and firmware: QEMU's generic loader. Relies on runtime/images.
// Pure: files in, loads and starts out. docs: M0211, R0033.

import { isProblem } from "../images/elf-file.ts";
import { readKernelImage, type BootIsa, type Load } from "../images/kernel-image.ts";
import type { HartStart } from "../isa/system.ts";
import { problem, type Problem } from "../problem.ts";

/** One of them: bytes and where they go, or only where a hart starts. */
export interface LoaderImage {
  /** Null: nothing is loaded. */
  readonly bytes: Uint8Array | null;
  /** Null: the ELF file says it. */
  readonly address: bigint | null;
  /** The hart that starts there; null: none does. */
  readonly hart: number | null;
  /** The bytes are loaded as they are, also if they are an ELF file. */
  readonly isRaw: boolean;
}

export interface Loaded {
  readonly loads: readonly Load[];
  /** Where harts start, by number. */
  readonly entries: ReadonlyMap<number, bigint>;
}

/** What all of them load; a problem for a plain image without an address, or an ELF file for another machine. */
export function readLoaders(images: readonly LoaderImage[], isa: BootIsa): Loaded | Problem {
  const loads: Load[] = [];
  const entries = new Map<number, bigint>();
  for (const { bytes, address, hart, isRaw } of images) {
    if (bytes?.length === 0) return problem("R0033", { option: "--device loader" });
    const read = bytes === null ? null : readKernelImage(bytes, isa);
    if (read !== null && isProblem(read)) return read;
    const elf = read?.kind === "elf" && !isRaw ? read : null;
    const at = elf === null ? address : elf.entry;
    if (at === null) return problem("M0211");
    loads.push(...(elf?.loads ?? (bytes === null ? [] : [{ address: at, bytes }])));
    if (hart !== null) entries.set(hart, at);
  }
  return { loads, entries };
}

/** Harts that were told so start elsewhere. */
export function startAt(starts: readonly HartStart[], { entries }: Loaded): readonly HartStart[] {
  return starts.map((start, hart) => ({ ...start, pc: entries.get(hart) ?? start.pc }));
}
