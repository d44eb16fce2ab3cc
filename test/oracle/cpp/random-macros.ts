// Random preprocessor inputs: macros that use one another in every way, conditionals, and text that uses them.

import fc from "fast-check";

const names = ["A", "B", "C", "F", "G", "H"] as const;
const functionNames = ["F", "G", "H"] as const;

/** Tokens that a body or an argument may hold. Parentheses are balanced so that inputs are valid C. */
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names) },
  { weight: 3, arbitrary: fc.constantFrom("x", "y", "1", "2", "0x1F", "@", "z9", "1.5e") },
  {
    weight: 3,
    arbitrary: fc.constantFrom("+", "-", "<", ">", "<<", "&", "&&", "=", "==", ".", ";", "#>>", "!"),
  },
  { weight: 1, arbitrary: fc.constantFrom('"s A"', "'c'", "/* A */", "\n") },
);

const group: fc.Arbitrary<string> = fc.letrec<{ list: string; item: string }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    token,
    tie("list").map((inner) => `(${inner})`),
    fc.tuple(fc.constantFrom(...functionNames), tie("list")).map(([f, inner]) => `${f}(${inner})`),
    fc
      .tuple(fc.constantFrom(...functionNames), tie("list"), tie("list"))
      .map(([f, a, b]) => `${f}(${a},${b})`),
  ),
  list: fc
    .array(fc.tuple(tie("item"), fc.constantFrom("", " ", " ")), { maxLength: 4 })
    .map((items) => items.map(([text, space]) => text + space).join("")),
})).list;

/** Bodies stay on their line, and `#` of `#>>` would be an operator of the definition. */
const body = (text: string): string => text.replaceAll("\n", " ").replaceAll("#>>", ">>");

const objectMacro = fc
  .tuple(fc.constantFrom("A", "B", "C"), group)
  .map(([name, text]) => `#define ${name} ${body(text)}`);

const parameterUse = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("p", "q", "(p)", "p q", "q+p") },
  { weight: 1, arbitrary: fc.constantFrom("#p", "p ## q", "x ## p", "p ## 1", "# q") },
);

const functionMacro = fc
  .tuple(
    fc.constantFrom(...functionNames),
    fc.constantFrom("p", "p, q", "p, ...", "...", ""),
    group,
    parameterUse,
    group,
  )
  .map(([name, parameters, before, use, after]) => {
    const known = parameters.includes("q") ? use : use.replaceAll("q", "p");
    const used = parameters.includes("p") ? known : parameters === "..." ? "__VA_ARGS__" : "x";
    const rest = parameters === "p, ..." ? " x , ## __VA_ARGS__" : "";
    return `#define ${name}(${parameters}) ${body(before)} ${used} ${body(after)}${rest}`;
  });

const condition = fc.constantFrom(
  "defined A",
  "defined(F) && !defined B",
  "__LINE__ % 2",
  "1 ? 0 : 2",
  "(3 << 2) == 12 && 7 / 2 == 3",
  "-1 > 0u",
  "0x7fffffffffffffff + 1 < 0",
  "'a' == 97 && '\\n' == 10",
  "undefined_name || 5 % 3 == 2",
  "~0 == -1 && (-8 >> 1) == -4",
);

const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: objectMacro },
  { weight: 3, arbitrary: functionMacro },
  { weight: 6, arbitrary: group },
  { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => `#undef ${name}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(condition, group, group)
      .map(([test, yes, no]) => `#if ${test}\n${yes}\n#else\n${no}\n#endif`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("#define A\\\n 1", "__LINE__ __COUNTER__", "#line 90", "x\\\ny A"),
  },
);

/** A file for both preprocessors. Lines that begin with `#>>` are left out: for us they are no directives. */
export const macroFile: fc.Arbitrary<string> = fc
  .array(line, { minLength: 1, maxLength: 14 })
  .map((lines) => `${lines.join("\n").replace(/^((?:\s|\/\*[^*]*\*\/)*)#>>/gm, "$1>>")}\n`);
