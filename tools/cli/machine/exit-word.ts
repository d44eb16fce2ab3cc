// `--exit-on SYMBOL`: a word in memory by which a test program ends its machine, as with RISC-V's `tohost`.

import type { BootPlan } from "../../../runtime/boards/boot-plan.ts";
import type { Memory } from "../../../runtime/core/memory.ts";
import { readSymbols } from "../../../runtime/images/elf-file.ts";
import { UsageProblem } from "../problems.ts";
import type { MachineWords } from "./words.ts";

/** Exit codes of processes have 8 bits; a larger one must not look like success. */
const MAX_EXIT_CODE = 255n;
/** Above: the number of a host device and of a command to it, which we do not have. */
const PAYLOAD_BITS = 48n;

/** Address of the word; null: none was asked for. */
export function exitWordOf({ exitOn }: MachineWords, { elf }: BootPlan): bigint | null {
  if (exitOn === undefined) return null;
  if (elf?.kind !== "elf")
    throw new UsageProblem("`--exit-on` needs an ELF file with symbols as `--kernel` or `--bios`");
  const found = readSymbols(elf.elf).find((symbol) => symbol.name === exitOn);
  if (found === undefined) throw new UsageProblem(`--exit-on: the file has no symbol \`${exitOn}\``);
  return found.value;
}

/** The exit code that the guest has written there: the low bit says that the rest is one. Null: none yet. */
export function exitCodeIn(memory: Memory, address: bigint): number | null {
  const word = memory.load(address, 8);
  if (typeof word !== "bigint" || (word & 1n) === 0n || word >> PAYLOAD_BITS !== 0n) return null;
  const code = word >> 1n;
  return Number(code < MAX_EXIT_CODE ? code : MAX_EXIT_CODE);
}
