// Colours of diagnostics on a terminal; none where the output is not one (picocolors decides, NO_COLOR included).

import pc from "picocolors";
import { plain, type Palette } from "../../compiler/source/render.ts";

export function terminalPalette(): Palette {
  if (!pc.isColorSupported || !process.stderr.isTTY) return plain;
  return {
    error: (text) => pc.bold(pc.red(text)),
    warning: (text) => pc.bold(pc.yellow(text)),
    gutter: pc.blue,
    strong: pc.bold,
  };
}
