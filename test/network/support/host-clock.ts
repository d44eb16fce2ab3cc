// The host's own time, for tests that use the host's own sockets.

import type { Clock } from "../../../runtime/network/backend.ts";

/** A clock that ticks with the host's. */
export function hostClock(): Clock {
  return {
    nowMs: () => performance.now(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  };
}
