// Makes the code cache of the bundle: runs commands once in this process, then stores what V8 compiled for them.
// A process of its own, since V8's flags and what it has compiled belong to the process. Arguments: the dist folder,
// then the words of one command after another, separated by `--`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUNDLE, loadBundle } from "./bundle.ts";

const [folder = "", ...words] = process.argv.slice(2);
const commands: string[][] = [[]];
for (const word of words) {
  if (word === "--") commands.push([]);
  else commands.at(-1)?.push(word);
}

const { script, toolchain } = loadBundle(folder);
void (async () => {
  for (const command of commands) await toolchain.runProcess(command);
  writeFileSync(join(folder, BUNDLE.codeCache), script.createCachedData());
})();
