// Where a region must ask whether its code is still where it was: at blocks that are reached from another page.
//
// Relies on region.ts, code-pages.ts. Only for memories that forget (`PagedMemory.isForgetful`): nothing is forgotten
// while a region runs, so one question when the page changes is enough. Blocks begin where pages do (region.ts).

import { pageOf, type CodeInstruction } from "./code-reader.ts";
import { successorsOf, type RegionBlock } from "./region.ts";

/** Pages to ask for: where the region is entered, and before each block's first instruction. */
export interface PageChecks {
  readonly atEntry: readonly number[];
  readonly atBlock: readonly (readonly number[])[];
}

export const NO_CHECKS: PageChecks = { atEntry: [], atBlock: [] };

/** What has to be asked in a region of these blocks; the first is the entry. */
export function pagesToCheck(blocks: readonly RegionBlock[]): PageChecks {
  const before = blocks.map(() => new Set<number | null>());
  for (const block of blocks) {
    const last = block.instructions.at(-1);
    const page = last === undefined ? null : lastPage(last);
    for (const to of successorsOf(block)) if (to.kind === "block") before[to.block]?.add(page);
  }
  const atBlock = blocks.map((block, i) => {
    const pages = firstPages(block);
    const isThere = pages.length === 1 && [...(before[i] ?? [])].every((page) => page === pages[0]);
    return isThere ? [] : pages;
  });
  const [entry] = blocks;
  return { atEntry: entry === undefined ? [] : firstPages(entry), atBlock };
}

// The pages of the block's first instruction.
function firstPages({ instructions: [first] }: RegionBlock): readonly number[] {
  return first === undefined ? [] : [...new Set([pageOf(first.key), lastPage(first)])];
}

// The page of the instruction's last byte.
function lastPage(instruction: CodeInstruction): number {
  return pageOf(instruction.next - 1);
}
