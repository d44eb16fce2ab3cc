// The foreign functions that programs with `--os linux` can call without bringing an implementation. Prose: host-calls.md.
// Relies on nothing. Implementation: lib/linux/<isa>/host.s; evaluators answer the same (test worlds).

// What one of the four words of a call is.
type HostCallWord = "value" | "pointer" | "byteCount" | "unused";

export interface HostCall {
  /** Without the `@`. */
  readonly name: string;
  readonly words: readonly [HostCallWord, HostCallWord, HostCallWord, HostCallWord];
  readonly doc: string;
}

const call = (name: string, words: HostCall["words"], doc: string): HostCall => ({ name, words, doc });

// prettier-ignore
export const HOST_CALLS: readonly HostCall[] = [
  call("putchar", ["value", "unused", "unused", "unused"],       "writes the low byte of the value to standard output"),
  call("puthex",  ["value", "unused", "unused", "unused"],       "writes 16 lower-case hexadecimal digits and a newline"),
  call("putint",  ["value", "unused", "unused", "unused"],       "writes the value as signed decimal and a newline"),
  call("write",   ["pointer", "byteCount", "unused", "unused"],  "writes the bytes to standard output"),
  call("ewrite",  ["pointer", "byteCount", "unused", "unused"],  "writes the bytes to standard error"),
  call("read",    ["unused", "unused", "pointer", "byteCount"],  "reads at most byteCount - 8 bytes to pointer + 8, and puts their count into the word at the pointer; 0 at the end"),
  call("exit",    ["value", "unused", "unused", "unused"],       "ends the program; the low byte of the value is the exit status"),
];
