// Users of sockets to whom only some events matter.

import type { DatagramEvents, ListenerEvents, StreamEvents } from "../../../runtime/network/host-sockets.ts";

const ignore = (): void => undefined;

/** A user of a stream. */
export function quietStream(some: Partial<StreamEvents> = {}): StreamEvents {
  return { connected: ignore, data: ignore, end: ignore, writable: ignore, closed: ignore, ...some };
}

/** A listener to which connections matter. */
export function quietListener(connection: ListenerEvents["connection"]): ListenerEvents {
  return { listening: ignore, failed: ignore, connection };
}

/** A socket to which messages matter. */
export function quietDatagram(message: DatagramEvents["message"] = ignore): DatagramEvents {
  return { bound: ignore, failed: ignore, message };
}
