// What each command does with good input, as the manual (design.md, section 6) says it: output, files, exit codes.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pancake, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const at = (name: string): string => join(scratch.path, name);
const hello = scratch.write(
  "hello.pnk",
  "fun 1 add(1 a, 1 b) {\n  return a + b;\n}\nfun 1 main() {\n  @putint(add(40, 2), 0, 0, 0);\n  return 300;\n}\n",
);
const wrong = scratch.write("wrong.pnk", "fun 1 main() {\n  var x = 1;\n  return y;\n}\n");
const warned = scratch.write("warned.pnk", "fun 1 main() { return 1; return 2; }\n");

describe("check", () => {
  test("text: code, place, source line, marker, count; nothing on standard output", async () => {
    const shown = await pancake(["check", wrong]);
    expect(shown.status).toBe(1);
    expect(shown.stdout).toBe("");
    expect(shown.stderr).toContain(`error[S0001]: variable \`y\` `);
    expect(shown.stderr).toContain(`--> ${wrong}:3:10\n3 |   return y;\n  |          ^`);
    expect(shown.stderr).toMatch(/\n1 error\n$/);
  });

  test("json: exactly the fields of the manual, lines and columns from 1", async () => {
    const shown = await pancake(["check", "--format", "json", wrong]);
    expect(shown.status).toBe(1);
    expect(shown.stderr).toBe("");
    const [only, ...more] = JSON.parse(shown.stdout) as readonly Record<string, unknown>[]; // our own format
    expect(more).toEqual([]);
    const fields = ["code", "severity", "message", "file", "line", "column", "endLine", "endColumn", "help"];
    expect(Object.keys(only ?? {})).toEqual(fields);
    expect(only).toMatchObject({ code: "S0001", severity: "error", file: wrong, line: 3, column: 10 });
    expect(only).toMatchObject({ endLine: 3, endColumn: 11 });
    expect((await pancake(["check", "--format", "json", hello])).stdout).toBe("[]\n");
  });

  test("warnings leave 0 and can be silenced", async () => {
    const shown = await pancake(["check", warned]);
    expect(shown).toMatchObject({ status: 0, stdout: "" });
    expect(shown.stderr).toMatch(/^warning\[S04\d\d\][^]*\n1 warning\n$/);
    expect(await pancake(["check", "--no-warn", warned])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await pancake(["check", "--no-warn", "--format", "json", warned])).stdout).toBe("[]\n");
  });

  test("--strict rejects what stock Pancake has not, and says how it writes it", async () => {
    const modern = scratch.write("modern.pnk", "const N = 0x10;\nfun 1 main() { return N; }\n");
    expect((await pancake(["check", modern])).status).toBe(0);
    const shown = await pancake(["check", "--strict", modern]);
    expect(shown.status).toBe(1);
    expect(shown.stderr).toMatch(/help: /);
  });

  test("-D, -U and -I reach the preprocessor, in order of the files", async () => {
    const macros = scratch.write(
      "macros.pnk",
      "#include <limits.h>\nfun 1 main() { return VALUE + LIMIT; }\n",
    );
    const { mkdirSync } = await import("node:fs");
    mkdirSync(at("inc"), { recursive: true });
    scratch.write("inc/limits.h", "#define LIMIT 2\n");
    expect((await pancake(["run", "-DVALUE=40", "-I", at("inc"), macros])).status).toBe(42);
    expect((await pancake(["run", "-D", "VALUE", "-I", at("inc"), macros])).status).toBe(3);
    expect((await pancake(["check", "-I", at("inc"), macros])).status).toBe(1);
    expect((await pancake(["check", "-DVALUE=1", "-UVALUE", "-I", at("inc"), macros])).status).toBe(1);
    const first = scratch.write("first.pnk", "#define TWICE(x) ((x) * 2)\n");
    const second = scratch.write("second.pnk", "fun 1 main() { return TWICE(21); }\n");
    expect((await pancake(["run", first, second])).status).toBe(42);
  });
});

