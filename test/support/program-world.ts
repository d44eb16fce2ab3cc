// The world that random programs and small test programs run in: host calls, memory, a log of all events.
//
// Local memory is zeros at the start; shared accesses go to the same bytes (as under `--os linux`) and are logged.

import type { ForeignArgs, World } from "../../compiler/lang/world.ts";

export interface ProgramWorld extends World {
  /** What the program has written to standard output. */
  output(): string;
  /** Every event in order, one line each. */
  readonly events: readonly string[];
}

export interface ProgramWorldOptions {
  readonly base?: bigint;
  readonly bytes?: number;
}

export function programWorld(options: ProgramWorldOptions = {}): ProgramWorld {
  const base = options.base ?? 0x10_0000n;
  const memory = new Uint8Array(options.bytes ?? 4096);
  const view = new DataView(memory.buffer);
  const events: string[] = [];
  let text = "";
  const offset = (bytes: number, address: bigint): number | null => {
    const at = BigInt.asUintN(64, address - base);
    return at + BigInt(bytes) <= BigInt(memory.length) ? Number(at) : null;
  };
  return {
    base,
    memory,
    events,
    output: () => text,
    foreignCall: (name: string, args: ForeignArgs) => {
      events.push(`@${name}(${args.join(",")})`);
      text += printed(name, args[0]);
      return name === "exit" ? Number(BigInt.asUintN(8, args[0])) : null;
    },
    sharedLoad: (bytes, address) => {
      const at = offset(bytes, address);
      if (at === null) return null;
      const value = readShared(view, bytes, at);
      events.push(`!ld${String(bytes)} +${String(at)} -> ${String(value)}`);
      return value;
    },
    sharedStore: (bytes, address, value) => {
      const at = offset(bytes, address);
      if (at === null) return false;
      events.push(`!st${String(bytes)} +${String(at)} ${String(value)}`);
      writeShared(view, bytes, { at, value });
      return true;
    },
  };
}

function printed(name: string, word: bigint): string {
  switch (name) {
    case "putchar":
      return String.fromCharCode(Number(BigInt.asUintN(8, word)));
    case "puthex":
      return `${word.toString(16).padStart(16, "0")}\n`;
    case "putint":
      return `${String(BigInt.asIntN(64, word))}\n`;
    default:
      return "";
  }
}

function readShared(view: DataView, bytes: 1 | 2 | 4 | 8, at: number): bigint {
  switch (bytes) {
    case 1:
      return BigInt(view.getUint8(at));
    case 2:
      return BigInt(view.getUint16(at, true));
    case 4:
      return BigInt(view.getUint32(at, true));
    case 8:
      return view.getBigUint64(at, true);
  }
}

function writeShared(
  view: DataView,
  bytes: 1 | 2 | 4 | 8,
  { at, value }: { readonly at: number; readonly value: bigint },
): void {
  switch (bytes) {
    case 1:
      view.setUint8(at, Number(value));
      return;
    case 2:
      view.setUint16(at, Number(value), true);
      return;
    case 4:
      view.setUint32(at, Number(value), true);
      return;
    case 8:
      view.setBigUint64(at, value, true);
  }
}
