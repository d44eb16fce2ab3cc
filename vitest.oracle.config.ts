// The oracle tests: the same runner over test/oracle only.
import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

export default defineConfig({
  test: {
    ...base.test,
    include: ["test/oracle/**/*.test.ts"],
    exclude: ["node_modules/**"],
    testTimeout: 600_000,
  },
});
