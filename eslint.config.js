// Lint rules of house-style 3.10. Formatting is Prettier's; import directions are test/house/imports.test.ts.
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "node_modules/",
      "dist/",
      "build/",
      "coverage/",
      "**/gen/",
      "eslint.config.js",
      "**/*.mjs",
      "**/*.d.mts",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["vitest.config.ts", "vitest.oracle.config.ts"] },
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allow: [{ from: "lib", name: "BigInt" }] },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Splitting into code points is what we want where a string is spread; `split("")` is what we avoid.
      "@typescript-eslint/no-misused-spread": ["error", { allow: [{ from: "lib", name: "string" }] }],
      // A `default` that handles the rest alike is fine where it is the point (printers of one family).
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "no-param-reassign": "error",
      "max-params": ["error", 4],
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }],
      "max-depth": ["error", 4],
      "no-console": "error",
    },
  },
  { files: ["spec/**"], rules: { "max-lines": "off" } },
  // Chevrotain declares tokens as interfaces and as classes; ours are plain objects of the interface.
  {
    files: ["compiler/syntax/**"],
    rules: { "@typescript-eslint/no-unsafe-class-instance-assignment": "off" },
  },
  { files: ["tools/**"], rules: { "no-console": "off" } },
  { files: ["test/**"], rules: { "max-lines-per-function": "off", "no-console": "off" } },
);
