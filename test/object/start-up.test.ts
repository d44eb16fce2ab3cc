// The embedded start-up code: fresh, with the numbers of spec/abi, and complete for every system and machine.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ERRNO, SYSTEM_CALLS } from "../../spec/abi/linux-user.ts";
import { HOST_CALLS } from "../../spec/abi/host-calls.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { machineTargets } from "../support/machine-targets.ts";
import { startUpObjects } from "../../compiler/target/start-up.ts";
import { assemblyTexts, EMBEDDED_PATH, embeddedModule } from "../../tools/embed/start-up-code.ts";

test("the generated module is fresh (`npx tsx tools/embed/start-up-code.ts`)", () => {
  expect(readFileSync(EMBEDDED_PATH, "utf8")).toBe(embeddedModule());
});

describe.each(machineTargets)("%s", (target) => {
  const given = { ...defaultOptions, target };

  test("numbers of system calls and errors are spec/abi's", () => {
    const known: Readonly<Record<string, number>> = {
      ...Object.fromEntries(Object.entries(SYSTEM_CALLS).map(([name, number]) => [`SYS_${name}`, number])),
      ...ERRNO,
    };
    const used = Object.values(assemblyTexts(`lib/linux/${target}`)).flatMap((text) => [
      ...text.matchAll(/\.equ +(SYS_\w+|E[A-Z]+), *(\d+)/g),
    ]);
    expect(used.length).toBeGreaterThan(4);
    for (const [, name = "", value] of used) expect([name, known[name]]).toEqual([name, Number(value)]);
  });

  test("every host call of spec/abi is there, and no other", () => {
    const objects = startUpObjects(given);
    const defined = objects.flatMap((o) =>
      o.symbols.filter((s) => s.binding === "global" && s.place.kind === "section"),
    );
    const names = defined.map((s) => s.name).filter((name) => name.startsWith("ffi"));
    expect(names.sort()).toEqual(HOST_CALLS.map((call) => `ffi${call.name}`).sort());
  });

  test("the bare machine has start-up code, traps and a stack", () => {
    const objects = startUpObjects({ ...given, os: "none", stackBytes: 4000 });
    expect(objects.map((o) => o.name)).toEqual([
      `lib/none/${target}/start.s`,
      `lib/none/${target}/trap.s`,
      "the stack",
    ]);
    const stack =
      objects.at(-1)?.symbols.map((s) => (s.place.kind === "section" ? s.place.offset : -1)) ?? [];
    expect((stack[2] ?? 0) - (stack[1] ?? 0)).toBe(4000);
  });

  test("all systems have the same files on every machine", () => {
    for (const os of ["linux", "none", "cake"]) {
      const files = (isa: string): readonly string[] =>
        Object.keys(assemblyTexts(`lib/${os}/${isa}`)).map((path) => path.replace(`/${isa}/`, "/"));
      expect(files(target)).toEqual(files("riscv64"));
    }
  });
});
