// The oracle tests: the same runner over test/oracle only.
import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

export default defineConfig({
  test: {
    ...base.test,
    include: ["test/oracle/**/*.test.ts"],
    exclude: ["node_modules/**"],
    testTimeout: 600_000,
    // Not threads: one whose test has just killed a QEMU may spin for ever while Node 20 closes its handles.
    pool: "forks",
  },
});
