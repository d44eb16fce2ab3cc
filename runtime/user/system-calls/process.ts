// System calls about the process itself, time and randomness. One process, one thread, virtual time.
// Relies on call.ts and core/clock.ts. Source: Linux man pages, section 2.

import { CLOCK, FUTEX, RLIMIT_STACK, UTSNAME_FIELD_BYTES } from "../../../spec/abi/linux-user.ts";
import { elapsedNs, wallClockNs } from "../../core/clock.ts";
import { DEFAULT_STACK_BYTES } from "../address-layout.ts";
import { randomBytes } from "../kernel-state.ts";
import { USER_ID } from "../load.ts";
import {
  answer,
  asInt,
  failure,
  guestBytes,
  wordsToBytes,
  type CallContext,
  type SystemCall,
} from "./call.ts";

/** The only process, and its only thread. */
export const PROCESS_ID = 1000n;
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_US = 1000n;
const MAX_RANDOM_BYTES = 1n << 20n;
const UNLIMITED = (1n << 64n) - 1n;

const always =
  (value: bigint): SystemCall =>
  () =>
    value;

export const exit: SystemCall = ([code]) => ({ kind: "exit", code: asInt(code) & 0xff });

export const getpid = always(PROCESS_ID);
export const getppid = always(1n);
export const getuid = always(USER_ID);
/** Registers an address that only threads would use; answers the thread's number. */
export const setTidAddress = always(PROCESS_ID);
export const succeed = always(0n);
/** Calls that kernels may lack and libraries do without. */
export const refuse = always(failure("ENOSYS"));

export const clockGettime: SystemCall = ([clock, result], context) => {
  const ns = readClock(asInt(clock), context);
  if (ns === null) return failure("EINVAL");
  return answer(context, result, wordsToBytes(ns / NS_PER_SECOND, ns % NS_PER_SECOND));
};

export const clockGetres: SystemCall = ([clock, result], context) => {
  if (readClock(asInt(clock), context) === null) return failure("EINVAL");
  return result === 0n ? 0n : answer(context, result, wordsToBytes(0n, 1n));
};

function readClock(clock: number, { hart }: CallContext): bigint | null {
  const known: readonly number[] = Object.values(CLOCK);
  if (!known.includes(clock)) return null;
  const isWallClock = clock === CLOCK.REALTIME || clock === CLOCK.REALTIME_COARSE;
  return isWallClock ? wallClockNs(hart.retired) : elapsedNs(hart.retired);
}

export const gettimeofday: SystemCall = ([result, zone], context) => {
  const ns = wallClockNs(context.hart.retired);
  if (zone !== 0n && answer(context, zone, wordsToBytes(0n)) !== 0n) return failure("EFAULT");
  const words = wordsToBytes(ns / NS_PER_SECOND, (ns % NS_PER_SECOND) / NS_PER_US);
  return result === 0n ? 0n : answer(context, result, words);
};

export const getrandom: SystemCall = ([buffer, length], context) => {
  const count = length > MAX_RANDOM_BYTES ? MAX_RANDOM_BYTES : length;
  const result = answer(context, buffer, randomBytes(context.kernel, Number(count)));
  return result === 0n ? count : result;
};

export const uname: SystemCall = ([buffer], context) => {
  const fields = [
    "Linux",
    "pancake",
    "6.1.0",
    "#1 pancake user-mode machine",
    context.linux.machine,
    "(none)",
  ];
  const bytes = new Uint8Array(fields.length * UTSNAME_FIELD_BYTES);
  fields.forEach((text, i) => {
    bytes.set(new TextEncoder().encode(text), i * UTSNAME_FIELD_BYTES);
  });
  return answer(context, buffer, bytes);
};

/** Limits can be read, and setting one has no effect. */
export const prlimit64: SystemCall = ([target, resource, , old], context) => {
  if (target !== 0n && target !== PROCESS_ID) return failure("ESRCH");
  if (old === 0n) return 0n;
  const soft = asInt(resource) === RLIMIT_STACK ? DEFAULT_STACK_BYTES : UNLIMITED;
  return answer(context, old, wordsToBytes(soft, UNLIMITED));
};

/** Nobody else runs: waking finds nobody, and waiting for a value that never changes would be for ever. */
export const futex: SystemCall = ([address, operation, value], context) => {
  const command = asInt(operation) & FUTEX.COMMAND_MASK;
  if (command === FUTEX.WAKE || command === FUTEX.WAKE_BITSET) return 0n;
  if (command !== FUTEX.WAIT && command !== FUTEX.WAIT_BITSET) return failure("ENOSYS");
  const bytes = guestBytes(context, address, 4);
  if (bytes === null) return failure("EFAULT");
  const now = new DataView(bytes.buffer).getUint32(0, true);
  return now === Number(BigInt.asUintN(32, value)) ? failure("EINTR") : failure("EAGAIN");
};
