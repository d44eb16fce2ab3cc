// Adds up vitest's JSON reports and the other steps, and prints the closing line that CI reads.
// Usage: summary.mjs FAILED_STEPS REPORT...
import { readFileSync } from "node:fs";

const [, , failedSteps = "0", ...reports] = process.argv;
let passed = 0;
let failed = 0;
let skipped = 0;
let missing = 0;
for (const path of reports) {
  try {
    const report = JSON.parse(readFileSync(path, "utf8"));
    passed += report.numPassedTests;
    failed += report.numFailedTests;
    skipped += report.numPendingTests + (report.numTodoTests ?? 0);
    if (!report.success && report.numFailedTests === 0) missing += 1; // a file that could not be loaded
  } catch {
    console.log(`no report ${path}`);
    missing += 1;
  }
}
// A failing step without a failing test (types, lint, install) counts as one failure, so that the line never lies.
const stepsOnly = Number(failedSteps);
if (failed === 0) failed = Math.max(stepsOnly, missing);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
