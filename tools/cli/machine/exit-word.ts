// `--exit-on SYMBOL`: a word in memory by which a test program ends its machine, as with RISC-V's `tohost`.

import type { BootPlan } from "../../../runtime/boards/boot-plan.ts";
import type { Memory } from "../../../runtime/core/memory.ts";
import { readSymbols } from "../../../runtime/images/elf-file.ts";
import { UsageProblem } from "../problems.ts";
import type { MachineWords } from "./words.ts";

/** Exit codes of processes have 8 bits; a larger one must not look like success. */
const MAX_EXIT_CODE = 255n;
/** Above: the number of a device of the host and of a command to it. */
const PAYLOAD_BITS = 48n;
const DEVICE_BITS = 56n;

export class ExitWord {
  private readonly symbol: string;
  private readonly address: bigint;
  private isNoted = false;

  private constructor(symbol: string, address: bigint) {
    this.symbol = symbol;
    this.address = address;
  }

  /** Null: none was asked for. Symbols are where the program's headers put them in physical memory. */
  static of({ exitOn }: MachineWords, { elf }: BootPlan): ExitWord | null {
    if (exitOn === undefined) return null;
    if (elf?.kind !== "elf")
      throw new UsageProblem("`--exit-on` needs an ELF file with symbols as `--kernel` or `--bios`");
    const found = readSymbols(elf.elf).find((symbol) => symbol.name === exitOn);
    if (found === undefined) throw new UsageProblem(`--exit-on: the file has no symbol \`${exitOn}\``);
    const { value } = found;
    const segment = elf.elf.segments.find(
      ({ address: start, memoryBytes }) => value >= start && value < start + memoryBytes,
    );
    const physical = segment === undefined ? value : value - segment.address + segment.physicalAddress;
    return new ExitWord(exitOn, physical);
  }

  /** The exit code that the guest has written there: the low bit says that the rest is one. Null: none yet. */
  exitCode(memory: Memory): number | null {
    const word = memory.load(this.address, 8);
    if (typeof word !== "bigint" || word === 0n) return null;
    if (word >> PAYLOAD_BITS !== 0n) this.note(`device ${String(word >> DEVICE_BITS)} of the host`);
    else if ((word & 1n) === 0n) this.note("a system call of the host");
    else return Number(word >> 1n < MAX_EXIT_CODE ? word >> 1n : MAX_EXIT_CODE);
    return null;
  }

  private note(what: string): void {
    if (this.isNoted) return;
    this.isNoted = true;
    process.stderr.write(
      `pancake: note: the guest asks for ${what} through \`${this.symbol}\`; only exit codes (2n+1) are understood\n`,
    );
  }
}
