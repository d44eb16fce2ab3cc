// Diagnostics with the letter M (machine): the words that describe a board, and what its host cannot give it.
// Message: one sentence, lower case, expected and found; help: an action. M0100 to M0199: the network.

import type { DiagnosticTable } from "./registry.ts";

// prettier-ignore
export const machineDiagnostics = {
  // The words of `--net`.
  M0100: { severity: "error", message: "expected {expected} as the first word of `--net`, found `{found}`",
    help: "for example `--net user,hostfwd=tcp::8080-:80`" },
  M0101: { severity: "error", message: "`--net {kind}` has no option `{option}`: expected {expected}",
    help: "look for a misspelt name; a comma inside of a value is written twice" },
  M0102: { severity: "error", message: "expected `{option}=VALUE` in `--net {kind}`, found `{found}`", help: null },
  M0103: { severity: "error", message: "expected `tcp` or `udp`, then `:[HOSTADDR]:HOSTPORT-[GUESTADDR]:GUESTPORT` in `hostfwd`, found `{found}`",
    help: "for example `hostfwd=tcp:127.0.0.1:8080-:80`" },
  M0104: { severity: "error", message: "expected an IPv4 address in `{option}`, found `{found}`", help: "write it as four numbers: `127.0.0.1`" },
  M0105: { severity: "error", message: "expected a port from 1 to 65535 in `{option}`, found `{found}`", help: null },
  M0106: { severity: "error", message: "guest address {address} is not in the guest's network {network}",
    help: "leave the address out to mean the first guest, {first}" },
  M0107: { severity: "error", message: "`--net socket` needs either `connect=HOST:PORT` or `listen=[HOST]:PORT`", help: null },
  M0108: { severity: "error", message: "a network card has one cable: `--net {second}` comes after `--net {first}`",
    help: "leave one of them out" },
  M0109: { severity: "error", message: "option `{option}` stands twice in `--net {kind}`", help: "leave one of them out" },
  M0110: { severity: "error", message: "`--net {kind}` needs `{option}=VALUE`", help: null },
  M0111: { severity: "error", message: "expected `on` or `off` for `{option}`, found `{found}`", help: null },
  M0112: { severity: "error", message: "expected `HOST:PORT` in `{option}`, found `{found}`", help: "for example `connect=127.0.0.1:1234`" },

  // What the host cannot give.
  M0120: { severity: "error", message: "{protocol} port {port} of {host} cannot be forwarded: {why}",
    help: "choose another port, or end the program that has it" },
  M0121: { severity: "error", message: "the network's socket {address} failed: {why}",
    help: "check that the other side runs and speaks QEMU's `-netdev stream` framing" },

  // Packet files.
  M0130: { severity: "error", message: "expected a pcap file, found {found}", help: "record one with `--net pcap,file=PATH` or `tcpdump -w`" },
  M0131: { severity: "warning", message: "the pcap file ends inside of packet {index}", help: "the packets before it are used" },
  M0132: { severity: "error", message: "expected packets with link type {expected} (Ethernet) in the pcap file, found {found}",
    help: "capture on an Ethernet interface" },
  M0133: { severity: "error", message: "packet {index} of the pcap file claims {bytes} bytes: expected at most {limit}",
    help: "the file is damaged: record it again" },
  M0134: { severity: "error", message: "`{path}` cannot be read: {why}", help: null },
  M0135: { severity: "error", message: "`{path}` cannot be written: {why}", help: null },
} satisfies DiagnosticTable;
