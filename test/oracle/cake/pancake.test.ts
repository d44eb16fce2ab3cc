// `pancake cake` from source: the same C half as cake.test.ts, with the program in Pancake and the whole compiler.

import { spawn } from "node:child_process";
import { afterAll, describe, expect, test } from "vitest";
import { analyse, compileToCake } from "../../../compiler/compile.ts";
import { options, Workshop, type Ran } from "../object/toolchain.ts";
import { buildWithC, lines, SAYS } from "./c-half.ts";

const program = `
var 1 counter = 5;
var 1 second = lds 1 (@base + @biw);

export fun 1 f0() { counter = counter + 1; return counter; }
export fun 1 f1(1 a) { return a + second; }
export fun 1 f2(1 a, 1 b) { return a - b; }
export fun 1 f3(1 a, 1 b, 1 c) { return (a - b) * c; }
export fun 1 f4(1 a, 1 b, 1 c, 1 d) { return (a - b) * c + d; }
export fun 1 again(1 a) { @reenter(a, 0, 0, 0); return 9; }
export fun 1 probe(1 a) { @probe(a, 0, 0, 0); return 1; }

fun {1,1,1,1,1,1,1,1} eight(1 a, 1 b, 1 c, 1 d) {
  @probe(a, b, c, d);
  return <a + 1, b + 2, c + 3, d + 4, a * b, b * c, c * d, d * a>;
}
fun 1 sum(1 a, 1 b, 1 c, 1 d) {
  var {1,1,1,1,1,1,1,1} x = <0, 0, 0, 0, 0, 0, 0, 0>;
  x = eight(a, b, c, d);
  var {1,1,1,1,1,1,1,1} y = <0, 0, 0, 0, 0, 0, 0, 0>;
  y = eight(d, c, b, a);
  var {1,1,1,1,1,1,1,1} z = <0, 0, 0, 0, 0, 0, 0, 0>;
  z = eight(b, a, d, c);
  return x.0 + x.1 + x.2 + x.3 + x.4 + x.5 + x.6 + x.7 + y.0 + y.1 + y.2 + y.3 + y.4 + y.5 + y.6 + y.7
       + z.0 + z.1 + z.2 + z.3 + z.4 + z.5 + z.6 + z.7;
}
export fun 1 big() {
  var 1 a = 0; a = sum(1, 2, 3, 4);
  var 1 b = 0; b = sum(4, 3, 2, 1);
  return a - b;
}
export fun 1 deep(1 n) {
  if n == 0 { return 0; }
  var 1 rest = 0;
  rest = deep(n - 1);
  return rest + n;
}
fun 1 main() {
  @report(@base, @top, 2, 3);
  return 42;
}
`;

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

function run(scenario: number, stack: number, optimise: 0 | 1): Ran {
  const analysis = analyse([{ path: "<stdin>", text: program }], { reader: { read: () => null } });
  expect(analysis.diagnostics.filter((d) => d.severity === "error")).toEqual([]);
  const made = compileToCake(analysis, options({ os: "cake", mainReturn: true, optimise }));
  expect(made.diagnostics).toEqual([]);
  buildWithC(shop, made.value, { scenario, stack, mainReturn: true });
  return shop.qemu("a.out");
}

for (const optimise of [0, 1] as const) {
  describe(`-O${String(optimise)}`, () => {
    test("entry discipline, arguments, globals, heap, re-entry", () => {
      expect(lines(run(1, 4096, optimise))).toEqual(SAYS.entry);
    });

    test("overflow, and calls after it", () => {
      expect(lines(run(2, 2048, optimise))).toEqual(SAYS.overflow);
    });

    test("registers and alignment", () => {
      expect(lines(run(3, 4096, optimise)).slice(1)).toEqual(SAYS.registers);
    });

    test("a stack of 256 bytes", () => {
      expect(lines(run(4, 256, optimise)).slice(1)).toEqual(["f0 6", "big 0", "f0 7"]);
      expect(lines(run(4, 128, optimise)).slice(1)).toEqual(["f0 6", "cml_exit(2)", "big 2", "f0 7"]);
    });
  });
}

test("gdb finds its way from Pancake code back into C", () => {
  const analysis = analyse([{ path: "driver.pnk", text: program }], { reader: { read: () => null } });
  const made = compileToCake(analysis, options({ os: "cake", mainReturn: true, optimise: 0 }));
  shop.write("driver.pnk", program);
  buildWithC(shop, made.value, { scenario: 1, stack: 4096, mainReturn: true }, ["-g", "-O0"]);
  const port = 20_000 + (process.pid % 20_000);
  const qemu = spawn("qemu-riscv64", ["-g", String(port), shop.path("a.out")], { stdio: "ignore" });
  try {
    const script = ["set pagination off", "set confirm off", `target remote :${String(port)}`];
    shop.write("script", [...script, "break deep if $a0 == 18", "continue", "bt", "kill"].join("\n"));
    const out = shop.run("gdb-multiarch", ["-q", "-batch", "-nx", "-x", "script", "a.out"]).stdout;
    expect(out).toMatch(
      /#0 +deep \(\) at .*driver\.pnk:33\n#1 .* deep \(\) at .*driver\.pnk:35\n#2 .* deep \(\)/,
    );
    expect(out).toMatch(/#4 .* main \(\) at .*shim\.c:\d+/);
  } finally {
    qemu.kill();
  }
});
