// Diagnostics with the letter R (runtime): loading a program, and how a guest came to its end.
// Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

// prettier-ignore
export const runtimeDiagnostics = {
  // Files that cannot be loaded.
  R0001: { severity: "error", message: "expected an ELF file, found {found}",
    help: "give an executable made by `pancake compile` or by a linker" },
  R0002: { severity: "error", message: "the file ends early: {part} needs {needed} bytes, found {found}",
    help: "copy or build the file again" },
  R0003: { severity: "error", message: "expected a 64-bit little-endian ELF file, found {found}",
    help: "compile the program for riscv64 or arm64" },
  R0004: { severity: "error", message: "expected a program for {expected}, found one for {found}",
    help: "compile the program for {expected}" },
  R0005: { severity: "error", message: "expected an executable, found {found}",
    help: "link it first: `pancake compile` without `-c`, or a linker" },
  R0006: { severity: "error", message: "the program needs the dynamic loader `{loader}`, which is not supported yet",
    help: "link it with `-static`" },
  R0007: { severity: "error", message: "segments {first} and {second} overlap at {address}",
    help: "check the linker script: loadable segments must not share pages' bytes" },
  R0008: { severity: "error", message: "the entry point {entry} is not in an executable segment",
    help: "check the linker's entry symbol (`-e`, `ENTRY`)" },
  R0009: { severity: "error", message: "the program has no loadable segment", help: "check the linker script" },
  R0010: { severity: "error", message: "segment {index} {problem}", help: "check the linker script" },
  R0011: { severity: "error", message: "the program needs more than the {limit} bytes that the machine has",
    help: "give the machine more memory" },
  R0012: { severity: "error", message: "position-independent executables are not supported yet",
    help: "link it with `-no-pie`" },
  R0013: { severity: "error", message: "the WebAssembly module is no program that can run here: {reason}",
    help: "compile the program with `pancake compile --target wasm32`, without `-c`" },
  R0014: { severity: "error", message: "expected program headers of at least {expected} bytes, found {found}",
    help: "build the file again: its ELF header is damaged" },
  R0016: { severity: "error", message: "the entry point {entry} is not a multiple of {alignment}, as instructions are",
    help: "check the linker's entry symbol (`-e`, `ENTRY`)" },

  // Files that a board cannot boot.
  R0030: { severity: "error", message: "{start} to {end} is not in the board's memory ({memory})",
    help: "link the image for the board's memory, or give the board more of it (`--memory`)" },
  R0031: { severity: "error", message: "what is loaded at {second} overlaps what is loaded at {first}",
    help: "link the images for different addresses, or give the board more memory (`--memory`)" },
  R0032: { severity: "error", message: "expected the contents of a flash bank as firmware, found an ELF file",
    help: "make a plain image of it: `objcopy -O binary`" },

  // What a guest asked for.
  R0020: { severity: "warning", message: "system call `{name}` ({number}) is not implemented; it returned ENOSYS",
    help: null },
  R0021: { severity: "warning", message: "the program set a handler for signal {signal}; signal handlers are not run yet",
    help: null },
  R0022: { severity: "warning", message: "`{path}` was not opened ({error}): programs see no files but the standard streams",
    help: "give the program its input on standard input" },

  // How a guest ended.
  R0101: { severity: "error", message: "load of {bytes} from {address}: {why}", help: null },
  R0102: { severity: "error", message: "store of {bytes} to {address}: {why}", help: null },
  R0103: { severity: "error", message: "jump to {address}: {why}", help: null },
  R0104: { severity: "error", message: "undefined instruction {bits}", help: null },
  R0105: { severity: "error", message: "breakpoint instruction", help: null },
  R0106: { severity: "error", message: "the stack is exhausted",
    help: "look for recursion that does not end, or give a larger `--stack`" },
  R0107: { severity: "error", message: "an exception was raised and no caller handles it",
    help: "handle it in `main` or in a function that it calls" },
  R0111: { severity: "error", message: "the program reached a place that its compiler holds to be impossible",
    help: "this is a mistake of the compiler: please report it with the source" },
  R0108: { severity: "error", message: "the program ended itself with signal {signal}", help: null },
  R0115: { severity: "error", message: "the program sent itself signal {signal}, and its handler at {handler} cannot run",
    help: "signal handlers are not supported yet: do without the signal" },
  R0109: { severity: "error", message: "the instruction limit of {limit} is reached",
    help: "look for a loop that does not end, or raise the limit" },
  R0113: { severity: "error", message: "the stack of the WebAssembly engine is exhausted",
    help: "look for recursion that does not end" },
  R0112: { severity: "error", message: "WebAssembly trap: {reason}", help: null },
  R0110: { severity: "error", message: "atomic access of {bytes} at {address}: expected a multiple of {bytes}",
    help: null },
  R0114: { severity: "error", message: "access by a misaligned stack pointer {address}: expected a multiple of {alignment}",
    help: "look for code that moves the stack pointer by another amount" },
} satisfies DiagnosticTable;
