// Debian's arm64 kernel, its modules and a static busybox, fetched once by .ci/debian-arm64.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../../house/source-tree.ts";
import type { ArchiveFile } from "../../../support/newc-archive.ts";

/** Where the files are kept from one run to the next. */
export const DEBIAN_FOLDER = join(tmpdir(), "pancake-debian-arm64");

/** Why there is no Debian to be had; null if it is there. */
export function debianObstacle(): string | null {
  const { status, stderr } = spawnSync("bash", [join(ROOT, ".ci/debian-arm64"), DEBIAN_FOLDER], {
    encoding: "utf8",
    timeout: 300_000,
  });
  return status === 0 ? null : stderr.trim() || "the fetch took too long";
}

/** The names of these modules and of all that they depend on, in an order in which they can be loaded. */
export function withDependencies(names: readonly string[]): string[] {
  const ordered = new Set<string>();
  const visit = (name: string): void => {
    const depends = /\0depends=([^\0]*)\0/.exec(moduleFile(name).toString("latin1"))?.[1] ?? "";
    for (const other of depends.split(",").filter((word) => word !== "")) visit(other);
    ordered.add(name);
  };
  names.forEach(visit);
  return [...ordered];
}

/** A module as a file of the initial RAM disk. */
export function moduleInArchive(name: string): ArchiveFile {
  return { path: `modules/${name}.ko`, content: moduleFile(name) };
}

/** busybox as a file of the initial RAM disk. */
export function busyboxInArchive(): ArchiveFile {
  return {
    path: "bin/busybox",
    content: readFileSync(join(DEBIAN_FOLDER, "busybox")),
    isExecutable: true,
  };
}

function moduleFile(name: string): Buffer {
  return readFileSync(join(DEBIAN_FOLDER, "modules", `${name}.ko`));
}
