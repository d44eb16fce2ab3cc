// Test runner set-up: every test lives under test/, nothing is timed, and seeds are printed by the tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, pool: "threads" },
});
