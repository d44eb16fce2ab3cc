// What a module is: valid, the same every time, with the interface of spec/abi/wasm32.md; and what cannot be one.

import { SourceMapConsumer } from "source-map";
import { describe, expect, test, vi } from "vitest";
import { HOST_CALLS } from "../../spec/abi/host-calls.ts";
import { WASM_EXPORTS, WASM_LIMITS } from "../../spec/abi/wasm32.ts";
import { print, type Function, type Local, type Module } from "../../compiler/lang/wasm/index.ts";
import { ByteWriter } from "../../compiler/object/byte-writer.ts";
import type { Diagnostic } from "../../compiler/source/diagnostic.ts";
import { assembleModule } from "../../compiler/target/wasm32/assemble-module.ts";
import { codeProblems, moduleProblems } from "../../compiler/target/wasm32/module-problems.ts";
import { typescriptFiles } from "../house/source-tree.ts";
import { binaryen, compiled, endingOf } from "./compiled.ts";

const DRIVER = [
  "exception E : {1, 1};",
  "var 2 state = <1, 2>;",
  "export fun 1 twice(1 a) { return a + a; }",
  "fun 2 f(1 a) { if a > 3 { throw E <a, a>; } state = <a, state.0>; return state; }",
  "fun 1 main() {",
  "  var 2 r = <0, 0>;",
  "  var 2 v = <0, 0>;",
  "  try r = f(9) catch E => v { !st32 @base, v.1; }",
  "  var x = lds 1 @base;",
  "  @putint(x, 0, 0, 0);",
  "  return x + r.0;",
  "}",
].join("\n");

const EMPTY_FUNCTION: Function = {
  name: "f",
  exports: ["pancake_main"],
  params: [],
  results: [],
  locals: [],
  body: [],
  span: null,
};
const words = (name: string, length: number): readonly Local[] =>
  Array.from({ length }, (_, i) => ({ name: `${name}${String(i)}`, type: "i64" }));
const shown = ({ code, message }: Diagnostic): string => `${code} ${message}`;
const limit = (what: string, found: number, most: number): string =>
  `L0302 the function \`f\` has ${String(found)} ${what} in WebAssembly, and engines accept ${String(most)}`;

function moduleWith(f: Function): Module {
  const memory = { exported: "memory", pages: 1, maxPages: 1 };
  return { imports: [], memory, globals: [], functions: [f], entry: "f" };
}

/** A module with a code section that has one function of that many bytes. */
function codeOf(functionBytes: number): { readonly bytes: Uint8Array; readonly sourceMap: string } {
  const out = new ByteWriter();
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10));
  const count = new ByteWriter();
  count.uleb(1);
  count.uleb(functionBytes);
  out.uleb(count.length + functionBytes);
  out.bytes(count.finish());
  out.bytes(new Uint8Array(functionBytes));
  return { bytes: out.finish(), sourceMap: "" };
}

function problemsOf(f: Function): readonly string[] {
  const module = moduleWith(f);
  const problems = assembleModule(print(module), { binaryen, optimise: 0 }, (made) =>
    codeProblems(module, made),
  );
  return problems.map(shown);
}

function exportNames(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  return WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map((e) => e.name);
}

const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

describe("a module", () => {
  test.each([0, 1, 2] as const)(
    "-O%i: V8 and binaryen accept it, and it is the same each time",
    (optimise) => {
      const { bytes } = compiled(DRIVER, { optimise });
      expect(compiled(DRIVER, { optimise }).bytes).toEqual(bytes);
      expect(WebAssembly.validate(copy(bytes))).toBe(true);
      const read = binaryen.readBinary(bytes);
      read.setFeatures(binaryen.Features.All);
      expect(read.validate()).toBe(1);
      read.dispose();
      expect(endingOf(bytes)).toBe("exit 9");
    },
  );

  test("exports the interface and exported functions, and imports what it uses", () => {
    const bytes = copy(compiled(DRIVER).bytes);
    expect(new Set(exportNames(bytes))).toEqual(new Set([...Object.values(WASM_EXPORTS), "twice"]));
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes)).map(
      (i) => `${i.module} ${i.name}`,
    );
    expect(new Set(imports)).toEqual(
      new Set(["pancake putint", "pancake.fault load64", "pancake.shared store32"]),
    );
  });

  test("carries names and a source map that other people's readers understand", async () => {
    const { bytes, sourceMap } = compiled(DRIVER, { optimise: 0 });
    const module = new WebAssembly.Module(copy(bytes));
    expect(WebAssembly.Module.customSections(module, "name")).toHaveLength(1);
    const [section] = WebAssembly.Module.customSections(module, "sourceMappingURL");
    const address = new TextDecoder().decode(new Uint8Array(section ?? new ArrayBuffer(0)).subarray(1));
    expect(address).toMatch(/data:application\/json;base64,/);
    await SourceMapConsumer.with(sourceMap, null, (map) => {
      const lines = new Set<number | null>();
      map.eachMapping((m) => lines.add(m.originalLine));
      for (const line of [3, 4, 8, 9, 10, 11]) expect(lines).toContain(line);
    });
  });

  test("with -c, unknown foreign functions are imports", () => {
    const source = "fun 1 main() { @mine(1, 2, 3, 4); return 0; }";
    const { bytes, diagnostics } = compiled(source, {}, { open: true });
    expect(diagnostics).toEqual([]);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(copy(bytes)))).toEqual([
      { module: "pancake", name: "mine", kind: "function" },
    ]);
    expect(endingOf(bytes)).toBe("R0013");
  });
});

