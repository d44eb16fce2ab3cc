// Arm64's loads and stores of one register at a constant offset, and of neighbouring registers in pairs: the names that
// selection, frames, joins and addresses use. Relies on spec/isa/arm64 for what offsets fit.

import { lowOfAccess } from "../../../spec/abi/elf-arm64.ts";
import { WORD_BYTES } from "../../../spec/abi/internal-calls.ts";
import { bug } from "../../source/bug.ts";
import type { OpenAccessOf } from "../absorb-address.ts";

/** The instructions for one number of bytes. */
interface Access {
  /** log2 of the bytes. */
  readonly scale: 0 | 1 | 2 | 3;
  /** Offsets in units of the access. Forms that move the base or take it from two registers begin with these names. */
  readonly load: string;
  readonly store: string;
  /** Offsets in bytes, near the base. */
  readonly nearLoad: string;
  readonly nearStore: string;
  /** Loads that extend the sign to a word, where selection uses them. */
  readonly signedLoad: string | null;
  readonly nearSignedLoad: string | null;
  readonly loadPair: string | null;
  readonly storePair: string | null;
}

// prettier-ignore
export const accesses: readonly Access[] = [
  { scale: 0, load: "ldrb",  store: "strb",  nearLoad: "ldurb",  nearStore: "sturb",  signedLoad: "ldrsb", nearSignedLoad: "ldursb", loadPair: null,    storePair: null },
  { scale: 1, load: "ldrh",  store: "strh",  nearLoad: "ldurh",  nearStore: "sturh",  signedLoad: null,    nearSignedLoad: null,     loadPair: null,    storePair: null },
  { scale: 2, load: "ldr:w", store: "str:w", nearLoad: "ldur:w", nearStore: "stur:w", signedLoad: "ldrsw", nearSignedLoad: "ldursw", loadPair: "ldp:w", storePair: "stp:w" },
  { scale: 3, load: "ldr",   store: "str",   nearLoad: "ldur",   nearStore: "stur",   signedLoad: null,    nearSignedLoad: null,     loadPair: "ldp",   storePair: "stp" },
];

/** The access of a word. */
export const wordAccess =
  accesses.find(({ scale }) => 1 << scale === WORD_BYTES) ?? bug("Arm64 loads and stores words");

/** What a name says about an access of one register. */
export interface NamedAccess {
  /** The name that its indexed forms begin with. */
  readonly name: string;
  readonly isLoad: boolean;
  readonly isScaled: boolean;
  readonly bytes: number;
  readonly pair: string | null;
  /** For the lower half of an address as the offset, if it is scaled. */
  readonly relocation: number;
}

function namesOf(access: Access): readonly (readonly [string, NamedAccess])[] {
  const { scale, load, store, nearLoad, nearStore, signedLoad, nearSignedLoad, loadPair, storePair } = access;
  const shared = { bytes: 1 << scale, relocation: lowOfAccess[scale] ?? bug(`no access of scale ${scale}`) };
  const loads = { ...shared, name: load, isLoad: true, pair: loadPair };
  const stores = { ...shared, name: store, isLoad: false, pair: storePair };
  const signed = (name: string | null, isScaled: boolean): readonly (readonly [string, NamedAccess])[] =>
    name === null || signedLoad === null
      ? []
      : [[name, { ...shared, name: signedLoad, isLoad: true, pair: null, isScaled }]];
  return [
    ...signed(signedLoad, true),
    ...signed(nearSignedLoad, false),
    [load, { ...loads, isScaled: true }],
    [nearLoad, { ...loads, isScaled: false }],
    [store, { ...stores, isScaled: true }],
    [nearStore, { ...stores, isScaled: false }],
  ];
}

/** By the instruction's name. */
export const namedAccesses: ReadonlyMap<string, NamedAccess> = new Map(accesses.flatMap(namesOf));

/** What an access can absorb: an offset in its own units. */
export const openAccessOf: OpenAccessOf = ({ ins, operands }) => {
  const known = namedAccesses.get(ins);
  const [data, base, offset] = operands;
  if (known === undefined || !known.isScaled) return null;
  if (data?.kind !== "register" || base?.kind !== "register" || offset?.kind !== "imm") return null;
  const { isLoad, bytes, relocation } = known;
  const unit = BigInt(bytes);
  return { isLoad, data: data.register, base: base.register, offset: offset.value, unit, relocation };
};
