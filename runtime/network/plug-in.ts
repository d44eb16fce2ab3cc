// From the plan of `--net` to a cable. Relies on every backend beside it. The host's part (sockets, files, where
// mistakes are shown) is given by the owner.

import { problem, type Problem } from "../problem.ts";
import { nullBackend, type Clock, type NetworkBackend } from "./backend.ts";
import type { HostSockets, SocketFailure } from "./host-sockets.ts";
import type { CablePlan, NetPlan } from "./net-words.ts";
import { readPcap } from "./pcap-file.ts";
import { recordingBackend, replayBackend, type ByteSink } from "./recording.ts";
import { SocketBackend, type CableFailure } from "./socket-backend.ts";
import { UserNetwork } from "./user-network.ts";

/** What the owner of a machine gives to its network. */
export interface NetworkHost {
  readonly clock: Clock;
  readonly sockets: HostSockets;
  /** The guest's wall clock at the clock's zero, in milliseconds since 1970: for recordings. */
  readonly epochMs: number;
  readonly files: NetworkFiles;
  /** A mistake of the user or a failure of the host; it may come at any time. */
  readonly report: (problem: Problem) => void;
}

/** A file, or why it cannot be had. */
export type FileResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** The host's files: recordings to be replayed and to be made. */
export interface NetworkFiles {
  read(path: string): FileResult<Uint8Array>;
  /** A new file; `failed` is called once if it stops taking bytes later. */
  create(path: string, failed: (why: string) => void): FileResult<ByteSink>;
}

const reasons: Readonly<Record<CableFailure, string>> = {
  refused: "the connection was refused",
  unreachable: "the host cannot be reached",
  reset: "the other side broke the connection off",
  taken: "another program has the port",
  forbidden: "the host does not permit it",
  failed: "the host gives no reason",
  ended: "the other side ended the connection",
  noFrames: "what came over it are no frames",
};

/** Makes the far end of a card's cable, with its recordings. */
export function plugIn({ cable, recordings }: NetPlan, host: NetworkHost): NetworkBackend {
  let backend = makeBackend(cable, host);
  for (const path of recordings) {
    const failed = (why: string): void => host.report(problem("M0135", { path, why }));
    const created = host.files.create(path, failed);
    if (!created.ok) {
      failed(created.why);
      continue;
    }
    const { clock, epochMs } = host;
    backend = recordingBackend(backend, { clock, epochMs, sink: created.value });
  }
  return backend;
}

function makeBackend(cable: CablePlan, host: NetworkHost): NetworkBackend {
  switch (cable.kind) {
    case "none":
      return nullBackend();
    case "user":
      return makeUserNetwork(cable, host);
    case "socket":
      return makeSocket(cable, host);
    case "replay":
      return makeReplay(cable, host);
  }
}

function makeReplay({ path }: CablePlan & { kind: "replay" }, host: NetworkHost): NetworkBackend {
  const file = host.files.read(path);
  if (!file.ok) {
    host.report(problem("M0134", { path, why: file.why }));
    return nullBackend();
  }
  const { frames, problems } = readPcap(file.value);
  problems.forEach(host.report);
  return replayBackend(frames, host.clock);
}

function makeUserNetwork({ plan }: CablePlan & { kind: "user" }, host: NetworkHost): NetworkBackend {
  const { clock, sockets, report } = host;
  return new UserNetwork({
    clock,
    sockets,
    plan,
    forwardFailed: ({ protocol, host: { host: name, port } }, failure: SocketFailure) =>
      report(problem("M0120", { protocol, port, host: name, why: reasons[failure] })),
  });
}

function makeSocket({ plan }: CablePlan & { kind: "socket" }, host: NetworkHost): NetworkBackend {
  const address = `${plan.address.host}:${plan.address.port}`;
  return new SocketBackend({
    sockets: host.sockets,
    plan,
    failed: (failure) => host.report(problem("M0121", { address, why: reasons[failure] })),
  });
}
