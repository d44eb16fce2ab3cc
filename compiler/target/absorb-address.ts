// When may the access after an address take over its lower half? `auipc; addi; ld` becomes `auipc; ld`, and
// `adrp; add; ldr` becomes `adrp; ldr`. Which accesses can: <isa>/accesses.ts.
//
// Guarantees: the address register is not read afterwards, so it may be left with only the upper half.

import type { Instruction, OperandValues } from "../../spec/isa/schema.ts";
import type * as lab from "../lang/lab/ast.ts";
import type { Convention } from "./convention.ts";
import { operandValues } from "./expand-section.ts";
import { isDeadFrom, type CodePlace } from "./register-death.ts";

/** A load or store of one register whose offset the linker can fill in with the lower half of an address. */
export interface OpenAccess {
  readonly isLoad: boolean;
  readonly data: number;
  readonly base: number;
  readonly offset: bigint;
  /** What the offset from a word's address must be a multiple of. */
  readonly unit: bigint;
  readonly relocation: number;
}

/** The open access that a line is; null for any other line. */
export type OpenAccessOf = (line: Extract<lab.Line, { kind: "machine" }>) => OpenAccess | null;

export interface AbsorbedAccess {
  readonly instruction: Instruction;
  /** Its offset among them, for the caller to replace. */
  readonly values: OperandValues;
  /** The access's own offset from the address. */
  readonly offset: bigint;
  readonly relocation: number;
}

/**
 * The line after the address that is line `index` if it is a load or store that can absorb it; else null. Places are
 * multiples of a word, so the sum of offsets decides whether the access can hold the lower half.
 */
export function absorbAddress(
  place: CodePlace,
  index: number,
  convention: Convention,
  openAccessOf: OpenAccessOf,
): AbsorbedAccess | null {
  const { lines } = place.section;
  const address = lines[index];
  const line = lines[index + 1];
  if (address?.kind !== "address" || line?.kind !== "machine") return null;
  const access = openAccessOf(line);
  if (access?.base !== address.dest || (address.offset + access.offset) % access.unit !== 0n) return null;
  const isDataTheAddress = access.data === address.dest;
  if (isDataTheAddress && !access.isLoad) return null;
  if (!isDataTheAddress && !isDeadFrom(place, index + 2, address.dest, convention)) return null;
  const instruction = convention.isa.instruction(line.ins);
  const values = operandValues(instruction, line.operands, line.span);
  return { instruction, values, offset: access.offset, relocation: access.relocation };
}
