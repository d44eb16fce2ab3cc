// Where characters of the guest go and come from: `--chardev`, `--serial`, and what QEMU calls a back end.
//
// A guest's end (the serial line, a port of a virtio console, semihosting) sends bytes to a back end; what is typed at the
// terminal goes to one guest's end only.

import type { ByteChannel } from "../../../runtime/devices/byte-channel.ts";
import { AppendedFile } from "../../../runtime/host/node-append.ts";
import { problem, type Problem } from "../../../runtime/problem.ts";
import { hostErrorText, writeErrorText } from "../files.ts";
import { FileProblem, UsageProblem } from "../problems.ts";
import { onlyProperties, readProperties, type Properties } from "./words.ts";

/** stdio: this terminal. testdev: the guest ends the machine. */
export type BackEnd =
  | { readonly kind: "stdio" }
  | { readonly kind: "null" }
  | { readonly kind: "testdev" }
  | { readonly kind: "file"; readonly path: string };

const LATER = "pty, socket, pipe, udp, vc, msmouse, ringbuf";
/** This terminal. */
export const STDIO: BackEnd = { kind: "stdio" };

/** What `--chardev` declares, by id. */
export function backEnds(texts: readonly string[]): ReadonlyMap<string, BackEnd> {
  const made = new Map<string, BackEnd>();
  for (const text of texts) {
    const properties = readProperties(text);
    const id = properties.values.get("id");
    if (id === undefined || id === "") {
      throw new UsageProblem(`--chardev needs \`id=NAME\`, by which others find it; found \`${text}\``);
    }
    if (made.has(id)) throw new UsageProblem(`--chardev: there are two with the name \`${id}\``);
    made.set(id, backEnd("--chardev", properties));
  }
  return made;
}

/** The back end of that name. */
export function backEndNamed(ends: ReadonlyMap<string, BackEnd>, option: string, id: string): BackEnd {
  const found = ends.get(id);
  if (found === undefined) {
    throw new UsageProblem(
      `${option}: \`chardev=${id}\` names no --chardev; give \`--chardev stdio,id=${id}\``,
    );
  }
  return found;
}

/** `--serial`: `stdio`, `mon:stdio` (there is no monitor), `none`, `null`, `file:PATH`, `chardev:ID`. */
export function serialBackEnd(text: string | undefined, ends: ReadonlyMap<string, BackEnd>): BackEnd {
  const word = (text ?? "stdio").replace(/^mon:/, "");
  if (word === "stdio") return STDIO;
  if (word === "none" || word === "null") return { kind: "null" };
  const [, kind = "", rest = ""] = /^(file|chardev):(.+)$/.exec(word) ?? [];
  if (kind === "file") return { kind: "file", path: rest };
  if (kind === "chardev") return backEndNamed(ends, "--serial", rest);
  throw new UsageProblem(
    `--serial takes stdio, mon:stdio, none, null, file:PATH or chardev:ID, found \`${word}\``,
  );
}

function backEnd(option: string, properties: Properties): BackEnd {
  const { name, values } = properties;
  const known: Readonly<Record<string, readonly string[]>> = {
    stdio: ["id", "mux", "signal"],
    null: ["id", "mux"],
    testdev: ["id"],
    file: ["id", "path", "mux"],
  };
  const allowed = Object.hasOwn(known, name) ? known[name] : undefined;
  if (allowed === undefined) {
    const names = Object.keys(known).join(", ");
    throw new UsageProblem(`${option} takes ${names}, found \`${name}\` (not yet there: ${LATER})`);
  }
  onlyProperties(`${option} ${name}`, properties, allowed);
  if (name === "stdio" || name === "null" || name === "testdev") return { kind: name };
  const path = values.get("path");
  if (path === undefined || path === "") throw new UsageProblem(`${option} file needs \`path=PATH\``);
  return { kind: "file", path };
}

/** What back ends do with the host. */
export interface CharacterHost {
  /** A byte for this terminal. */
  readonly print: (byte: number) => void;
  /** The guest wants the machine to end. */
  readonly end: (exitCode: number) => void;
  /** Room for input again. */
  readonly ready: () => void;
  readonly failed: (problem: Problem) => void;
  /** The machine does again what it did before: nothing of that goes out. */
  readonly isRepeating: () => boolean;
}

/** Makes the host's ends; back ends with one name are one. */
export class Characters {
  private readonly host: CharacterHost;
  private readonly channels = new Map<BackEnd, ByteChannel>();
  private readonly files: AppendedFile[] = [];

  constructor(host: CharacterHost) {
    this.host = host;
  }

  channel(end: BackEnd): ByteChannel {
    const made = this.channels.get(end) ?? { send: this.sender(end), ready: this.host.ready };
    this.channels.set(end, made);
    return made;
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private sender(end: BackEnd): (byte: number) => void {
    switch (end.kind) {
      case "stdio":
        return this.host.print;
      case "null":
        return () => undefined;
      case "testdev":
        return testDevice(this.host.end);
      case "file":
        return this.fileSender(end.path);
    }
  }

  private fileSender(path: string): (byte: number) => void {
    const { failed, isRepeating } = this.host;
    try {
      const file = new AppendedFile(path, (error) => {
        failed(problem("M0135", { path, why: hostErrorText(error) }));
      });
      this.files.push(file);
      return (byte) => {
        if (!isRepeating()) file.write(Uint8Array.of(byte));
      };
    } catch (error) {
      throw new FileProblem(`cannot write \`${path}\`: ${writeErrorText(path, error)}`);
    }
  }
}

const DIGIT_0 = 0x30;
const QUIT = "q".charCodeAt(0);
/** More digits than any exit code has. */
const MAX_VALUE = 1e6;

// QEMU's test device: a decimal number, then `q`, ends with twice that number plus one. Other letters mean nothing.
function testDevice(end: (exitCode: number) => void): (byte: number) => void {
  let value = 0;
  return (byte) => {
    const digit = byte - DIGIT_0;
    if (digit >= 0 && digit <= 9) value = Math.min(value * 10 + digit, MAX_VALUE);
    else {
      if (byte === QUIT) end(((value << 1) | 1) & 0xff);
      value = 0;
    }
  };
}
