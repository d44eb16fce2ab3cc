// Runs the command line inside the test, which is many times faster than a process, or as a process where the process
// itself is the question. Output is captured by standing in for this thread's `write` functions.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { memoryHost } from "../../runtime/index.ts";
import { runCommandLine } from "../../tools/cli/command-line.ts";
import { ROOT } from "../house/source-tree.ts";
import { PACKAGED_PANCAKE } from "../support/package-under-test.ts";

export interface Shown {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pancake words...` in this thread; a guest's streams are `input` and part of what is shown. */
export async function pancake(words: readonly string[], input = ""): Promise<Shown> {
  const streams = { stdout: "", stderr: "" };
  const restore = [capture("stdout"), capture("stderr")];
  const host = memoryHost(input);
  try {
    const status = await runCommandLine(words, host);
    return {
      status,
      stdout: streams.stdout + host.stdout(),
      stderr: host.stderr() + streams.stderr,
    };
  } finally {
    for (const undo of restore) undo();
  }

  function capture(name: "stdout" | "stderr"): () => void {
    const stream = process[name];
    const original = stream.write.bind(stream);
    stream.write = (data: string | Uint8Array): boolean => {
      streams[name] += typeof data === "string" ? data : new TextDecoder().decode(data);
      return true;
    };
    return () => {
      stream.write = original;
    };
  }
}

/** Runs the command as a process of its own, through a shell if `words` is one text with `$PANCAKE` in it. */
export function pancakeProcess(
  words: readonly string[] | string,
  options: { readonly input?: string; readonly cwd?: string; readonly timeoutMs?: number } = {},
): Shown {
  const own = [PACKAGED_PANCAKE];
  const settings = {
    encoding: "utf8",
    cwd: options.cwd ?? ROOT,
    input: options.input ?? "",
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: "1", PANCAKE: [process.execPath, ...own].join(" ") },
  } as const;
  const done =
    typeof words === "string"
      ? spawnSync("bash", ["-o", "pipefail", "-c", words], settings)
      : spawnSync(process.execPath, [...own, ...words], settings);
  return { status: done.status ?? -1, stdout: done.stdout, stderr: done.stderr };
}

/** A folder that is gone after the tests of the file; `write` puts a file there and gives its path. */
export function scratchFolder(): {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => string;
} {
  const path = mkdtempSync(join(tmpdir(), "pancake-cli-"));
  afterAll(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
