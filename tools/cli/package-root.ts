// Where the package lives on disk: its lib/ folder (start-up assembly, Pancake libraries) and its texts.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json and lib/, from the source tree as from the built package. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) || !existsSync(join(folder, "lib"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("package.json of pancake-toolchain not found above the program");
    folder = parent;
  }
  return folder;
}
