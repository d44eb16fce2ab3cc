// Runs of group symbols that are no symbol of Pancake: what was probably meant, and how to write it.
//
// The reference reads `= < > | & +` as long as they last and never backs off, so `>==<` is one (unknown) symbol.

import { groupSymbols } from "./tokens.ts";

export interface GroupRepair {
  readonly code: string;
  /** Replaces the registry's help; null keeps it. */
  readonly help: string | null;
  /** The symbols to go on with. */
  readonly tokens: readonly string[];
}

interface Surroundings {
  /** An operand ends right before the run. */
  readonly afterOperand: boolean;
  /** White space stands on both sides. */
  readonly isSpaced: boolean;
}

const COMPOUND = /^(?:&|\||<<|>>|>>>|#>>|&&|\|\|)=$/;

/** How to read `run`; the lexer asks only about runs that are no symbol, and about shift signs at struct borders. */
export function repairGroup(run: string, around: Surroundings): GroupRepair {
  if (run === "<<" || run === ">>" || run === ">>>") return nestedStruct(run);
  if (run === "<>") return emptyStruct(around);
  if (around.afterOperand && COMPOUND.test(run)) {
    const operator = run.slice(0, -1);
    return { code: "P0116", help: `write \`x = x ${operator} y\` with the variable twice`, tokens: ["="] };
  }
  const known = slips[run];
  if (known !== undefined) return { code: "P0107", ...known };
  if (run === "=<" && around.isSpaced) {
    return { code: "P0107", help: "less or equal is `<=`", tokens: ["<="] };
  }
  if (run.startsWith("#")) {
    return { code: "P0117", help: null, tokens: [] };
  }
  return split(run);
}

/** Slips with one clear meaning. */
const slips: Readonly<Record<string, { readonly help: string; readonly tokens: readonly string[] }>> = {
  "===": { help: "equality is `==`", tokens: ["=="] },
  "!==": { help: "inequality is `!=`", tokens: ["!="] },
  "&&&": { help: "write `&&` (logical) or `&` (bitwise)", tokens: ["&&"] },
  "|||": { help: "write `||` (logical) or `|` (bitwise)", tokens: ["||"] },
  "=+": { help: "there is no unary plus: write `=`", tokens: ["="] },
  "==+": { help: "there is no unary plus: write `==`", tokens: ["=="] },
  "<<+": { help: "there is no unary plus: write `<<`", tokens: ["<<"] },
  "=&": { help: "there is no address-of operator and no function pointers in Pancake", tokens: ["="] },
};

function nestedStruct(run: string): GroupRepair {
  const tokens = [...run];
  const opening = run === "<<";
  return {
    code: "P0108",
    help: `put a space between the struct ${opening ? "openers" : "closers"}: \`< <1, 2>, <3, 4> >\``,
    tokens,
  };
}

function emptyStruct(around: Surroundings): GroupRepair {
  if (around.afterOperand) return { code: "P0107", help: "inequality is `!=`", tokens: ["!="] };
  // `<0>` keeps the parser going; the mistake is reported.
  return { code: "P0109", help: null, tokens: [] };
}

/** Splits into closers, one operator and openers, in this order: `>==<` is `> == <`. */
function split(run: string): GroupRepair {
  for (let closers = 0; closers <= run.length && /^>*$/.test(run.slice(0, closers)); closers++) {
    for (let end = run.length; end >= closers; end--) {
      const operator = run.slice(closers, end);
      const openers = run.slice(end);
      const isKnown = operator === "" || (groupSymbols.has(operator) && !/^[<>]$/.test(operator));
      if (!isKnown || !/^[!<]*$/.test(openers)) continue;
      const tokens = [...run.slice(0, closers), ...(operator === "" ? [] : [operator]), ...openers];
      if (tokens.length > 1) return { code: "P0107", help: `put spaces: \`${tokens.join(" ")}\``, tokens };
    }
  }
  for (let end = run.length - 1; end > 0; end--) {
    const operator = run.slice(0, end);
    if (groupSymbols.has(operator)) return { code: "P0107", help: null, tokens: [operator] };
  }
  return { code: "P0107", help: null, tokens: [] };
}
