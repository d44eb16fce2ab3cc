// The C half of the tests of `pancake cake`: shim.c, and probe-<isa>.S, which looks at registers, around the assembly under
// test. Built by the cross GCC, run under qemu-user. Both programs of these tests make it say the same.

import { fileURLToPath } from "node:url";
import type { Ran, Workshop } from "../object/toolchain.ts";

/** How the C half is built around the program. */
export interface Scenario {
  /** Which part of shim.c runs. */
  readonly scenario: number;
  /** Bytes of Pancake's stack. */
  readonly stack: number;
  /** `--main_return`. */
  readonly mainReturn: boolean;
}

/** Builds `a.out` in the workshop. */
export function buildWithC(
  shop: Workshop,
  assembly: string,
  { scenario, stack, mainReturn }: Scenario,
  flags: readonly string[] = ["-O1"],
): void {
  const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  shop.write("x.S", assembly);
  shop.tool(
    "gcc",
    ...["-static", "-w", ...flags, `-DSCENARIO=${String(scenario)}`, "-DHEAP=1024"],
    ...[`-DSTACK=${String(stack)}`, ...(mainReturn ? ["-DMAIN_RETURN"] : [])],
    ...[beside("shim.c"), beside(`probe-${shop.isa.name}.S`), "x.S", "-o", "a.out"],
  );
}

/** The lines of standard output. */
export function lines(ran: Ran): readonly string[] {
  return ran.stdout.trimEnd().split("\n");
}

/** What scenarios 1 to 3 say; of the third, what follows its first line. */
export const SAYS = {
  entry: [
    "cml_err(3)",
    "early: 0",
    "base=heap top=stack a=2 alen=3",
    "f0 6",
    "f0 7",
    "f1 1222 f2 -2 f3 42 f4 142",
    "cml_err(3)",
    "inside: 0",
    "again 9",
    "f0 8",
    "deep 210",
    "heap 111 222",
  ],
  overflow: [
    "base=heap top=stack a=2 alen=3",
    "cml_exit(2)",
    "deep 2",
    "f0 6",
    "deep 55",
    "cml_exit(2)",
    "checked 2 bad 0",
    "f0 7",
  ],
  registers: ["f4 142 bad 0", "deep 210 bad 0", "probe 1 bad 0", "misaligned by 0"],
} as const;
