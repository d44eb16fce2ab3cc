// The words of `--net`, in QEMU's style: a kind, then `option=value` with commas between them; a comma inside of a
// value is written twice. Relies on addresses.ts and the plans of the backends. docs: M0100 to M0112.
// Guarantees: never throws; reports every independent mistake.

import { problem, type Problem } from "../problem.ts";
import { formatIpv4, isInSubnet, parseIpv4 } from "./addresses.ts";
import type { SocketAddress } from "./host-sockets.ts";
import type { SocketPlan } from "./socket-backend.ts";
import { DEFAULT_USER_NETWORK, type HostForward, type UserNetworkPlan } from "./user-network.ts";

/** What is at the far end of a card's cable. */
export type CablePlan =
  | { readonly kind: "none" }
  | { readonly kind: "user"; readonly plan: UserNetworkPlan }
  | { readonly kind: "socket"; readonly plan: SocketPlan }
  | { readonly kind: "replay"; readonly path: string };

export interface NetPlan {
  readonly cable: CablePlan;
  /** Files to which the cable is recorded. */
  readonly recordings: readonly string[];
}

export interface ParsedNet {
  readonly value: NetPlan;
  readonly problems: readonly Problem[];
}

const ANY_HOST = "0.0.0.0";
const MAX_PORT = 65_535;

interface Option {
  readonly name: string;
  readonly value: string;
}

/** The options of one `--net` and where its mistakes go. */
interface Words {
  readonly kind: string;
  readonly options: readonly Option[];
  readonly report: (problem: Problem) => void;
}

/** A kind of network: which options it has (`hostfwd` may repeat), and what they make. */
interface Kind {
  readonly options: readonly string[];
  read(words: Words): { readonly cable: CablePlan | null; readonly recording: string | null };
}

const REPEATABLE = new Set(["hostfwd"]);

const kinds: Readonly<Record<string, Kind>> = {
  user: { options: ["hostfwd", "restrict"], read: (words) => cable({ kind: "user", plan: readUser(words) }) },
  socket: { options: ["connect", "listen"], read: (words) => cable(readSocket(words)) },
  replay: { options: ["file"], read: (words) => cable({ kind: "replay", path: readFile(words) }) },
  pcap: { options: ["file"], read: (words) => ({ cable: null, recording: readFile(words) }) },
  none: { options: [], read: () => cable({ kind: "none" }) },
};

/** Reads the arguments of all `--net` of one card; without any, it has a user network as in QEMU. */
export function parseNetWords(args: readonly string[]): ParsedNet {
  const problems: Problem[] = [];
  const recordings: string[] = [];
  let chosen: CablePlan | null = null;
  for (const arg of args) {
    const parts = splitOptions(arg);
    const kindName = parts[0] ?? "";
    const kind = Object.hasOwn(kinds, kindName) ? kinds[kindName] : undefined;
    if (kind === undefined) {
      problems.push(problem("M0100", { expected: listNames(Object.keys(kinds)), found: kindName }));
      continue;
    }
    const report = (mistake: Problem): void => void problems.push(mistake);
    const options = readOptions(parts.slice(1), { kindName, kind, report });
    const read = kind.read({ kind: kindName, options, report });
    if (read.recording !== null) recordings.push(read.recording);
    if (read.cable !== null && chosen !== null) {
      problems.push(problem("M0108", { first: chosen.kind, second: kindName }));
    }
    chosen ??= read.cable;
  }
  return { value: { cable: chosen ?? { kind: "user", plan: DEFAULT_USER_NETWORK }, recordings }, problems };
}

function cable(plan: CablePlan): { readonly cable: CablePlan; readonly recording: null } {
  return { cable: plan, recording: null };
}

// At commas that are not doubled; doubled ones become one. A zero byte cannot stand in an argument.
function splitOptions(text: string): string[] {
  const parts = text.replaceAll(",,", "\0").split(",");
  return parts.map((part) => part.replaceAll("\0", ","));
}

