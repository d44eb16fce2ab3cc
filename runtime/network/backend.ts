// What stands at the far end of a guest's network cable, and the time that it lives by. Relies on nothing.
// Cards know only this file; the owner of a machine decides which backend is plugged in.

/** The far end of a guest's network cable: takes the guest's Ethernet frames and gives frames to the guest. */
export interface NetworkBackend {
  /** Takes a frame from the guest, without frame check sequence. The bytes may be reused once the call returns. */
  send(frame: Uint8Array): void;
  /**
   * Called with each frame for the guest; set by the card, which may keep the bytes. Calls come from inside `send`
   * as well as from events of the clock and of the host.
   */
  onFrame: (frame: Uint8Array) => void;
  /** Ends every connection and timer; no frame comes afterwards. */
  close(): void;
}

/** Time as the owner counts it: virtual time in a machine, a fake in tests, so that runs can be repeated. */
export interface Clock {
  nowMs(): number;
  /** Calls `callback` once, `ms` from now and never from inside `after`, unless the result is called before. */
  after(ms: number, callback: () => void): () => void;
}

/** The cable that is not plugged in: takes every frame and gives none. */
export function nullBackend(): NetworkBackend {
  return { send: () => undefined, onFrame: () => undefined, close: () => undefined };
}
