// The rule on condition flags that Word, Stack and Lab share: who reads them follows who wrote them, in one block, with
// no call between. No stage may put an instruction that writes flags between the two; moves, spills, constants and
// frames write none (test/passes/alloc/convention.test.ts).

import type { InstructionUse } from "../target/instruction-use.ts";

/** What is known while walking a block in order. */
export class FlagOrder {
  #written = false;

  /** A new block, or a call: flags hold nothing. */
  forget(): void {
    this.#written = false;
  }

  /** Takes one instruction; false if it reads flags that nobody wrote. */
  accepts({ readsFlags, writesFlags }: InstructionUse): boolean {
    const isFine = this.#written || !readsFlags;
    if (writesFlags) this.#written = true;
    return isFine;
  }
}

/** How a broken rule is told. */
export const UNWRITTEN_FLAGS = "flags are read that nothing in the block wrote";
