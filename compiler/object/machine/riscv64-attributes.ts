// The `.riscv.attributes` section: the architecture string and the stack's alignment. Relies on spec/abi/elf.ts.

import { RISCV_ATTRIBUTES } from "../../../spec/abi/elf.ts";
import { ByteWriter } from "../byte-writer.ts";

const STACK_ALIGNMENT = 16;

// One letter for each base extension, in the order of the manual's names; the others follow in alphabetical order.
const LETTER_ORDER = "iemafdqcbvh";

/** The bytes of the section for an architecture such as `rv64i2p1_m2p0_a2p1_c2p0`. */
export function attributesBytes(architecture: string): Uint8Array {
  const attributes = new ByteWriter();
  attributes.uleb(RISCV_ATTRIBUTES.tagStackAlign);
  attributes.uleb(STACK_ALIGNMENT);
  attributes.uleb(RISCV_ATTRIBUTES.tagArch);
  attributes.string(architecture);
  const fileBytes = 5 + attributes.length;
  const out = new ByteWriter();
  out.u8(RISCV_ATTRIBUTES.version);
  out.u32(4 + RISCV_ATTRIBUTES.vendor.length + 1 + fileBytes);
  out.string(RISCV_ATTRIBUTES.vendor);
  out.uleb(RISCV_ATTRIBUTES.tagFile);
  out.u32(fileBytes);
  out.bytes(attributes.finish());
  return out.finish();
}

/** The architecture string in a section's bytes, or null if there is none. */
export function readArchitecture(bytes: Uint8Array): string | null {
  // version, length, vendor and zero, tag, length
  let at = 1 + 4 + RISCV_ATTRIBUTES.vendor.length + 1 + 1 + 4;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    at += 1;
    // Odd tags hold text, even ones a number (psABI).
    const end = tag % 2 === 1 ? bytes.indexOf(0, at) : endOfNumber(bytes, at);
    if (end < 0) return null;
    if (tag === RISCV_ATTRIBUTES.tagArch) return new TextDecoder().decode(bytes.subarray(at, end));
    at = tag % 2 === 1 ? end + 1 : end;
  }
  return null;
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  while (((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
  return at + 1;
}

/** The union of what objects use, each extension in its newest version: `rv64i2p1_m2p0_c2p0`. */
export function mergeArchitectures(architectures: readonly string[]): string | null {
  const versions = new Map<string, string>();
  for (const part of architectures.flatMap((text) => text.replace(/^rv64/, "").split("_"))) {
    const [, name = "", version = ""] = /^([a-z][a-z0-9]*?)(\d+p\d+)?$/.exec(part) ?? [];
    if (name !== "" && version >= (versions.get(name) ?? "")) versions.set(name, version);
  }
  if (versions.size === 0) return null;
  const rank = (name: string): string =>
    String(name.length === 1 ? LETTER_ORDER.indexOf(name) + 10 : 99) + name;
  const sorted = [...versions].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  return `rv64${sorted.map(([name, version]) => name + version).join("_")}`;
}
