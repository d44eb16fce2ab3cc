#!/usr/bin/env node
// The `pancake` command from the source tree. The built package starts through tools/build/launcher.ts.

import { runProcess } from "./process.ts";

await runProcess(process.argv.slice(2));
