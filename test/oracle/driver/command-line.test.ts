// The commands that a driver's makefile runs: `cat ... | cpp -P | pancake cake`, and `pancake compile -c`; and what
// gdb makes of the result.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { Workshop } from "../object/toolchain.ts";
import { corpus, linkDriver, runDriver } from "./build.ts";
import { complaints } from "./trace.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

const FILES = ["util", "serial_queue", "uart"].map((name) => corpus(`sddf-uart/${name}.pnk`));
const piped = FILES.map((file) => readFileSync(file, "utf8")).join("");
const command = fileURLToPath(new URL("../../../tools/cli/main.ts", import.meta.url));
const WIRING = ["WIDTH=1", "SHIFT=0"];

function pancake(words: readonly string[], input = ""): ReturnType<Workshop["run"]> {
  const loader = import.meta.resolve("tsx");
  return shop.run(process.execPath, ["--import", loader, command, ...words], input);
}

/** The driver as assembly of `pancake cake`, from text as it comes out of a pipe. */
function cake(text: string): string {
  const ran = pancake(["cake", "--pancake", "--target=riscv", "--main_return=true"], text);
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
  return ran.stdout;
}

/** What gcc assembles of a text: the instructions, without the object's name. */
function instructions(text: string): string {
  shop.write("x.S", text);
  shop.tool("gcc", "-c", "-g3", "x.S", "-o", "x.o");
  return shop.tool("objdump", "-d", "x.o").replace(/^.*file format.*$/m, "");
}

describe("pancake cake", () => {
  test("after cpp -P, after cpp with comments or line markers, and by itself", () => {
    const variants = [["-P"], ["-P", "-C"], []].map((flags) => shop.run("cpp", flags, piped).stdout);
    const own = cake(piped);
    shop.write("driver.S", own);
    for (const text of variants) expect(instructions(cake(text))).toBe(instructions(own));
    const trace = runDriver(shop, "driver.S", { script: "uart.c", defines: WIRING, route: "cake" });
    expect(complaints(trace)).toEqual([]);
  });

  test("text for LLVM's assembler too", () => {
    shop.write("driver.S", cake(piped));
    shop.write("driver.s", shop.tool("gcc", "-E", "driver.S"));
    const flags = [
      "-triple=riscv64-linux-gnu",
      "-mattr=+m,+a,+c,+f,+d",
      "-target-abi=lp64d",
      "-filetype=obj",
    ];
    const ran = shop.run("llvm-mc", [...flags, "driver.s", "-o", "driver.o"]);
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    const trace = runDriver(shop, "driver.o", { script: "uart.c", defines: WIRING, route: "cake" });
    expect(complaints(trace)).toEqual([]);
  });
});

function compileObject(level: string): void {
  const ran = pancake([
    "compile",
    "-c",
    "--strict",
    "-O",
    level,
    "--heap",
    "16384",
    ...FILES,
    "-o",
    "driver.o",
  ]);
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
}

describe("pancake compile -c", () => {
  test("makes an object that links and behaves", () => {
    compileObject("1");
    const trace = runDriver(shop, "driver.o", { script: "uart.c", defines: WIRING, route: "linux" });
    expect(complaints(trace)).toEqual([]);
    const wrong = shop.run("riscv64-linux-gnu-readelf", ["-a", "-w", "driver.o"]).stderr;
    expect(wrong).toBe("");
  });

  test("refuses an exported function whose name C needs", () => {
    shop.write("taken.pnk", "export fun 1 pancake_heap() { return 0; }\nfun 1 main() { return 0; }\n");
    const ran = pancake(["compile", "-c", "taken.pnk", "-o", "taken.o"]);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain("error[L0206]");
  });
});

describe("gdb", () => {
  /** Runs a gdb script against the linked driver under qemu. */
  async function debug(commands: readonly string[]): Promise<string> {
    linkDriver(shop, "driver.o", { script: "uart.c", defines: WIRING, route: "linux" }, ["-g"]);
    const port = await freePort();
    const qemu = spawn("qemu-riscv64", ["-g", String(port), shop.path("a.out")], { stdio: "ignore" });
    const start = [
      "set pagination off",
      "set confirm off",
      "handle SIGSEGV nostop noprint pass",
      `target remote :${String(port)}`,
    ];
    shop.write("script", [...start, ...commands, "kill"].join("\n"));
    try {
      return shop.run("gdb-multiarch", ["-q", "-batch", "-nx", "-x", "script", "a.out"]).stdout;
    } finally {
      qemu.kill();
    }
  }

  test("-O0: breakpoints by Pancake names, the source, the stack into C", async () => {
    compileObject("0");
    const out = await debug([
      "break remember",
      "continue",
      "bt",
      "list",
      "finish",
      "break log_word",
      "info line rx_one",
    ]);
    expect(out).toMatch(/Breakpoint 1, remember \(\) at .*uart\.pnk:\d+\n\d+\s+st8 WORD_AT/);
    expect(out).toMatch(/#1 .* in rx_one \(\) at .*uart\.pnk:\d+/);
    expect(out).toMatch(/#2 .* in rx_fill \(\) at .*uart\.pnk:\d+/);
    expect(out).toMatch(
      / in notified \(\) at .*uart\.pnk:\d+\n(.*\n)*.* in receive_some \(\) at .*uart\.c:\d+/,
    );
    expect(out).toContain("st8 WORD_AT(LOCAL_RECENT) + recent, char;");
    expect(out).toMatch(/\nrx_one \(\) at .*uart\.pnk:\d+/);
    expect(out).toMatch(/Line \d+ of ".*uart\.pnk" starts at address/);
  });

  test("-O1: breakpoints by line in inlined code, and from C back into Pancake", async () => {
    compileObject("1");
    const line = piped.split("\n").findIndex((text) => text.includes("reg_write(REG(THR), taken.0)")) + 1;
    const before = FILES.slice(0, 2).flatMap((file) =>
      readFileSync(file, "utf8").split("\n").slice(1),
    ).length;
    const place = `uart.pnk:${String(line - before)}`;
    const out = await debug([
      `break ${place}`,
      "continue",
      "list",
      "delete",
      "break ffilog_bytes",
      "continue",
      "bt",
    ]);
    expect(out).toContain("reg_write(REG(THR), taken.0);");
    expect(out).toMatch(/Breakpoint 2, ffilog_bytes/);
    expect(out).toMatch(/#0 +ffilog_bytes .*\n(#.*uart\.pnk:\d+\n)+.*call_marked/);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
