// Numbered variables and the sizes of accesses in the text forms of CrepLang and LoopLang.

import type { TextReader, Token } from "../text-reader.ts";

/** The variables of the function being read. */
export interface VariableReader {
  /** Reads `name%number` or `%number` and remembers the name; two names for one number are a mistake. */
  readonly variable: () => number;
  readonly isVariable: (token: Token) => boolean;
  readonly names: ReadonlyMap<number, string>;
}

/** The variables of one function are read through one reader. */
export function variableReader(r: TextReader): VariableReader {
  const names = new Map<number, string>();
  return {
    names,
    isVariable: (token) => token.kind === "variable",
    variable: () => {
      const token = r.next();
      if (token.kind !== "variable") return r.fail(`expected a variable, found \`${token.text}\``, token);
      const at = token.text.lastIndexOf("%");
      const number = Number(token.text.slice(at + 1));
      const name = token.text.slice(0, at);
      const before = names.get(number) ?? "";
      if (before !== "" && name !== "" && before !== name) {
        return r.fail(`variable ${String(number)} is called both ${before} and ${name}`, token);
      }
      if (name !== "") names.set(number, name);
      return number;
    },
  };
}

/** Access sizes as the text forms write them: 8, 16, 32, w. */
export function accessBytes(suffix: string): 1 | 2 | 4 | 8 | null {
  switch (suffix) {
    case "8":
      return 1;
    case "16":
      return 2;
    case "32":
      return 4;
    case "w":
      return 8;
    default:
      return null;
  }
}

/** The suffix of an access of `bytes`. */
export function accessText(bytes: 1 | 2 | 4 | 8): string {
  return bytes === 8 ? "w" : String(bytes * 8);
}

/** Access sizes of local memory. */
export function localBytes(suffix: string): 1 | 4 | 8 | null {
  const bytes = accessBytes(suffix);
  return bytes === 2 ? null : bytes;
}
