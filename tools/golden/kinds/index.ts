// The kinds of golden cases. Explicit on purpose: a kind that is not here does not exist.

import type { GoldenKind } from "../runner.ts";
import { asmKind } from "./asm.ts";
import { assembleKind } from "./assemble.ts";
import { checkKind } from "./check.ts";
import { emitKind } from "./emit.ts";
import { isaKind } from "./isa.ts";
import { linkKind } from "./link.ts";
import { passKind } from "./pass.ts";
import { runKind } from "./run.ts";
import { staticKind } from "./static.ts";
import { syntaxKind } from "./syntax.ts";

const kinds: readonly GoldenKind[] = [
  runKind,
  asmKind,
  syntaxKind,
  staticKind,
  passKind,
  checkKind,
  assembleKind,
  isaKind,
  emitKind,
  linkKind,
];

/** By the first word of a case's `kind:` header. */
export const goldenKinds: ReadonlyMap<string, GoldenKind> = new Map(kinds.map((kind) => [kind.name, kind]));
