// Characters that no token of Pancake starts with: what to say about each, and what to read in its place.

export interface OddCharacter {
  readonly code: string;
  /** UTF-16 units that the report covers. */
  readonly length: number;
  /** The characters for the message. */
  readonly shown: string;
  readonly help: string;
  /** A symbol to go on with, so that the rest of the statement is still read; null: nothing. */
  readonly standIn: string | null;
}

interface Known {
  readonly code: string;
  readonly help: string;
  readonly standIn: string | null;
}

/** Operators and characters of C, and lookalikes that editors and web pages produce. */
const known: Readonly<Record<string, Known>> = {
  "/": {
    code: "P0112",
    help: "divide by a power of two with a shift: `a >>> 3` is `a / 8`; otherwise write a loop or a foreign call",
    standIn: "*",
  },
  "%": {
    code: "P0112",
    help: "for a power of two use a mask: `a & 7` is `a % 8`; otherwise write a loop or a foreign call",
    standIn: "*",
  },
  "~": { code: "P0112", help: "the bitwise complement of `a` is `a ^ -1`", standIn: "!" },
  "?": {
    code: "P0112",
    help: "declare a variable and assign it in `if c { x = a; } else { x = b; }`",
    standIn: null,
  },
  "\\": { code: "P0101", help: "a backslash joins lines only at the very end of a line", standIn: null },
  "'": {
    code: "P0101",
    help: "Pancake has no character constants: write the number of the character",
    standIn: null,
  },
  "\u00a0": {
    code: "P0101",
    help: "this is a no-break space; replace it by an ordinary space",
    standIn: null,
  },
  "\u2018": {
    code: "P0101",
    help: "this is a typographic quotation mark; Pancake has no quoted constants",
    standIn: null,
  },
  "\u2019": {
    code: "P0101",
    help: "this is a typographic quotation mark; Pancake has no quoted constants",
    standIn: null,
  },
  "\u201c": {
    code: "P0101",
    help: 'this is a typographic quotation mark; `import` takes a plain `"`',
    standIn: null,
  },
  "\u201d": {
    code: "P0101",
    help: 'this is a typographic quotation mark; `import` takes a plain `"`',
    standIn: null,
  },
  "\u2013": { code: "P0101", help: "this is a dash; the minus sign is `-`", standIn: "-" },
  "\u2014": { code: "P0101", help: "this is a dash; the minus sign is `-`", standIn: "-" },
  "\u2212": { code: "P0101", help: "this is a typographic minus; the minus sign is `-`", standIn: "-" },
  "\u00d7": { code: "P0101", help: "multiplication is `*`", standIn: "*" },
  "\u2260": { code: "P0101", help: "inequality is `!=`", standIn: "!=" },
  "\u2264": { code: "P0101", help: "less or equal is `<=`", standIn: "<=" },
  "\u2265": { code: "P0101", help: "greater or equal is `>=`", standIn: ">=" },
  "\uff1b": { code: "P0101", help: "this is a full-width semicolon; write `;`", standIn: ";" },
};

const NAME_HELP = "outside comments Pancake uses ASCII: names are letters, digits and `_`";
const BINARY_HELP = "is this a binary file, or text in another encoding than UTF-8?";
/** Control characters (white space is never odd), the replacement character of broken UTF-8, lone surrogates. */
const BINARY = /^[\0-\x08\x0e-\x1f\x7f\ufffd\ud800-\udfff]/u;

/** What stands at `at`. A run of unprintable or of foreign characters is one mistake. */
export function describeCharacter(text: string, at: number): OddCharacter {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const entry = known[character];
  if (entry !== undefined) {
    const quoted = /^(?:\u201c[^\u201d\n]*\u201d|\u2018[^\u2019\n]*\u2019)/.exec(text.slice(at, at + 200));
    return { ...entry, length: quoted?.[0].length ?? character.length, shown: character };
  }
  if (BINARY.test(character)) {
    const length = runLength(text, at, (c) => BINARY.test(c));
    return { code: "P0102", length, shown: codes(character), help: BINARY_HELP, standIn: null };
  }
  const length = runLength(
    text,
    at,
    (c) => c.charCodeAt(0) > 127 && known[c] === undefined && !BINARY.test(c),
  );
  const shown = text.slice(at, at + Math.max(length, 1));
  const help = shown.charCodeAt(0) > 127 ? NAME_HELP : "remove it";
  return { code: "P0101", length: Math.max(length, 1), shown: clip(shown), help, standIn: null };
}

function runLength(text: string, at: number, belongs: (character: string) => boolean): number {
  let end = at;
  while (end < text.length) {
    const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
    if (!belongs(character)) break;
    end += character.length;
  }
  return end - at;
}

function codes(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `U+${code}`;
}

function clip(text: string): string {
  const characters = [...text];
  return characters.length <= 20 ? text : `${characters.slice(0, 20).join("")}...`;
}