describe("compile", () => {
  test("a program, an object, assembly with a source map, a make rule", async () => {
    expect(await pancake(["compile", hello, "-o", at("hello")])).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
    expect(readFileSync(at("hello")).subarray(0, 4).toString("latin1")).toBe("\x7fELF");
    expect(await pancake(["run", at("hello")])).toMatchObject({ status: 44, stdout: "42\n" });

    expect((await pancake(["compile", "-c", "-MD", hello, "-o", at("hello.o")])).status).toBe(0);
    expect(readFileSync(at("hello.o")).readUInt16LE(16)).toBe(1);
    expect(readFileSync(at("hello.o.d"), "utf8")).toBe(`${at("hello.o")}: ${hello}\n`);

    const words = ["compile", "-S", "--source-map", at("hello.map"), hello, "-o", at("hello.s")];
    expect((await pancake(words)).status).toBe(0);
    expect(readFileSync(at("hello.s"), "utf8")).toContain("main");
    const map = JSON.parse(readFileSync(at("hello.map"), "utf8")) as Record<string, unknown>; // our own format
    expect(map).toMatchObject({ version: 3, file: "hello.s", sources: [hello] });
  });

  test("-o - is standard output; --emit prints any stage; nothing is written after an error", async () => {
    expect((await pancake(["compile", "-S", hello, "-o", "-"])).stdout).toMatch(/^\s*(\.|#)/);
    expect((await pancake(["compile", "--emit", "surface-to-pan", hello])).stdout).toContain("add");
    expect((await pancake(["compile", wrong, "-o", at("nothing")])).status).toBe(1);
    expect(existsSync(at("nothing"))).toBe(false);
  });

  test("a foreign function that nobody defines is named, with its place", async () => {
    const path = scratch.write("foreign.pnk", "fun 1 main() {\n  @uart_reset(0, 0, 0, 0);\n  return 0;\n}\n");
    const shown = await pancake(["compile", path, "-o", at("foreign")]);
    expect(shown.status).toBe(1);
    expect(shown.stderr).toMatch(/error\[L\d{4}\]/);
    expect(shown.stderr).toContain("uart_reset");
    expect((await pancake(["compile", "-c", path, "-o", at("foreign.o")])).status).toBe(0);
    const assembly = scratch.write("reset.s", ".globl ffiuart_reset\nffiuart_reset:\n  ret\n");
    expect((await pancake(["run", path, assembly])).status).toBe(0);
  });
});

describe("run", () => {
  test("exit status, standard input, arguments after --, --stats", async () => {
    const cat = scratch.write(
      "cat.pnk",
      "fun 1 main() { @read(0, 0, @base, 64); var n = lds 1 @base; @write(@base + 8, n, 0, 0); return n; }\n",
    );
    expect(await pancake(["run", cat], "abc")).toEqual({ status: 3, stdout: "abc", stderr: "" });
    const shown = await pancake(["run", "--stats", cat, "--", "--strict", "x"], "");
    expect(shown.status).toBe(0);
    expect(shown.stderr).toMatch(/^instructions: [1-9]\d*\n([a-z ]+: \S+\n)*$/);
  });

  test("both executors count the same", async () => {
    const [fast, reference] = [
      await pancake(["run", "--stats", hello]),
      await pancake(["run", "--stats", "--executor", "reference", hello]),
    ];
    expect(fast).toEqual(reference);
  });

  const faulty = (name: string, body: string): string =>
    scratch.write(
      `${name}.pnk`,
      `exception E : 1;\nfun 1 culprit(1 n) {\n  ${body}\n  return n;\n}\nfun 1 main() {\n  var r = culprit(5);\n  @putint(r, 0, 0, 0);\n  return r + 1;\n}\n`,
    );
  test.each([
    ["store", "st 16, n;", /store|write/],
    ["load", "n = lds 1 (n * 1000000007 * 8);", /load|read/],
    ["stack", "var m = culprit(n + 1); n = n + m;", /stack/],
  ])("a guest fault names function and line, exit code 3: %s", async (name, body, message) => {
    const path = faulty(name, body);
    for (const level of ["0", "1"]) {
      const shown = await pancake(["run", "--no-warn", "-O", level, path]);
      expect(shown.status).toBe(3);
      expect(shown.stderr).toMatch(/^error\[R\d{4}\]/);
      expect(shown.stderr).toMatch(message);
      // An inlined function has no frame of its own: the line is its line, the name that of the function around it.
      expect(shown.stderr).toMatch(level === "0" ? /culprit/ : /culprit|main/);
      expect(shown.stderr).toContain(`${path}:`);
      expect(shown.stdout).toBe("");
    }
  });

  test("an exception that nobody handles names the call in main that it came through", async () => {
    const path = faulty("exception", "if n { throw E n; }");
    const shown = await pancake(["run", "-O", "0", path]);
    expect(shown.status).toBe(3);
    expect(shown.stderr).toMatch(/^error\[R0107\]: an exception was raised and no caller handles it\n/);
    expect(shown.stderr).toContain(`${path}:7:`);
  });

  test("an endless loop ends at --max-instructions, with exit code 3", async () => {
    const loop = scratch.write("loop.pnk", "fun 1 main() { while 1 { skip; } return 0; }\n");
    const shown = await pancake(["run", "--max-instructions", "10000", loop]);
    expect(shown.status).toBe(3);
    expect(shown.stderr).toMatch(/10000/);
  });
});

describe("explore, lower, disasm, explain", () => {
  test("explore as text, as a page, as cake prints it, and the list of passes", async () => {
    const text = (await pancake(["explore", hello])).stdout;
    expect(text.match(/^# after \S+/gm)?.length).toBeGreaterThan(10);
    const one = (await pancake(["explore", "--pass", "loop-live", hello])).stdout;
    expect(one).toMatch(/^# after loop-live\n/);
    expect(one.match(/^# after/gm)).toHaveLength(1);
    const page = (await pancake(["explore", "--format", "html", hello])).stdout;
    expect(page).toMatch(/^<!doctype html>/i);
    expect(page).not.toMatch(/(src|href)="https?:/);
    expect((await pancake(["explore", "--format", "cake", hello])).stdout).toMatch(/^#/);
    const list = (await pancake(["explore", "--list"])).stdout;
    expect(list).toMatch(/^lower-conveniences/m);
    expect(list).toMatch(/ before .*: /);
  });

  test("a lowered program is stock Pancake and does the same", async () => {
    const shown = await pancake(["lower", hello, "-o", at("lowered.pnk")]);
    expect(shown).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await pancake(["check", "--strict", at("lowered.pnk")])).status).toBe(0);
    const before = await pancake(["run", hello]);
    expect(await pancake(["run", "--strict", at("lowered.pnk")])).toEqual(before);
  });

  test("a listing has symbols, code and source lines", async () => {
    await pancake(["compile", "-c", "-O", "0", hello, "-o", at("list.o")]);
    const full = await pancake(["disasm", at("list.o")]);
    expect(full.status).toBe(0);
    expect(full.stdout).toContain("add");
    expect(full.stdout).toContain(`; ${hello}:2: return a + b;`);
    expect((await pancake(["disasm", "--no-source", at("list.o")])).stdout).not.toContain(hello);
  });

  test("explain prints the page of a code, in any case of letters", async () => {
    const shown = await pancake(["explain", "s0001"]);
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain("S0001");
  });
});

describe("test", () => {
  const source = "fun 1 main() { return 7; }";
  const golden = (name: string, expected: string): string =>
    scratch.write(name, `# ${name}: shows it\nkind: run\n---- input\n${source}\n---- expect\n${expected}\n`);

  test("passing and failing cases, the difference, --accept, --list, --filter, exit codes", async () => {
    const good = golden("good.case", "exit 7");
    const bad = golden("bad.case", "exit 8");
    expect(await pancake(["test", good])).toMatchObject({ status: 0, stdout: "1 passed, 0 failed\n" });
    const failed = await pancake(["test", good, bad]);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/FAILED bad\.case: shows it[^]*-exit 8\n\+exit 7[^]*1 passed, 1 failed/);
    expect((await pancake(["test", "--filter", "good", good, bad])).status).toBe(0);
    expect((await pancake(["test", "--list", good, bad])).stdout.split("\n")).toHaveLength(3);
    expect((await pancake(["test", "--kinds"])).stdout).toMatch(/^run {2,}\S/m);
    const ci = process.env["CI"];
    delete process.env["CI"];
    expect((await pancake(["test", "--accept", bad])).status).toBe(0);
    process.env["CI"] = "true";
    expect((await pancake(["test", "--accept", bad])).status).toBe(1);
    if (ci === undefined) delete process.env["CI"];
    else process.env["CI"] = ci;
    expect(readFileSync(bad, "utf8")).toContain("---- expect\nexit 7\n");
    expect((await pancake(["test", bad])).status).toBe(0);
  });

  test("a malformed case, an unknown kind, nothing to test", async () => {
    const odd = scratch.write("odd.case", "# title\nkind: frobnicate\n---- input\n---- expect\n");
    expect((await pancake(["test", odd])).stdout).toContain("unknown kind `frobnicate`");
    const program = "---- input\nfun 1 main() { return lds; } // riscv64: addi\n---- expect\nmatched\n";
    const wrong = await pancake(["test", scratch.write("wrong.case", `# title\nkind: asm\n${program}`)]);
    expect(wrong.status).toBe(1);
    expect(wrong.stdout).toContain("error[P0201]");
    const none = await pancake(["test", "--filter", "nowhere", odd]);
    expect(none.status).toBe(1);
    expect(none.stderr).toContain("no cases found");
    expect((await pancake(["test", at("missing")])).status).toBe(1);
  });
});

describe("help and version", () => {
  test("the version names the reference; help lists every command with exit codes; nothing is an error", async () => {
    expect((await pancake(["--version"])).stdout).toMatch(/^pancake \d+\.\d+\.\d+ .*5e2e7cbc2/);
    const help = await pancake(["--help"]);
    expect(help.status).toBe(0);
    for (const command of [
      "check",
      "compile",
      "run",
      "explore",
      "lower",
      "disasm",
      "cake",
      "test",
      "explain",
    ]) {
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, "m"));
      expect((await pancake([command, "--help"])).status).toBe(0);
    }
    expect(help.stdout).toContain("exit codes:");
    const nothing = await pancake([]);
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toContain("Usage: pancake");
  });
});
