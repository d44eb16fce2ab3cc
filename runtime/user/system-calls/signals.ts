// System calls about signals. None comes from outside, and handlers are not run yet: actions are remembered, and a signal
// of the program to itself is ignored or ends it. Relies on call.ts. Source: Linux man pages, section 2.

import { SIGNAL_HANDLERS, SIGNAL_SET_BYTES, SIGNALS } from "../../../spec/abi/linux-user.ts";
import { problem } from "../../problem.ts";
import {
  answer,
  asInt,
  failure,
  guestBytes,
  wordsToBytes,
  type CallContext,
  type CallResult,
  type SystemCall,
} from "./call.ts";
import { PROCESS_ID } from "./process.ts";

const SIGNAL_COUNT = 64;

const unchangeable: readonly number[] = [SIGNALS.KILL, SIGNALS.STOP];

/** A signal to ourselves; number 0 only asks whether we exist. */
function signalSelf(target: bigint, signal: bigint, context: CallContext): CallResult {
  if (BigInt.asIntN(32, target) !== PROCESS_ID && target !== 0n) return failure("ESRCH");
  const number = asInt(signal);
  if (number < 0 || number > SIGNAL_COUNT) return failure("EINVAL");
  if (number === 0) return 0n;
  const handler = handlerOf(actionOf(number, context));
  if (handler === SIGNAL_HANDLERS.IGNORE) return 0n;
  return { kind: "signal", signal: number, handler: handler === SIGNAL_HANDLERS.DEFAULT ? null : handler };
}

export const kill: SystemCall = ([target, signal], context) => signalSelf(target, signal, context);
export const tkill: SystemCall = ([thread, signal], context) => signalSelf(thread, signal, context);
export const tgkill: SystemCall = ([, thread, signal], context) => signalSelf(thread, signal, context);

/** Remembers the action, answers the one before, and says once that handlers are not run. */
export const rtSigaction: SystemCall = ([signal, action, old, setSize], context) => {
  const number = asInt(signal);
  if (setSize !== BigInt(SIGNAL_SET_BYTES) || number < 1 || number > SIGNAL_COUNT) return failure("EINVAL");
  if (action !== 0n && unchangeable.includes(number)) return failure("EINVAL");
  const before = actionOf(number, context);
  if (action !== 0n) {
    const bytes = guestBytes(context, action, context.linux.signalActionBytes);
    if (bytes === null) return failure("EFAULT");
    context.kernel.signalActions.set(number, bytes);
    if (!isBuiltIn(handlerOf(bytes))) context.warnOnce("handler", problem("R0021", { signal: number }));
  }
  return old === 0n ? 0n : answer(context, old, before);
};

function actionOf(signal: number, { kernel, linux }: CallContext): Uint8Array {
  return kernel.signalActions.get(signal) ?? new Uint8Array(linux.signalActionBytes);
}

// `sa_handler` comes first on every architecture.
function handlerOf(action: Uint8Array): bigint {
  return new DataView(action.buffer, action.byteOffset, action.byteLength).getBigUint64(0, true);
}

function isBuiltIn(handler: bigint): boolean {
  return handler === SIGNAL_HANDLERS.DEFAULT || handler === SIGNAL_HANDLERS.IGNORE;
}

/** Masks are accepted and have no effect; the old one reads as empty. */
export const rtSigprocmask: SystemCall = ([, , old, size], context) => {
  if (size !== BigInt(SIGNAL_SET_BYTES)) return failure("EINVAL");
  return old === 0n ? 0n : answer(context, old, wordsToBytes(0n));
};
