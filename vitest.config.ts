// Test runner set-up. The default suite is everything that needs nothing but Node; oracle tests compare with other
// people's tools (see .ci/oracles) and have vitest.oracle.config.ts. Nothing is timed; seeds are printed by the tests.
import { defineConfig } from "vitest/config";

const json = process.env["PANCAKE_TEST_JSON"];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/oracle/**", "node_modules/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    globalSetup: "test/support/package-under-test.ts",
    pool: "threads",
    maxWorkers: "100%",
    reporters: json === undefined ? ["default"] : ["default", ["json", { outputFile: json }]],
  },
});
