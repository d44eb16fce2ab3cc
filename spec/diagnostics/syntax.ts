// Diagnostics with the letter P (syntax). Message: one sentence, lower case, expected and found; help: an action.
//
// P00 preprocessor, P01 lexical, P02 grammar, P03 conveniences that --strict rejects.

import type { DiagnosticTable } from "./registry.ts";

export const syntaxDiagnostics = {
  P0001: {
    severity: "error",
    message: "cannot find the included file `{name}`",
    help: "check the name, or name its folder with `-I`",
  },
  P0002: {
    severity: "error",
    message: "including `{path}` here nests more than {limit} files deep",
    help: "a file probably includes itself; guard it with `#ifndef`, or write `#pragma once` in it",
  },
  P0003: { severity: "error", message: "{problem}", help: 'write `#include "file"`' },
  P0004: {
    severity: "error",
    message: "there is no preprocessor directive `#{name}`",
    help: "known are `#include #define #undef #if #ifdef #ifndef #elif #else #endif #error #warning #line #pragma`",
  },
  P0005: {
    severity: "error",
    message: "this conditional has no `#endif` in its file",
    help: "add `#endif` after the lines that depend on it",
  },
  P0006: {
    severity: "error",
    message: "unexpected `#{name}`: {reason}",
    help: "remove it, or add the `#if` that it belongs to",
  },
  P0007: {
    severity: "error",
    message: "{problem}",
    help: "write `#define NAME text` or `#define NAME(a, b) text`",
  },
  P0008: {
    severity: "warning",
    message: "macro `{name}` is defined again with another text; {first}",
    help: "use `#undef {name}` first if that is meant",
  },
  P0009: {
    severity: "error",
    message: "macro `{macro}` takes {wanted} arguments, found {given}",
    help: "commas separate arguments; put an argument that contains one in parentheses",
  },
  P0010: {
    severity: "error",
    message: "the arguments of macro `{macro}` are not closed before the end of the file",
    help: "add the missing `)`",
  },
  P0012: {
    severity: "error",
    message: "`##` joins `{left}` and `{right}` to something that is not one token",
    help: "remove the `##`, tokens can stand side by side",
  },
  P0013: {
    severity: "error",
    message: "{problem}",
    help: "a condition is an integer expression of C; names that are not macros count as 0",
  },
  P0014: { severity: "error", message: "#error: {text}", help: null },
  P0015: { severity: "warning", message: "#warning: {text}", help: null },
  P0016: {
    severity: "error",
    message: "expected a line number and perhaps a file name in quotes",
    help: 'write `#line 12 "file"`',
  },
  P0017: {
    severity: "error",
    message: "the expansion of macro `{macro}` is too large (a million tokens, or 200 nested arguments)",
    help: "look for macros that repeat their arguments several times",
  },
  P0018: {
    severity: "error",
    message: "cannot find the imported file `{name}`",
    help: "the name is relative to the importing file; other folders are searched with `-I`",
  },
  P0019: {
    severity: "warning",
    message: "text after `#{name}` is ignored",
    help: "remove it, or make it a comment",
  },
  P0020: {
    severity: "warning",
    message: "this comment goes on in the next line, because its line ends with a backslash",
    help: "remove the backslash if the next line is code",
  },
  P0104: {
    severity: "error",
    message: "this comment is never closed",
    help: "close it with `*/`",
  },
} satisfies DiagnosticTable;
