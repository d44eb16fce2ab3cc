// Makes compiler/target/gen/start-up-texts.ts from lib/<os>/<isa>/*.s, so that the compiler needs no files at run time:
// it works the same from a checkout, as a bundle and in a browser. Run: `npx tsx tools/embed/start-up-texts.ts`.
// test/object/start-up.test.ts checks that the module is fresh.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const systems = ["linux", "none", "cake"] as const;
const isas = ["riscv64"] as const;

export const EMBEDDED_PATH = join(root, "compiler/target/gen/start-up-texts.ts");

function assemblyFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".s"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The text of the generated module. */
export function embeddedModule(): string {
  const files = systems.flatMap((os) => isas.flatMap((isa) => assemblyFiles(`lib/${os}/${isa}`)));
  const entries = files.map((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return `  ${JSON.stringify(path)}: ${JSON.stringify(text)},`;
  });
  return [
    "// Generated from lib/<os>/<isa>/*.s by tools/embed/start-up-texts.ts. Do not edit.",
    "",
    "/** Texts of assembly files by path. */",
    "// prettier-ignore",
    "export const startUpTexts: Readonly<Record<string, string>> = {",
    ...entries,
    "};",
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED_PATH, embeddedModule());
