// Installs the packages of package-lock.json if they are not there yet, so that `npm start` and `npm test` work on a
// fresh clone. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const installed = join(root, "node_modules/.package-lock.json");

/** True if every package of the lock file is installed in the locked version. */
function upToDate() {
  if (!existsSync(installed)) return false;
  const want = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const have = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(want).every(
    ([name, { version, optional }]) => name === "" || optional || have[name]?.version === version,
  );
}

if (!upToDate()) {
  console.log("installing packages (npm ci)");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  process.exitCode = npm.status ?? 1;
}
