// `pancake cake` as a drop-in for `cake --pancake`: its options and its manners, which other people's Makefiles rely on.
// What its assembly does when linked with C is test/oracle/cake.

import { describe, expect, test } from "vitest";
import { pancakeProcess, type Shown } from "./pancake.ts";

const good = "fun 1 main() { return 1; }\n";
const warned = "fun 1 main() { return 1; return 2; }\n";
const wrong = "fun 1 main() { return y; }\n";

/** Several runs in one shell, each after a line `@@`: a process costs more than what it does here. */
function cake(runs: readonly { readonly words: string; readonly source: string }[]): readonly Shown[] {
  const script = runs
    .map(({ words, source }) => {
      const quoted = source.replaceAll("'", "'\\''");
      return `printf '%s' '${quoted}' | $PANCAKE cake ${words} 2>err; echo "@@$?"; cat err; echo "@@@@"`;
    })
    .join("\n");
  const { stdout } = pancakeProcess(`cd "$(mktemp -d)"\n${script}\nrm -r "$PWD"`, { timeoutMs: 110_000 });
  return stdout
    .split("@@@@\n")
    .slice(0, runs.length)
    .map((text) => {
      const match = /^([^]*)@@(\d+)\n([^]*)$/.exec(text);
      return { stdout: match?.[1] ?? "", status: Number(match?.[2] ?? -1), stderr: match?.[3] ?? text };
    });
}

describe("options", () => {
  const rows = [
    { words: "--pancake --target=riscv", source: good },
    { words: "--pancake --target=riscv --target=nonsense", source: good },
    { words: "--pancake --target=nonsense --target=riscv", source: good },
    { words: "--pancake --target=riscv --frobnicate --exclude_prelude=true", source: good },
    { words: "--pancake --target=riscv", source: warned },
    { words: "--pancake --target=riscv --no_warn", source: warned },
    { words: "--pancake --target=riscv", source: wrong },
    { words: "--pancake --target=riscv --main_return=maybe", source: good },
    { words: "--pancake --target=riscv --main_return=true", source: good },
    { words: "--pancake --target=arm8", source: good },
    { words: "--help", source: "" },
    { words: "--pancake --target=riscv", source: "" },
  ];
  const shown = cake(rows);
  const at = (index: number): Shown => shown[index] ?? { status: -1, stdout: "", stderr: "" };

  test("exit code 1 exactly when standard error starts with ###, and then no assembly", () => {
    expect(shown).toHaveLength(rows.length);
    for (const [i, { status, stdout, stderr }] of shown.entries()) {
      const what = `${rows[i]?.words ?? ""}: ${stderr}`;
      expect(status, what).toBe(stderr.startsWith("###") ? 1 : 0);
      expect(stdout === "", what).toBe(status === 1);
    }
  });

  test("the first occurrence of a valued option wins, unknown options are ignored", () => {
    expect([at(0).status, at(1).status, at(2).status, at(3).status]).toEqual([0, 0, 1, 0]);
    expect(at(1).stdout).toBe(at(0).stdout);
    expect(at(3).stdout).toBe(at(0).stdout);
  });

  test("warnings stand under their heading and can be silenced", () => {
    expect(at(4).stderr).toMatch(/^# WARNING:/);
    expect(at(5)).toMatchObject({ status: 0, stderr: "" });
  });

  test("errors name their class, options and targets what they take", () => {
    expect(at(6).stderr).toMatch(/^### ERROR: scope error\n[^]*`y`/);
    expect(at(7).stderr).toMatch(/`true` or `false`, found `maybe`/);
    expect(at(9).stdout).toContain("adrp");
    expect(at(10).stdout).toMatch(/^usage: pancake cake/);
    expect(at(8).stdout).not.toBe(at(0).stdout);
    expect(at(11).status).toBe(0);
  });
});
