// All boards by name. Relies on spec/boards. Adding a board means adding a row.

import type { Board } from "../../spec/boards/board.ts";
import { virtArm64 } from "../../spec/boards/virt-arm64.ts";
import { virtRiscv64 } from "../../spec/boards/virt-riscv64.ts";

const boards: readonly Board[] = [virtRiscv64, virtArm64];

/** Null for a name that no board has. */
export function boardNamed(name: string): Board | null {
  return boards.find((board) => board.name === name) ?? null;
}
