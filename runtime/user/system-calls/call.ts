// What a system call gets and gives. Relies on spec/abi/linux-user.ts and the machine's state.
// A call is a function of its six argument words (unsigned); it answers a result, or that the program has ended.

import { ERRNO, type Errno, type LinuxArchitecture } from "../../../spec/abi/linux-user.ts";
import type { AddressSpace } from "../../core/address-space.ts";
import type { Hart } from "../../core/hart.ts";
import { isFault } from "../../core/memory.ts";
import type { UserHost } from "../../host/host.ts";
import type { Problem } from "../../problem.ts";
import type { KernelState } from "../kernel-state.ts";

/** The state that calls work on. */
export interface CallContext {
  readonly hart: Hart;
  readonly memory: AddressSpace;
  readonly kernel: KernelState;
  readonly host: UserHost;
  readonly linux: LinuxArchitecture;
  /** Tells the user something about the program, unless it was told about this subject before. */
  readonly warnOnce: (subject: string, warning: Problem) => void;
}

/** How a program ends by itself: with an exit code, or with a signal that it sent to itself. */
export type Ending =
  | { readonly kind: "exit"; readonly code: number }
  /** `handler` is the address of the handler that should have run; null if none was set. */
  | { readonly kind: "signal"; readonly signal: number; readonly handler: bigint | null };

/** The word that the caller gets, or the end. */
export type CallResult = bigint | Ending;

export type CallArguments = readonly [bigint, bigint, bigint, bigint, bigint, bigint];

export type SystemCall = (args: CallArguments, context: CallContext) => CallResult;

/** The failure that `name` means to the caller. */
export function failure(name: Errno): bigint {
  return BigInt(-ERRNO[name]);
}

/** Copies a result into the guest: 0, or EFAULT. */
export function answer(context: CallContext, address: bigint, bytes: Uint8Array): bigint {
  return context.memory.writeBlock(address, bytes) === null ? 0n : failure("EFAULT");
}

/** Little-endian 64-bit words as bytes. */
export function wordsToBytes(...words: readonly bigint[]): Uint8Array {
  return new Uint8Array(new BigUint64Array(words).buffer);
}

/** Bytes of the guest, or null if they cannot be read. */
export function guestBytes(context: CallContext, address: bigint, length: number): Uint8Array | null {
  const bytes = context.memory.readBlock(address, length);
  return isFault(bytes) ? null : bytes;
}

/** Low 32 bits as a signed number, as `int` parameters are passed. */
export function asInt(word: bigint): number {
  return Number(BigInt.asIntN(32, word));
}
