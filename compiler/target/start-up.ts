// The objects that every program of an operating system gets: start-up code, host calls, traps and the stack.
// Relies on lib/<os>/<isa>/*.s (assembled into gen/ by tools/embed/start-up-code.ts). Prose: spec/abi/object.md.

import { TRANSFER_ZONE_BYTES } from "../../spec/abi/internal-calls.ts";
import { readObject } from "../object/elf/read-object.ts";
import { zeroSection, type ObjectFile } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import { bug } from "../source/bug.ts";
import { emissionOf } from "./emission.ts";
import { SYMBOLS } from "./environment.ts";
import { startUpObjectFiles } from "./gen/start-up-code.ts";

/** Room below the stack's floor for the transfer zone and for foreign functions of the program's own environment. */
const STACK_RESERVE_BYTES = TRANSFER_ZONE_BYTES + 512;

/** The start-up objects for `options.os`. */
export function startUpObjects(options: CompileOptions): readonly ObjectFile[] {
  const folder = `lib/${options.os}/${options.target}/`;
  const files = Object.entries(startUpObjectFiles).filter(([path]) => path.startsWith(folder));
  return [...files.map(([path, file]) => decode(path, file, options)), stackObject(options)];
}

function decode(path: string, file: string, options: CompileOptions): ObjectFile {
  const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
  const made = readObject(bytes, path, emissionOf(options).machine);
  if (made.diagnostics.length > 0) bug(`${path}: ${made.diagnostics.map((d) => d.message).join("; ")}`);
  return made.value;
}

// The stack is zeros of its own, so that only programs that start with our code have it.
function stackObject(options: CompileOptions): ObjectFile {
  const { machine, flags } = emissionOf(options);
  const bytes = Math.ceil(options.stackBytes / 16) * 16 + STACK_RESERVE_BYTES;
  const at = (name: string, offset: number): ObjectFile["symbols"][number] => ({
    name,
    place: { kind: "section", section: 0, offset },
    sizeBytes: bytes - offset,
    binding: "global",
    type: "object",
  });
  return {
    name: "the stack",
    machine,
    flags,
    architecture: null,
    sections: [zeroSection(".bss.pancake_stack", bytes, 16)],
    symbols: [at(SYMBOLS.stack, 0), at(SYMBOLS.stackFloor, STACK_RESERVE_BYTES), at(SYMBOLS.stackEnd, bytes)],
  };
}
