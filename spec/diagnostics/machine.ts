// Diagnostics with the letter M (machine): the words that describe a board, and what its host cannot give it.
// Message: one sentence, lower case, expected and found; help: an action. M0100 to M0199: the network;
// from M0200: snapshots, words of QEMU.

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
  M0136: { severity: "warning", message: "an access to the disk image `{path}` failed, and the guest was told so: {why}", help: null },
  M0137: { severity: "warning", message: "the disk image `{path}` has {bytes} bytes, no whole number of sectors of 512: the guest sees {sectors}",
    help: "make it longer: `truncate -s %512 FILE`, or `truncate -s 64M FILE` for an empty disk" },

  // Snapshots in files.
  M0200: { severity: "error", message: "expected a snapshot of a machine, found {found}", help: "make one with `pancake machine --save FILE`" },
  M0201: { severity: "error", message: "expected a snapshot with the format `{expected}`, found `{found}`",
    help: "go on with the version of pancake that made it" },
  M0202: { severity: "error", message: "the snapshot is damaged: {why}", help: "copy the file again, or make it again with `--save`" },
  M0203: { severity: "error", message: "the snapshot was made with {option}: {expected}, found: {found}",
    help: "give the options and files of the run that made it; the file's first line holds them all" },
  M0204: { severity: "error", message: "the snapshot gave another state ({found}) than the one that was saved ({expected})",
    help: "go on with the version of pancake that made it" },
  M0205: { severity: "error", message: "nothing was saved: {why}", help: "save earlier: with `--until`, `--stop-at`, or control-A s at the terminal" },
  M0206: { severity: "error", message: "the recording is not one of the run that the snapshot was made in",
    help: "replay it from power-on, without `--restore`" },

  // Further images.
  M0211: { severity: "error", message: "an image that is no ELF executable needs an address", help: "write `--device loader,file=PATH,addr=ADDRESS`" },
  M0212: { severity: "error", message: "expected at most {expected} bytes for {bank}, found {found}", help: "give the contents of one flash bank as `--bios` or `--drive if=pflash,file=PATH`" },
  M0213: { severity: "error", message: "expected a device tree blob as `--dtb`, found something else", help: "compile the source with `dtc`" },

  // Words of QEMU.
  M0210: { severity: "error", message: "QEMU's `{word}`: {why}", help: "{instead}" },
} satisfies DiagnosticTable;
