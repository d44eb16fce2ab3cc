// The objects that every program of an operating system gets: start-up code, host calls, traps and the stack.
// Relies on the assembler and on lib/<os>/<isa>/*.s (embedded by tools/embed/start-up-texts.ts). Prose: spec/abi/object.md.

import { TRANSFER_ZONE_BYTES } from "../../spec/abi/internal-calls.ts";
import { zeroSection, type ObjectFile } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import { bug } from "../source/bug.ts";
import { hasErrors } from "../source/diagnostic.ts";
import { assemble } from "./assembler/assemble.ts";
import { riscv64Target } from "./assembler/riscv64-target.ts";
import { emissionOf } from "./emission.ts";
import { SYMBOLS } from "./environment.ts";
import { startUpTexts } from "./gen/start-up-texts.ts";

/** Room below the stack's floor for the transfer zone and for foreign functions of the program's own environment. */
const STACK_RESERVE_BYTES = TRANSFER_ZONE_BYTES + 512;

/** The start-up objects for `options.os`, assembled now. */
export function startUpObjects(options: CompileOptions): readonly ObjectFile[] {
  const folder = `lib/${options.os}/${options.target}/`;
  const paths = Object.keys(startUpTexts).filter((path) => path.startsWith(folder));
  return [...paths.map((path) => assembleOwn(path, options)), stackObject(options)];
}

function assembleOwn(path: string, options: CompileOptions): ObjectFile {
  const { flags, compress } = emissionOf(options);
  const made = assemble(startUpTexts[path] ?? "", riscv64Target, {
    name: path,
    flags,
    compress,
    lines: true,
  });
  if (hasErrors(made.diagnostics)) bug(`${path}: ${made.diagnostics.map((d) => d.message).join("; ")}`);
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
