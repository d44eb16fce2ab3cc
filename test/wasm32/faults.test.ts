// A program that cannot go on ends with a fault that names the function and the line, at every optimisation level.

import { describe, expect, test } from "vitest";
import { loadProgramSync } from "../../lib/wasm32/pancake-host.mjs";
import { compiled, endingOf } from "./compiled.ts";

const LEVELS = [0, 1, 2] as const;
const BASE = 0x10000n;
const HEAP_BYTES = 4096;

/** What a run of `main` with this statement on line 3 shows. */
function ending(statement: string, optimise: 0 | 1 | 2, declarations = ""): string {
  const source = `${declarations}\nfun 1 main() {\n${statement}\nreturn 0; }\n`;
  const { bytes, diagnostics } = compiled(source, { optimise, heapBytes: HEAP_BYTES });
  expect(diagnostics).toEqual([]);
  expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true);
  return endingOf(bytes);
}

// One function an access, one a line, so that a fault can be told by its line.
const accesses = [
  { name: "load8", text: "return ld8 p;", fault: "load", bytes: 1 },
  { name: "load32", text: "return ld32 p;", fault: "load", bytes: 4 },
  { name: "load64", text: "return lds 1 p;", fault: "load", bytes: 8 },
  { name: "store8", text: "st8 p, 1; return 0;", fault: "store", bytes: 1 },
  { name: "store32", text: "st32 p, 1; return 0;", fault: "store", bytes: 4 },
  { name: "store64", text: "st p, 1; return 0;", fault: "store", bytes: 8 },
] as const;
const probes = accesses.map(({ name, text }) => `export fun 1 ${name}(1 p) { ${text} }`).join("\n");

const TOP = BASE + BigInt(HEAP_BYTES);
const addresses = [
  { what: "null", address: 0n },
  { what: "just below @base", address: BASE - 1n },
  { what: "@top", address: TOP },
  { what: "@base in the lower half, more in the upper", address: (1n << 32n) + BASE },
  { what: "the sign bit", address: 1n << 63n },
  { what: "the last address", address: (1n << 64n) - 1n },
];

describe.each(LEVELS)("-O%i", (level) => {
  test("no access of any width leaves local memory", () => {
    const { bytes } = compiled(`${probes}\nfun 1 main() { return 0; }`, {
      optimise: level,
      heapBytes: HEAP_BYTES,
    });
    const program = loadProgramSync(bytes);
    expect(program.run()).toEqual({ kind: "exit", code: 0 });
    accesses.forEach(({ name, fault, bytes: width }, line) => {
      for (const { what, address } of [
        ...addresses,
        { what: "half in", address: TOP - BigInt(width) + 1n },
      ]) {
        if (width === 1 && what === "half in") continue;
        const place = { file: "program.pnk", line: line + 1 };
        const expected = { kind: "fault", fault, address, bytes: width, frames: [{ function: name, place }] };
        expect(program.call(name, [BigInt.asIntN(64, address)]), `${name} at ${what}`).toMatchObject(
          expected,
        );
      }
      for (const address of [BASE, BASE + 1n, TOP - BigInt(width)]) {
        expect(program.call(name, [address])).toMatchObject({ kind: "returned" });
      }
    });
  });

  test("the report names access, address, function, line and the bounds", () => {
    const shown = ending("st32 @top, 1;", level);
    expect(shown).toContain("error[R0102]: store of 4 bytes to 0x00011000: it is outside of local memory");
    expect(shown).toMatch(/--> main \(0x[0-9a-f]{8}\) at program\.pnk:3:/);
    expect(shown).toContain("`@base`..`@top`) is 0x00010000..0x00011000");
  });

  test("a shared access where nothing is", () => {
    expect(ending("!st8 4096, 7;", level)).toContain(
      "error[R0102]: store of 1 byte to 0x00001000: no shared memory",
    );
    expect(ending("var x = 0; !ldw x, 4096; @putint(x, 0, 0, 0);", level)).toMatch(
      /R0101.*\n {2}--> main .*:3:/,
    );
  });

  test("an uncaught exception, and recursion without end", () => {
    const raised = ending(
      "var x = f(1); @putint(x, 0, 0, 0);",
      level,
      "exception E : 1; fun 1 f(1 a) { if a { throw E a; } return 1; }",
    );
    expect(raised).toContain("error[R0107]");
    expect(raised).toMatch(/program\.pnk:[13]:/);
    const deep = ending(
      "var x = f(1); @putint(x, 0, 0, 0);",
      level,
      "fun 1 f(1 a) { var x = f(a + 1); return x + a; }",
    );
    expect(deep).toContain("error[R0113]");
    expect(deep).toMatch(/called from f .* at program\.pnk:1:/);
  });
});

test("the path of the innermost call is named in full where nothing is inlined", () => {
  const source = "fun 1 f(1 p) {\n  return ld8 p;\n}\nfun 1 main() {\n  var x = f(3);\n  return x + 1;\n}\n";
  const shown = endingOf(compiled(source, { optimise: 0 }).bytes);
  expect(shown).toMatch(
    /--> f \(0x[0-9a-f]+\) at program\.pnk:2:\d+\n {6}called from main \(0x[0-9a-f]+\) at program\.pnk:5:/,
  );
});

test.each(LEVELS)(
  "-O%i: a fault in code that may be inlined names the function that was written there",
  (optimise) => {
    const source =
      "fun 1 poke(1 p) {\n  st p, 1;\n  return 0;\n}\nfun 1 main() {\n  var x = poke(8);\n  return x + 1;\n}\n";
    const shown = endingOf(compiled(source, { optimise }).bytes);
    expect(shown).toMatch(/--> poke (inlined into main )?\(0x[0-9a-f]+\) at program\.pnk:2:3\n/);
    expect(shown.includes("inlined into main")).toBe(optimise > 0);
  },
);

test.each(LEVELS)("-O%i: an exhausted stack names the line in its innermost function too", (optimise) => {
  const source =
    "fun 1 deep(1 a) {\n  var x = deep(a + 1);\n  return x + a;\n}\nfun 1 main() {\n  var x = deep(1);\n  return x;\n}\n";
  expect(endingOf(compiled(source, { optimise }).bytes)).toMatch(
    /R0113.*\n {2}--> deep \(0x[0-9a-f]+\) at program\.pnk:2:/,
  );
});

test("file names may have spaces, colons and other scripts", () => {
  const path = "my drivers/c:ü🥞.pnk";
  const { bytes } = compiled("fun 1 main() { return ld8 1; }", {}, { path });
  expect(endingOf(bytes)).toContain(`at ${path}:1:`);
});
