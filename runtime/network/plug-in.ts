// From the plan of `--net` to a cable. Relies on every backend beside it. The host's part (sockets, files, where
// mistakes are shown) is given by the owner.

import { problem, type Problem } from "../problem.ts";
import { nullBackend, type Clock, type NetworkBackend } from "./backend.ts";
import type { HostSockets, SocketFailure } from "./host-sockets.ts";
import type { CablePlan, NetPlan } from "./net-words.ts";
import { readPcap } from "./pcap-file.ts";
import { recordingBackend, replayBackend } from "./recording.ts";
import { SocketBackend, type CableFailure } from "./socket-backend.ts";
import { UserNetwork } from "./user-network.ts";

/** What the owner of a machine gives to its network. */
export interface NetworkHost {
  readonly clock: Clock;
  readonly sockets: HostSockets;
  /** The guest's wall clock at the clock's zero, in milliseconds since 1970: for recordings. */
  readonly epochMs: number;
  /** The bytes of a recording to be replayed. */
  readonly readFile: (path: string) => Uint8Array;
  /** A new file for a recording: takes its bytes piece by piece. */
  readonly createFile: (path: string) => (bytes: Uint8Array) => void;
  /** A mistake of the user or a failure of the host; it may come at any time. */
  readonly report: (problem: Problem) => void;
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
  return recordings.reduce(
    (inner, path) =>
      recordingBackend(inner, { clock: host.clock, epochMs: host.epochMs, write: host.createFile(path) }),
    makeBackend(cable, host),
  );
}

function makeBackend(cable: CablePlan, host: NetworkHost): NetworkBackend {
  switch (cable.kind) {
    case "none":
      return nullBackend();
    case "user":
      return makeUserNetwork(cable, host);
    case "socket":
      return makeSocket(cable, host);
    case "replay": {
      const { frames, problems } = readPcap(host.readFile(cable.path));
      problems.forEach(host.report);
      return replayBackend(frames, host.clock);
    }
  }
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
