// Diagnostics with the letter L (link). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const linkDiagnostics = {
  // Reading objects and programs.
  L0101: {
    severity: "error",
    message: "`{file}` is not an ELF file: it holds {found}",
    help: "give an object made by `pancake compile -c`, GNU as or `gcc -c`",
  },
  L0102: {
    severity: "error",
    message: "`{file}` is a {found} ELF file, expected {expected}",
    help: "compile it for a 64-bit little-endian machine",
  },
  L0103: {
    severity: "error",
    message: "`{file}` is for another machine: {found}",
    help: "compile it for the machine that `--target` names",
  },
  L0104: { severity: "error", message: "`{file}` is {found}, expected {expected}", help: null },
  L0105: {
    severity: "error",
    message: "`{file}` is cut short or damaged: {what} is at {offset} to {end} of {size} bytes",
    help: "make the file again",
  },
  L0106: { severity: "error", message: "`{file}` is damaged: {what}", help: "make the file again" },
  L0108: {
    severity: "error",
    message: "{where} needs the relocation {relocation}, which is not supported",
    help: "compile C files with `-fno-pic` (RISC-V: `-mcmodel=medany`) and without thread-local variables",
  },
  L0109: {
    severity: "error",
    message: "{where} has the lower half of an address (relocation {relocation}) without its upper half",
    help: "`%pcrel_lo` must name the label of the instruction with `%pcrel_hi`, in the same section",
  },

  // Joining them.
  L0201: {
    severity: "error",
    message: "unknown foreign function `@{name}`, called in {where}",
    help: "give a file that defines it: a foreign function `@{name}` needs the symbol `{symbol}`",
  },
  L0202: {
    severity: "error",
    message: "nothing defines `{symbol}`, which {where} needs",
    help: "give a file that defines it",
  },
  L0203: {
    severity: "error",
    message: "`{symbol}` is defined twice: in {first} and in {second}",
    help: "rename one of them, or make it local to its file",
  },
  L0204: {
    severity: "error",
    message: "`{symbol}` is too far away for {where}: relocation {relocation} cannot hold {distance}",
    help: "check the assembly files, --heap, --stack and addresses; `pancake explain L0204` lists what reaches how far",
  },
  L0205: {
    severity: "error",
    message: "nothing defines `{symbol}`, where the program would start",
    help: "give a file that defines it, or leave the start-up code in",
  },
  L0206: {
    severity: "error",
    message: "the exported function `{name}` has the name of a symbol that {owner} defines",
    help: "rename the function",
  },
  L0207: {
    severity: "error",
    message: "the program needs at least {need} bytes of stack, but --stack gives {stack}",
    help: "give more with `--stack {need}`",
  },
  L0208: {
    severity: "error",
    message:
      "a stack of {stack} bytes is out of reach: code of {machine} reaches addresses within {reach} bytes",
    help: "ask for less with `--stack`, or start the program on a stack of its own environment",
  },

  // WebAssembly modules.
  L0301: {
    severity: "error",
    message: "local memory of {heap} bytes does not fit: a memory of WebAssembly has room for {limit}",
    help: "ask for less with `--heap`",
  },
  L0302: {
    severity: "error",
    message: "the function `{name}` has {found} {what} in WebAssembly, and engines accept {limit}",
    help: "split the function",
  },
} satisfies DiagnosticTable;