describe("what cannot be a module", () => {
  const codes = (source: string, heapBytes = 4096): readonly string[] =>
    compiled(source, { heapBytes, optimise: 0 }).diagnostics.map((d) => `${d.code} ${d.message}`);

  test("a foreign function that nobody provides", () => {
    const [only, ...more] = compiled("fun 1 main() { @putchr(1, 0, 0, 0); return 0; }").diagnostics;
    expect(more).toEqual([]);
    expect(only).toMatchObject({ code: "L0201", help: "did you mean `@putchar`?" });
    expect(only?.message).toBe("unknown foreign function `@putchr`, called in `main` of program.pnk");
  });

  test("more local memory than WebAssembly has", () => {
    expect(codes("fun 1 main() { return 0; }", 2 ** 32 - 65536)).toEqual([]);
    expect(codes("fun 1 main() { return 0; }", 2 ** 32 - 65535)[0]).toMatch(/^L0301 .*4294901760$/);
  });

  test("an exported function with a name of the interface", () => {
    expect(codes("export fun 1 memory() { return 1; } fun 1 main() { return 0; }")[0]).toMatch(
      /^L0206 .*`memory`/,
    );
  });

  test("a function with more local variables, parameters or bytes than engines accept", () => {
    const f = { ...EMPTY_FUNCTION, locals: words("l", WASM_LIMITS.locals + 1) };
    expect(problemsOf(f)).toEqual([limit("local variables", WASM_LIMITS.locals + 1, WASM_LIMITS.locals)]);
    expect(problemsOf({ ...f, locals: words("l", WASM_LIMITS.locals) })).toEqual([]);
    for (const bytes of [WASM_LIMITS.functionBytes, WASM_LIMITS.functionBytes + 1]) {
      const made = { functions: [{ name: "f", locals: 0 }], binary: () => codeOf(bytes), text: () => "" };
      const expected = bytes > WASM_LIMITS.functionBytes ? [limit("bytes of code", bytes, bytes - 1)] : [];
      expect(codeProblems(moduleWith(EMPTY_FUNCTION), made).map(shown)).toEqual(expected);
    }
    const module = moduleWith({ ...EMPTY_FUNCTION, params: words("p", WASM_LIMITS.parameters + 1) });
    expect(moduleProblems(module, { open: true, name: "program.pnk" }).map(shown)).toEqual([
      limit("parameters", WASM_LIMITS.parameters + 1, WASM_LIMITS.parameters),
    ]);
  });

  test("a file that is no WebAssembly, and one that is damaged", () => {
    const { bytes } = compiled(DRIVER);
    expect(endingOf(bytes.subarray(0, 100))).toBe("R0013");
    expect(endingOf(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).toBe("R0013");
  });
});

test("a trap that our code does not make is reported as the engine's", () => {
  const text = '(module (memory (export "memory") 1) (func (export "pancake_main") (unreachable)))';
  const module = binaryen.parseText(text);
  const bytes = module.emitBinary();
  module.dispose();
  expect(endingOf(bytes)).toContain("error[R0112]: WebAssembly trap: unreachable");
});

test("an engine that has no room for the memory is reported as such", () => {
  const message = "WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance";
  const instance = vi.spyOn(WebAssembly, "Instance").mockImplementation(function noRoom(): never {
    throw new RangeError(message);
  });
  try {
    expect(endingOf(compiled(DRIVER).bytes)).toBe("R0017");
  } finally {
    instance.mockRestore();
  }
});

test("binaryen is loaded in one place, when it is asked for", () => {
  // What stands for that place's import in the bundle.
  const standIn = "tools/build/import-binaryen.ts";
  const uses = typescriptFiles()
    .filter((file) => !file.path.startsWith("test/") && file.path !== standIn)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/.*["']binaryen["']\).*|import (?!type).* from "binaryen".*/g)].map(
        (m) => `${path}:${m[0]}`,
      ),
    );
  expect(uses).toEqual([
    'compiler/target/wasm32/assemble-module.ts:  return (await import("binaryen")).default;',
  ]);
});

test("the empty heap has no address, and the largest one reaches its end", () => {
  expect(endingOf(compiled("fun 1 main() { st8 @base, 1; return 0; }", { heapBytes: 0 }).bytes)).toContain(
    "R0102",
  );
  expect(endingOf(compiled("fun 1 main() { return @top - @base; }", { heapBytes: 0 }).bytes)).toBe("exit 0");
});

test("every host call can be called", () => {
  const calls = HOST_CALLS.map(({ name }) => `@${name}(7, 0, @base, 8);`).join("\n");
  expect(endingOf(compiled(`fun 1 main() { ${calls} return 0; }`).bytes)).toBe("exit 7");
});
