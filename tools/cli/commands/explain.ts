// `pancake explain CODE`: what a diagnostic means, with an example.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allDiagnostics } from "../../../spec/diagnostics/registry.ts";
import { EXIT } from "../exit-codes.ts";
import { packageRoot } from "../package-root.ts";

export function explain(code: string): number {
  const wanted = code.toUpperCase();
  if (!allDiagnostics().has(wanted)) {
    process.stderr.write(`pancake: there is no diagnostic \`${code}\`; codes look like S0104\n`);
    return EXIT.userError;
  }
  process.stdout.write(readFileSync(join(packageRoot(), "spec/diagnostics/explain", `${wanted}.md`), "utf8"));
  return EXIT.ok;
}
