// What `pancake --version` prints.

import packageJson from "../../package.json" with { type: "json" };
import { PANCAKE_REFERENCE } from "../../spec/lang/reference.ts";

/** Version of the toolchain and the commit of CakeML whose Pancake it follows. */
export function versionText(): string {
  return `pancake ${packageJson.version} (Pancake as of CakeML ${PANCAKE_REFERENCE.commit}, ${PANCAKE_REFERENCE.date})`;
}
