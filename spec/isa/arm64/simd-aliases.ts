// Other ways to write Advanced SIMD instructions (the aliases of Arm DDI 0487, C7). Relies on rows.ts.

import { alias, input } from "../rows.ts";
import type { Alias } from "../schema.ts";
import { bytes, narrow, widened } from "./vectors.ts";

// prettier-ignore
const moves: readonly Alias[] = [
  ...bytes.flatMap(({ form }) => [
    alias("mov", `vd.${form}, vn.${form}`,     `orr vd.${form}, vn.${form}, vn.${form}`),
    alias("mvn", `vd.${form}, vn.${form}`,     `not vd.${form}, vn.${form}`),
  ]),
  alias("mov", "wd, vn.s[lane]",               "umov wd, vn.s[lane]"),
  alias("mov", "xd, vn.d[lane]",               "umov xd, vn.d[lane]"),
  ...["b", "h", "s"].map((view) => alias("mov", `vd.${view}[lane], wn`, `ins vd.${view}[lane], wn`)),
  alias("mov", "vd.d[lane], xn",               "ins vd.d[lane], xn"),
  ...["b", "h", "s", "d"].flatMap((view) => [
    alias("mov", `vd.${view}[lane], vn.${view}[source]`, `ins vd.${view}[lane], vn.${view}[source]`),
    alias("mov", `${view}d, vn.${view}[lane]`, `dup ${view}d, vn.${view}[lane]`),
  ]),
];

// A lengthening shift by nothing.
const lengthened = narrow.flatMap((a) => {
  const two = a.q === "1" ? "2" : "";
  const operands = `vd.${widened(a).form}, vn.${a.form}`;
  return ["s", "u"].map((sign) => alias(`${sign}xtl${two}`, operands, `${sign}shll${two} ${operands}, #0`));
});

// The assembler also takes the other order of comparisons.
const turned = narrow.flatMap(({ form }) =>
  [["cmle", "cmge"], ["cmlt", "cmgt"], ["cmlo", "cmhi"], ["cmls", "cmhs"]].map(([name = "", other = ""]) =>
    input(name, `vd.${form}, vm.${form}, vn.${form}`, `${other} vd.${form}, vn.${form}, vm.${form}`),
  ),
); // prettier-ignore

export const simdAliases: readonly Alias[] = [...moves, ...lengthened, ...turned];
