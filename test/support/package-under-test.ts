// The package as users install it, built once for all tests of a run: processes start from it in a fraction of the time
// that the sources take. vitest's global set-up.

import { join } from "node:path";
import { buildPackage } from "../../tools/build/package.ts";
import { ROOT } from "../house/source-tree.ts";

const FOLDER = join(ROOT, "build/package-under-test");

/** What Node starts as `pancake`. */
export const PACKAGED_PANCAKE = join(FOLDER, "pancake.js");

export default async function build(): Promise<void> {
  await buildPackage(FOLDER);
}
