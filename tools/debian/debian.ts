// Debian's kernel of an ISA, its modules and a static busybox, fetched once by fetch.sh, and initial RAM disks of them:
// what tests and benchmarks boot.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootIsa } from "../../runtime/images/kernel-image.ts";
import { packageRoot } from "../cli/package-root.ts";
import { newcArchive, type ArchiveFile } from "./newc-archive.ts";

// Each program of busybox by its own name, and the kernel's file systems.
const SET_UP = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
`;

export class Debian {
  private readonly folder: string;
  /** Why it is not to be had here; null if it is there. */
  readonly obstacle: string | null;

  /** Fetches the packages if no run before did. */
  constructor(isa: BootIsa) {
    // Kept from one run to the next.
    this.folder = join(tmpdir(), `pancake-debian-${isa}`);
    const { status, stderr } = spawnSync(
      "bash",
      [join(packageRoot(), "tools/debian/fetch.sh"), isa, this.folder],
      {
        encoding: "utf8",
        timeout: 300_000,
      },
    );
    this.obstacle = status === 0 ? null : stderr.trim() || "the fetch took too long";
  }

  get kernel(): string {
    return join(this.folder, "vmlinuz");
  }

  /**
   * An initial RAM disk whose first process loads `modules`, with those that they depend on, runs the lines of `script`
   * and then a shell.
   */
  initialDisk(modules: readonly string[], script: string, files: readonly ArchiveFile[] = []): Uint8Array {
    const ordered = this.withDependencies(modules);
    const insertions = ordered.map((name) => `insmod /modules/${name}.ko\n`).join("");
    const content = [
      { path: "bin/busybox", content: readFileSync(join(this.folder, "busybox")), isExecutable: true },
      { path: "init", content: `${SET_UP}${insertions}${script}exec sh\n`, isExecutable: true },
      ...ordered.map((name) => ({ path: `modules/${name}.ko`, content: this.moduleFile(name) })),
      ...files,
    ];
    return newcArchive(content, ["proc", "sys", "dev", "mnt"]);
  }

  // In an order in which they can be loaded.
  private withDependencies(names: readonly string[]): string[] {
    const ordered = new Set<string>();
    const visit = (name: string): void => {
      const depends = /\0depends=([^\0]*)\0/.exec(this.moduleFile(name).toString("latin1"))?.[1] ?? "";
      for (const other of depends.split(",").filter((word) => word !== "")) visit(other);
      ordered.add(name);
    };
    names.forEach(visit);
    return [...ordered];
  }

  private moduleFile(name: string): Buffer {
    return readFileSync(join(this.folder, "modules", `${name}.ko`));
  }
}
