// The preprocessor against Debian's cpp: the same tokens on hand-written and on random inputs.

import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { sourceFile } from "../../../compiler/source/source-file.ts";
import { parseUnit } from "../../../compiler/syntax/index.ts";
import { PpScanner } from "../../../compiler/syntax/preprocessor/pp-token.ts";
import { macroFile } from "./random-macros.ts";

const folder = mkdtempSync(join(tmpdir(), "pancake-cpp-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** C's preprocessing tokens of a text, one blank between them. */
function tokens(text: string): string {
  const inclusion = { file: sourceFile("text", text), from: null };
  return new PpScanner(inclusion, 0, text.length)
    .rest()
    .map((token) => token.text)
    .join(" ");
}

interface Result {
  readonly tokens: string;
  readonly failed: boolean;
}

function cpp(path: string, defines: readonly string[]): Result {
  const flags = ["-P", "-undef", "-nostdinc", `-I${folder}`, ...defines.map((d) => `-D${d}`)];
  const run = spawnSync("cpp", [...flags, path], { encoding: "utf8", cwd: folder });
  return { tokens: tokens(run.stdout), failed: run.status !== 0 };
}

const isPreprocessors = (code: string): boolean => code < "P0100";

function ours(path: string, defines: readonly string[]): Result {
  const reader = {
    read: (name: string) => {
      try {
        return readFileSync(name, "utf8");
      } catch {
        return null;
      }
    },
  };
  const options = { defines, includePaths: [folder], reader };
  const { unit, diagnostics } = parseUnit([{ path, text: readFileSync(path, "utf8") }], options);
  const failed = diagnostics.some((d) => d.severity === "error" && isPreprocessors(d.code));
  return { tokens: tokens(unit.text), failed };
}

function compare(text: string, defines: readonly string[] = []): void {
  const path = join(folder, "input.pnk");
  writeFileSync(path, text);
  const theirs = cpp(path, defines);
  const mine = ours(path, defines);
  expect(mine.failed).toBe(theirs.failed);
  if (!theirs.failed && !isGluedByCpp(theirs.tokens, mine.tokens)) expect(mine.tokens).toBe(theirs.tokens);
}

/**
 * GNU cpp forgets the space between two tokens around `, ## __VA_ARGS__`: its
 * own output then reads as other tokens. Ours stay apart.
 */
function isGluedByCpp(theirs: string, mine: string): boolean {
  const squeezed = (text: string): string => text.replaceAll(" ", "");
  return squeezed(theirs) === squeezed(mine) && theirs.split(" ").length <= mine.split(" ").length;
}

const byHand: Readonly<Record<string, string>> = {
  "arguments are expanded before they are substituted, bodies afterwards":
    "#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define g f\n#define t(a) a\nf(y+1) + f(f(z)) % t(t(g)(0) + t)(1);\n",
  "a call may begin in a body and end outside":
    "#define h g(~\n#define g f\n#define f(a) <a>\nh 5) + g\n(1)\n",
  "macros that name one another":
    "#define f(a) a*g\n#define g(a) f(a)\nf(2)(9)\n#define foo bar\n#define bar foo\nfoo bar\n",
  "pasting and stringifying":
    '#define str(s) # s\n#define xstr(s) str(s)\n#define cat(a,b) a##b\n#define xcat(a,b) cat(a,b)\nxstr(cat(1,2)) str( a  "\\n" /* c */ \'"\' ) xcat(cat(x,y),z) cat(,1) cat(,)\n',
  "empty arguments":
    "#define t(x,y,z) x ## y ## z\nt(1,2,3) t(,4,5) t(6,,7) t(8,9,) t(10,,) t(,11,) t(,,12) t(,,)\n",
  "variable arguments":
    "#define a(f, ...) p(f, ## __VA_ARGS__)\n#define b(...) q(__VA_ARGS__)\n#define c(f, r...) s(f, r)\n#define d(f, ...) u(f __VA_OPT__(,) __VA_ARGS__)\na(1) a(1,) a(1,2,3) b() b(1) b(1,2) c(1,2,3) d(1) d(1,) d(1,2)\n",
  "numbers hold no macros": "#define x 1\n0x1x 1.x .5x 12x s.0.x s.x x.0 1e+x 0b1x\n",
  "comments and quotes hold no macros, annotations do":
    "#define N 1\n/* N */ N // N\n\"N\" 'N' /@ requires N @/ @N(N) N@N\n/@ don't N\n N @/ N\n",
  conditions:
    "#if 1 - 2 < 0u\na\n#elif 3 > 2 > 1\nb\n#elif (1, 2) == 2\nc\n#else\nd\n#endif\n#if 0 && 1 / 0\n#else\ne\n#endif\n",
  "directives in arguments":
    "#define f(a, b) [a b]\nf(1,\n#ifdef f\n2\n#else\n3\n#endif\n)\nf(1,\n#undef q\n#define q 4\nq)\n",
  "a name before a directive is no call": "#define f(a) a\nf\n#define g 1\n(2) g\n",
  "joined lines": "#define long \\\n  1 + \\\n  2\nlo\\\nng lon\\\ng // c \\\nlong\nlong\n",
  "lines and counters":
    "__LINE__\n#define l __LINE__ t(__LINE__\n#define t(x) x\nl\n) t(\n__LINE__) __COUNTER__ __COUNTER__\n#line 7\n__LINE__\n__INCLUDE_LEVEL__\n",
  "register macros of drivers":
    "#define BIT(n) (1 << (n))\n#define REG(r) (base + (r))\n#define RX 3\n#define PUT(c) @put(c, 0, 0, 0)\n!ldw x, REG(RX); st8 REG(0x10)+1, BIT(RX)|BIT(4); PUT(x-1);\n",
  "skipped text with quotes and comments":
    "#if 0\ndon't\n/* #endif\n*/ #endif\n#elif 1\nyes\n#endif\n# \n#pragma once\nend\n",
  "errors: too few arguments": "#define f(a,b) a b\nf(1)\n",
  "errors: no end": "#define f(a) a\nf(1\n",
  "errors: pasting": "#define p(a,b) a##b\np(+,1)\n",
  "errors: conditions": "#if 1 +\n#endif\n",
  "errors: divisions": "#if 1 % 0\n#endif\n",
  "errors: open conditional": "#if 1\nx\n",
  "errors: stray else": "x\n#else\n",
  "errors: unknown directive": "#foo\n",
  "errors: missing file": '#include "nothing.h"\n',
  "errors: message": "#error no\n",
};

describe("by hand", () => {
  test.each(Object.keys(byHand))("%s", (name) => {
    // `#pragma` is passed on by cpp and dropped by us.
    compare((byHand[name] ?? "").replace("#pragma once\n", ""));
  });

  test("included files, definitions from the command line", () => {
    writeFileSync(
      join(folder, "inner.h"),
      "#ifndef INNER\n#define INNER\ninner SIZE\n#endif\n__INCLUDE_LEVEL__\n",
    );
    writeFileSync(join(folder, "outer.h"), '#include "inner.h"\n#include <inner.h>\nouter');
    const text = '#include "outer.h"\n#define H "inner.h"\n#include H\nSQUARE(SIZE) FLAG\n';
    compare(text, ["SIZE=64", "SQUARE(x)=x*x", "FLAG"]);
  });
});

test("random macros", () => {
  fc.assert(
    fc.property(macroFile, (text) => compare(text)),
    { numRuns: 400 },
  );
});