function readOptions(
  parts: readonly string[],
  { kindName, kind, report }: { kindName: string; kind: Kind; report: (problem: Problem) => void },
): readonly Option[] {
  const options: Option[] = [];
  for (const part of parts) {
    const at = part.indexOf("=");
    const name = at < 0 ? part : part.slice(0, at);
    const value = at < 0 ? "" : part.slice(at + 1);
    if (!kind.options.includes(name)) {
      const expected = kind.options.length === 0 ? "none" : listNames(kind.options);
      report(problem("M0101", { kind: kindName, option: name, expected }));
    } else if (value === "") report(problem("M0102", { kind: kindName, option: name, found: part }));
    else if (!REPEATABLE.has(name) && options.some((option) => option.name === name)) {
      report(problem("M0109", { kind: kindName, option: name }));
    } else options.push({ name, value });
  }
  return options;
}

function valueOf(words: Words, name: string): string | null {
  return words.options.find((option) => option.name === name)?.value ?? null;
}

function readFile(words: Words): string {
  const path = valueOf(words, "file");
  if (path === null) words.report(problem("M0110", { kind: words.kind, option: "file" }));
  return path ?? "";
}

function readUser(words: Words): UserNetworkPlan {
  const restrict = valueOf(words, "restrict") ?? "off";
  if (restrict !== "on" && restrict !== "off") {
    words.report(problem("M0111", { option: "restrict", found: restrict }));
  }
  const forwards = words.options
    .filter(({ name }) => name === "hostfwd")
    .map(({ value }) => readForward(value, words.report))
    .filter((forward) => forward !== null);
  return { ...DEFAULT_USER_NETWORK, isRestricted: restrict === "on", forwards };
}

function readForward(text: string, report: (problem: Problem) => void): HostForward | null {
  const match = /^(tcp|udp)?:([^:-]*):([^:-]*)-([^:]*):([^:]*)$/.exec(text);
  if (match === null) {
    report(problem("M0103", { found: text }));
    return null;
  }
  const [, protocol = "tcp", hostText = "", hostPort = "", guestText = "", guestPort = ""] = match;
  const read = {
    host: readIpv4Option(hostText, parseIpv4(ANY_HOST), report),
    hostPort: readPort(hostPort, "hostfwd", report),
    guest: readIpv4Option(guestText, DEFAULT_USER_NETWORK.firstGuest, report),
    guestPort: readPort(guestPort, "hostfwd", report),
  };
  if (read.guest !== null) checkGuest(read.guest, report);
  if (read.host === null || read.hostPort === null || read.guest === null || read.guestPort === null)
    return null;
  return {
    protocol: protocol === "udp" ? "udp" : "tcp",
    host: { host: formatIpv4(read.host), port: read.hostPort },
    guest: { address: read.guest, port: read.guestPort },
  };
}

function readIpv4Option(
  text: string,
  otherwise: number | null,
  report: (problem: Problem) => void,
): number | null {
  if (text === "") return otherwise;
  const address = parseIpv4(text);
  if (address === null) report(problem("M0104", { option: "hostfwd", found: text }));
  return address;
}

function checkGuest(address: number, report: (problem: Problem) => void): void {
  const { subnet, addresses, firstGuest } = DEFAULT_USER_NETWORK;
  if (isInSubnet(address, subnet) && !addresses.includes(address)) return;
  const network = `${formatIpv4(subnet.address)}/${Math.clz32(~subnet.mask)}`;
  report(problem("M0106", { address: formatIpv4(address), network, first: formatIpv4(firstGuest) }));
}

function readPort(text: string, option: string, report: (problem: Problem) => void): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= MAX_PORT) return port;
  report(problem("M0105", { option, found: text }));
  return null;
}

function readSocket(words: Words): CablePlan {
  const [option, second] = words.options;
  if (option === undefined || second !== undefined) {
    words.report(problem("M0107"));
    return { kind: "none" };
  }
  const role = option.name === "listen" ? "listen" : "connect";
  const address = readSocketAddress(option, role === "listen" ? ANY_HOST : null, words.report);
  return address === null ? { kind: "none" } : { kind: "socket", plan: { role, address } };
}

function readSocketAddress(
  { name, value }: Option,
  defaultHost: string | null,
  report: (problem: Problem) => void,
): SocketAddress | null {
  const [, hostText = "", portText = ""] = /^([^:]*):([^:]*)$/.exec(value) ?? [];
  const host = hostText === "" ? defaultHost : hostText;
  if (host === null || portText === "") {
    report(problem("M0112", { option: name, found: value }));
    return null;
  }
  const port = readPort(portText, name, report);
  return port === null ? null : { host, port };
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
