// The host shim of lib/wasm32 has the functions that spec/abi/wasm32.ts names, and does with them what it says.

import { expect, test } from "vitest";
import { loadProgram, loadProgramSync, type ProgramHost } from "../../lib/wasm32/pancake-host.mjs";
import { HOST_CALLS } from "../../spec/abi/host-calls.ts";
import { WASM_FAULTS, WASM_IMPORTS, WASM_SHARED } from "../../spec/abi/wasm32.ts";
import { binaryen, compiled } from "./compiled.ts";

interface Run {
  readonly ending: ReturnType<ReturnType<typeof loadProgramSync>["run"]>;
  readonly output: string;
  readonly errors: string;
}

function run(source: string, host: ProgramHost = {}, input = ""): Run {
  const { bytes } = compiled(source, { heapBytes: 8192 }, { open: true });
  const streams = { stdout: "", stderr: "" };
  let rest = new TextEncoder().encode(input);
  const program = loadProgramSync(bytes, {
    writeOutput: (stream, data) => (streams[stream] += new TextDecoder("latin1").decode(data)),
    readInput(maxBytes) {
      const part = rest.slice(0, maxBytes);
      rest = rest.slice(part.length);
      return part;
    },
    ...host,
  });
  return { ending: program.run(), output: streams.stdout, errors: streams.stderr };
}

test("a module that imports every function of the interface can be instantiated", () => {
  const words = (count: number): string => ` (param${" i64".repeat(count)})`;
  const imports = [
    ...HOST_CALLS.map(({ name }) => ({ module: WASM_IMPORTS.foreign, name, type: words(4) })),
    ...WASM_FAULTS.map(({ name, bytes }) => ({
      module: WASM_IMPORTS.faults,
      name,
      type: bytes === null ? "" : words(1),
    })),
    ...Object.values(WASM_SHARED.load).map((name) => ({
      module: WASM_IMPORTS.shared,
      name,
      type: `${words(1)} (result i64)`,
    })),
    ...Object.values(WASM_SHARED.store).map((name) => ({
      module: WASM_IMPORTS.shared,
      name,
      type: words(2),
    })),
  ];
  const texts = imports.map(({ module, name, type }) => `(import "${module}" "${name}" (func${type}))`);
  const module = binaryen.parseText(`(module ${texts.join("\n")} (memory (export "memory") 1))`);
  const bytes = module.emitBinary();
  module.dispose();
  expect(() => loadProgramSync(bytes)).not.toThrow();
});

test("output is collected and written before reading, before errors and at the end", () => {
  const order: string[] = [];
  run(
    "fun 1 main() { @putchar(65, 0, 0, 0); @read(0, 0, @base, 16); @putchar(66, 0, 0, 0); st8 @base, 67; @ewrite(@base, 1, 0, 0); @write(@base, 1, 0, 0); return 0; }",
    {
      writeOutput: (stream, data) => order.push(`${stream} ${new TextDecoder().decode(data)}`),
      readInput: (most) => (order.push(`read ${String(most)}`), new Uint8Array(0)),
    },
  );
  expect(order).toEqual(["stdout A", "read 8", "stdout B", "stderr C", "stdout C"]);
});

test("reading: count in front, at most what there is room for, nothing below 8 bytes", () => {
  const source =
    "fun 1 main() { st @base, 99; @read(0, 0, @base, 7); var a = lds 1 @base; @putint(a, 0, 0, 0); @read(0, 0, @base, 11); var n = lds 1 @base; @putint(n, 0, 0, 0); @write(@base + 8, n, 0, 0); return 0; }";
  expect(run(source, {}, "hello").output).toBe("99\n3\nhel");
});

test("a host call with a buffer outside of the memory is a fault", () => {
  expect(run("fun 1 main() { @write(5, 1, 0, 0); return 0; }").ending).toMatchObject({
    kind: "fault",
    fault: "load",
    address: 5n,
  });
  const far = run("fun 1 main() { @read(0, 0, 1 << 40, 16); return 0; }").ending;
  expect(far).toMatchObject({ kind: "fault", fault: "store", address: 1n << 40n });
});

test("foreign functions get their words and the memory", () => {
  const seen: bigint[][] = [];
  const { ending } = run("fun 1 main() { @mine(-1, 2, @base, 4); var x = lds 1 @base; return x; }", {
    foreign: {
      mine(words, memory) {
        seen.push([...words]);
        new DataView(memory.buffer).setBigUint64(Number(words[2]), 42n, true);
      },
    },
  });
  expect(ending).toEqual({ kind: "exit", code: 42 });
  expect(seen).toEqual([[(1n << 64n) - 1n, 2n, 65536n, 4n]]);
});

test("shared accesses: the memory first, the host's devices elsewhere, in order and each once", () => {
  const events: string[] = [];
  const source =
    "fun 1 main() { var x = 0; !st32 @base, 513; !ld8 x, @base + 1; !st16 4096, x + 65536; !ld8 x, 4098; !ld8 x, 4098; !ldw x, 1 << 40; return x; }";
  const { ending } = run(source, {
    sharedLoad: (bytes, address) => (events.push(`load${String(bytes)} ${address.toString(16)}`), 0x1ffn),
    sharedStore: (bytes, address, value) =>
      events.push(`store${String(bytes)} ${address.toString(16)} ${value.toString()}`) > 0,
  });
  expect(ending).toEqual({ kind: "exit", code: 255 });
  expect(events).toEqual(["store2 1000 2", "load1 1002", "load1 1002", "load8 10000000000"]);
});

test("a shared access that is not aligned reaches the memory, as it does on the machine targets", () => {
  expect(
    run("fun 1 main() { var x = 0; !st16 @base + 3, 513; !ld32 x, @base + 1; return x >>> 16; }").ending,
  ).toEqual({ kind: "exit", code: 1 });
});

test("exported functions can be called after the run, and globals have kept their values", async () => {
  const { bytes } = compiled(
    "var n = 5; export fun 1 add(1 a) { n = n + a; return n; } fun 1 main() { n = 10; return 0; }",
  );
  const program = await loadProgram(bytes);
  expect(program.run()).toEqual({ kind: "exit", code: 0 });
  expect(program.call("add", [7n])).toEqual({ kind: "returned", value: 17n });
  expect(program.call("add", [1n])).toEqual({ kind: "returned", value: 18n });
});
