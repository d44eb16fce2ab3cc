#!/usr/bin/env node
// What becomes `dist/pancake.js`: loads the bundle beside it and runs the command.

import { dirname } from "node:path";
import { loadBundle } from "./bundle.ts";

void loadBundle(dirname(__filename)).toolchain.runProcess(process.argv.slice(2));
