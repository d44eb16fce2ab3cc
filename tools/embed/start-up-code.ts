// Makes compiler/target/gen/start-up-code.ts from lib/<os>/<isa>/*.s, so that the compiler needs no files and no
// assembler at run time: it works the same from a checkout, as a bundle and in a browser, and starts fast.
// Start-up code for programs becomes objects, the stubs of `pancake cake` stay text.
// Run: `npx tsx tools/embed/start-up-code.ts`. test/object/start-up.test.ts checks that the module is fresh.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withDebugSections } from "../../compiler/object/dwarf/debug-sections.ts";
import { writeObject } from "../../compiler/object/elf/write-object.ts";
import type { ObjectMachine } from "../../compiler/object/object-file.ts";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { assemblerNamed } from "../../compiler/target/assembler/assembler-named.ts";

/** The machines that start-up code is for. */
const MACHINES: readonly ObjectMachine[] = ["arm64", "riscv64"];

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export const EMBEDDED_PATH = join(root, "compiler/target/gen/start-up-code.ts");

function assemblyFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".s"))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The texts of a folder's assembly files by path. */
export function assemblyTexts(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    assemblyFiles(folder).map((path) => [path, readFileSync(join(root, path), "utf8")]),
  );
}

// An object as the text of its ELF file.
function objectText(path: string, text: string, machine: ObjectMachine): string {
  const made = assemble(text, assemblerNamed(machine), { name: path, lines: true });
  const [problem] = made.diagnostics;
  if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
  const object = withDebugSections(made.value, { producer: "pancake", folder: "" });
  return Buffer.from(writeObject(object)).toString("base64");
}

function record(
  name: string,
  doc: string,
  entries: readonly (readonly [string, string])[],
): readonly string[] {
  const lines = entries.map(([path, text]) => `  ${JSON.stringify(path)}: ${JSON.stringify(text)},`);
  return [
    "",
    `/** ${doc} */`,
    "// prettier-ignore",
    `export const ${name}: Readonly<Record<string, string>> = {`,
    ...lines,
    "};",
  ];
}

/** The text of the generated module. */
export function embeddedModule(): string {
  const programs = MACHINES.flatMap((machine) =>
    ["linux", "none"].flatMap((os) =>
      Object.entries(assemblyTexts(`lib/${os}/${machine}`)).map(
        ([path, text]) => [path, objectText(path, text, machine)] as const,
      ),
    ),
  );
  const stubs = ["lib/cake", ...MACHINES.map((machine) => `lib/cake/${machine}`)].flatMap((folder) =>
    Object.entries(assemblyTexts(folder)),
  );
  return [
    "// Generated from lib/<os>/<isa>/*.s by tools/embed/start-up-code.ts. Do not edit.",
    ...record("startUpObjectFiles", "ELF objects by the path of their source, in base64.", programs),
    ...record("cakeStubs", "Texts of the stubs of `pancake cake` by path.", stubs),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(EMBEDDED_PATH, embeddedModule());
