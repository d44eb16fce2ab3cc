// When may the access after an address take over its lower half? `adrp; add; ldr` becomes `adrp; ldr`.
// Guarantees: the address register is not read afterwards, so it may be left with only the upper half.

import { R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import { operandValues } from "../expand-section.ts";
import { isDeadFrom, type CodePlace } from "../register-death.ts";
import { arm64Convention } from "./convention.ts";

export interface AbsorbedAccess {
  readonly instruction: Instruction;
  readonly values: OperandValues;
  /** The access's own offset from the address. */
  readonly offset: bigint;
  readonly relocation: number;
}

interface Access {
  readonly isLoad: boolean;
  readonly bytes: bigint;
  readonly relocation: number;
}

const access = (bytes: number, isLoad: boolean, relocation: number): Access => ({
  bytes: BigInt(bytes),
  isLoad,
  relocation,
});

const accesses: Readonly<Record<string, Access>> = {
  ldrb: access(1, true, R_AARCH64.LDST8_ABS_LO12_NC),
  ldrh: access(2, true, R_AARCH64.LDST16_ABS_LO12_NC),
  "ldr:w": access(4, true, R_AARCH64.LDST32_ABS_LO12_NC),
  ldr: access(8, true, R_AARCH64.LDST64_ABS_LO12_NC),
  strb: access(1, false, R_AARCH64.LDST8_ABS_LO12_NC),
  strh: access(2, false, R_AARCH64.LDST16_ABS_LO12_NC),
  "str:w": access(4, false, R_AARCH64.LDST32_ABS_LO12_NC),
  str: access(8, false, R_AARCH64.LDST64_ABS_LO12_NC),
};

/**
 * The line after the address that is line `index` if it is a load or store that can absorb it; else null. Places are
 * multiples of a word, so the sum of offsets decides whether the access can hold the lower half.
 */
export function absorbAddress(place: CodePlace, index: number): AbsorbedAccess | null {
  const { lines } = place.section;
  const address = lines[index];
  const line = lines[index + 1];
  if (address?.kind !== "address" || line?.kind !== "machine") return null;
  const known = accesses[line.ins];
  const [data, base, offset] = line.operands;
  if (known === undefined || data?.kind !== "register" || base?.kind !== "register") return null;
  if (offset?.kind !== "imm" || (address.offset + offset.value) % known.bytes !== 0n) return null;
  if (base.register !== address.dest || (!known.isLoad && data.register === address.dest)) return null;
  const isOverwritten = known.isLoad && data.register === address.dest;
  if (!isOverwritten && !isDeadFrom(place, index + 2, address.dest, arm64Convention)) return null;
  const instruction = arm64.instruction(line.ins);
  return {
    instruction,
    values: operandValues(instruction, line.operands, line.span),
    offset: offset.value,
    relocation: known.relocation,
  };
}
