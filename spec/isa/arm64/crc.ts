// Checksums (FEAT_CRC32, Arm DDI 0487 C6.2 "CRC32"): polynomials over GF(2), the lowest bit first. Relies on rows.ts.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

/** The polynomial of Ethernet and zip, and Castagnoli's, with their bits reversed. */
const polynomials = [
  { c: "", bit: "0", polynomial: "0xedb88320" },
  { c: "c", bit: "1", polynomial: "0x82f63b78" },
] as const;

// prettier-ignore
const widths = [
  { letter: "b", sf: "0", size: "00", m: "wm", bits: 8 },
  { letter: "h", sf: "0", size: "01", m: "wm", bits: 16 },
  { letter: "w", sf: "0", size: "10", m: "wm", bits: 32 },
  { letter: "x", sf: "1", size: "11", m: "xm", bits: 64 },
] as const;

// One step for each bit of the data: shift it out and subtract the polynomial if it was one.
function effectOf(bits: number, m: string, polynomial: string): string {
  const start = `let c0 = zext32to64(wn) ^ zext${String(bits)}to64(${m}); `;
  const steps = Array.from({ length: bits }, (_, i) => {
    const before = `c${String(i)}`;
    return `let c${String(i + 1)} = (${before} >>u 1) ^ (${before}[0] == 1 ? ${polynomial} : 0); `;
  });
  return `${start}${steps.join("")}wd = c${String(bits)}[31:0]`;
}

export const crc = instructions("Crc", () =>
  polynomials.flatMap(({ c, bit, polynomial }) =>
    widths.map(({ letter, sf, size, m, bits }): InstructionRow =>
      ins(
        `crc32${c}${letter}`,
        `${sf} 00 11010110 ${m}:5 010 ${bit} ${size} wn:5 wd:5`,
        `wd, wn, ${m}`,
        effectOf(bits, m, polynomial),
      ),
    ),
  ),
);
