// The directives of the assembler: a table from name to what it does. Relies on unit-builder.ts.
// Names and meaning are those of GNU as (`.align` counts bits); those of one ISA are in its AssemblerTarget. A directive
// that is accepted without effect is in `ignored`, with the reason.

import type { SectionFlags, SectionKind } from "../../object/object-file.ts";
import { diagnose } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { SymbolBinding, SymbolType } from "../../object/object-file.ts";
import type { AssemblerTarget, TargetDirective } from "./assembler-target.ts";
import { splitArguments, stringBytes } from "./directive-arguments.ts";
import { evaluateExpression } from "./expression.ts";
import { spanOf } from "./source-lines.ts";
import type { Located } from "./source-lines.ts";
import type { UnitBuilder } from "./unit-builder.ts";

/** One use of a directive. */
interface Use {
  readonly unit: UnitBuilder;
  readonly name: Located;
  readonly args: readonly Located[];
  readonly span: Span;
}

type Directive = (use: Use) => void;

function reject({ unit, name }: Use, at: Located | null, expected: string): void {
  const found = at === null || at.text === "" ? "nothing" : `\`${at.text}\``;
  const span = at === null || at.text === "" ? spanOf(name) : spanOf(at);
  unit.report(diagnose("A0013", span, { name: name.text, expected, found }));
}

const symbolName = /^[A-Za-z_.$][\w.$]*$/;

// Calls `work` with each argument, which must be a symbol name.
function eachSymbol(use: Use, work: (name: Located) => void): void {
  if (use.args.length === 0) reject(use, null, "a symbol");
  for (const arg of use.args) {
    if (symbolName.test(arg.text)) work(arg);
    else reject(use, arg, "a symbol");
  }
}

function bind(binding: SymbolBinding): Directive {
  return (use) => eachSymbol(use, (name) => (use.unit.symbol(name.text, spanOf(name)).binding = binding));
}

function hide(use: Use): void {
  eachSymbol(use, (name) => (use.unit.symbol(name.text, spanOf(name)).hidden = true));
}

const symbolTypes: Readonly<Record<string, SymbolType>> = {
  function: "function",
  object: "object",
  notype: "none",
  tls_object: "threadLocal",
};

function setType(use: Use): void {
  const [symbol, kind] = use.args;
  const type = symbolTypes[kind?.text.replace(/^[@%"]|"$|^STT_/g, "").toLowerCase() ?? ""];
  if (symbol === undefined || !symbolName.test(symbol.text))
    reject(use, symbol ?? null, "a symbol and its type");
  else if (type === undefined) reject(use, kind ?? null, "@function, @object or @notype");
  else use.unit.symbol(symbol.text, spanOf(symbol)).type = type;
}

function setSize(use: Use): void {
  const [symbol, size] = use.args;
  if (symbol === undefined || size === undefined) {
    reject(use, symbol ?? null, "a symbol and its size");
    return;
  }
  const parsed = use.unit.expression(size);
  if (parsed.ok) use.unit.symbol(symbol.text, spanOf(symbol)).size = parsed.value;
  else use.unit.report(parsed.diagnostic);
}

/** Gives `name` the value of an expression: `.set`, `.equ` and `name = value`. */
export function assignSymbol(unit: UnitBuilder, name: Located, value: Located): void {
  const parsed = unit.expression(value);
  if (!parsed.ok) {
    unit.report(parsed.diagnostic);
    return;
  }
  // Evaluated now if possible, so that a later `.set` of a name in it does not change this one.
  const known = evaluateExpression(parsed.value, unit);
  const isNumber = known.ok && known.value.plus === null && known.value.minus === null;
  const definition = isNumber
    ? { kind: "number" as const, value: known.value.addend, span: spanOf(value) }
    : parsed.value;
  unit.define(name, { kind: "value", value: definition });
}

function assign(use: Use): void {
  const [name, value] = use.args;
  if (name === undefined || !symbolName.test(name.text)) reject(use, name ?? null, "a symbol and its value");
  else if (value === undefined) reject(use, null, "a symbol and its value");
  else assignSymbol(use.unit, name, value);
}

function common(use: Use): void {
  const [name, size, alignment] = use.args;
  if (name === undefined || size === undefined) {
    reject(use, name ?? null, "a symbol, its size and alignment");
    return;
  }
  const sizeBytes = use.unit.constant(size);
  const align = alignment === undefined ? 1n : use.unit.constant(alignment);
  if (sizeBytes === null || align === null) return;
  use.unit.define(name, { kind: "common", sizeBytes: Number(sizeBytes), alignment: Number(align) });
  use.unit.symbol(name.text, spanOf(name)).binding = "global";
}

function enter(section: string): Directive {
  return ({ unit }) => {
    unit.enterSection(section, null);
  };
}

// Flags of `.section name, "aw"`.
function sectionFlags(text: string): SectionFlags {
  return {
    alloc: text.includes("a"),
    write: text.includes("w"),
    exec: text.includes("x"),
    retain: text.includes("R"),
  };
}

const sectionKinds: Readonly<Record<string, SectionKind>> = {
  progbits: "progbits",
  nobits: "nobits",
  note: "note",
  init_array: "initArray",
  fini_array: "finiArray",
  preinit_array: "preinitArray",
};

function section(use: Use): void {
  const [name, flags, type] = use.args;
  if (name === undefined || name.text === "") {
    reject(use, null, "a section name");
    return;
  }
  const text = name.text.replace(/^"|"$/g, "");
  if (flags === undefined) {
    use.unit.enterSection(text, null);
    return;
  }
  if (!/^"[awxRMSGTo?]*"$/.test(flags.text)) {
    reject(use, flags, 'flags such as "ax" or "aw"');
    return;
  }
  const kind = type === undefined ? "progbits" : sectionKinds[type.text.replace(/^[@%]/, "")];
  if (kind === undefined) {
    reject(use, type ?? null, "@progbits, @nobits or @note");
    return;
  }
  use.unit.enterSection(text, { kind, flags: sectionFlags(flags.text) });
}

function pushSection(use: Use): void {
  use.unit.pushSection();
  section(use);
}

function popSection({ unit, name }: Use): void {
  if (!unit.popSection()) {
    unit.report(diagnose("A0019", spanOf(name), { name: ".popsection", partner: ".pushsection" }));
  }
}

// `.align` and friends: `power` says whether the number counts bits or bytes.
function align(power: boolean): Directive {
  return (use) => {
    const [size, fill, max] = use.args;
    if (size === undefined) {
      reject(use, null, "an alignment");
      return;
    }
    const value = use.unit.constant(size);
    const filler = fill === undefined || fill.text === "" ? null : use.unit.constant(fill);
    const limit = max === undefined ? null : use.unit.constant(max);
    if (value === null) return;
    const alignment = power ? 2 ** Number(value) : Math.max(1, Number(value));
    const fits = Number.isInteger(Math.log2(alignment)) && alignment <= 2 ** 31;
    if (!fits) {
      reject(use, size, power ? "a number from 0 to 31" : "a power of two up to 2^31");
      return;
    }
    const isCode = use.unit.section.flags.exec;
    use.unit.section.alignment = Math.max(use.unit.section.alignment, alignment);
    const padding = filler === null ? (isCode ? null : 0) : Number(BigInt.asUintN(8, filler));
    const maxBytes = limit === null ? Infinity : Number(limit);
    use.unit.emit({ kind: "align", alignment, fill: padding, maxBytes }, use.span);
  };
}

function data(bytes: 1 | 2 | 4 | 8): Directive {
  return (use) => {
    if (use.args.length === 0) reject(use, null, "values");
    for (const arg of use.args) {
      const parsed = use.unit.expression(arg);
      if (parsed.ok)
        use.unit.emit({ kind: "data", bytes, value: parsed.value, span: spanOf(arg) }, spanOf(arg));
      else use.unit.report(parsed.diagnostic);
    }
  };
}

function strings(terminator: readonly number[]): Directive {
  return (use) => {
    if (use.args.length === 0) reject(use, null, 'a string such as "text"');
    for (const arg of use.args) {
      const bytes = stringBytes(use.unit, arg, use.name.text);
      if (bytes === null) continue;
      use.unit.emit({ kind: "bytes", bytes: Uint8Array.from([...bytes, ...terminator]) }, spanOf(arg));
    }
  };
}

const MAX_FILL_BYTES = 1 << 28;

// `.zero n`, `.space n, value`.
function space(use: Use): void {
  const [count, value] = use.args;
  if (count === undefined) {
    reject(use, null, "a number of bytes");
    return;
  }
  const bytes = use.unit.constant(count);
  const fill = value === undefined ? 0n : use.unit.constant(value);
  if (bytes === null || fill === null) return;
  if (bytes < 0n || bytes > MAX_FILL_BYTES) {
    reject(use, count, `0 to ${String(MAX_FILL_BYTES)} bytes`);
    return;
  }
  const contents = new Uint8Array(Number(bytes)).fill(Number(BigInt.asUintN(8, fill)));
  use.unit.emit({ kind: "bytes", bytes: contents }, use.span);
}

// `.fill repeat, size, value`.
function fill(use: Use): void {
  const [repeatText, sizeText, valueText] = use.args;
  if (repeatText === undefined) {
    reject(use, null, "a count, a size and a value");
    return;
  }
  const repeat = use.unit.constant(repeatText);
  const size = sizeText === undefined ? 1n : use.unit.constant(sizeText);
  const value = valueText === undefined ? 0n : use.unit.constant(valueText);
  if (repeat === null || size === null || value === null) return;
  if (size < 0n || size > 8n) {
    reject(use, sizeText ?? null, "a size from 0 to 8");
    return;
  }
  if (repeat < 0n || repeat * size > MAX_FILL_BYTES) {
    reject(use, repeatText, `at most ${String(MAX_FILL_BYTES)} bytes`);
    return;
  }
  // As GNU as does: the value has four bytes, the rest is zero.
  const low = BigInt.asUintN(32, value);
  const one = Array.from({ length: Number(size) }, (_, i) => Number((low >> BigInt(8 * i)) & 255n));
  const contents = Uint8Array.from(Array.from({ length: Number(repeat) }, () => one).flat());
  use.unit.emit({ kind: "bytes", bytes: contents }, use.span);
}

const options: Readonly<Record<string, (unit: UnitBuilder) => boolean>> = {
  rvc: (unit) => (unit.compress = true),
  norvc: (unit) => {
    unit.compress = false;
    return true;
  },
  push: (unit) => {
    unit.compressStack.push(unit.compress);
    return true;
  },
  pop: (unit) => {
    const saved = unit.compressStack.pop();
    if (saved !== undefined) unit.compress = saved;
    return saved !== undefined;
  },
  // The linker never shortens code of ours, so both are the same.
  relax: () => true,
  norelax: () => true,
  // Addresses are taken relative to the pc in any case.
  pic: () => true,
  nopic: () => true,
};

function option(use: Use): void {
  const [name] = use.args;
  const set = options[name?.text ?? ""];
  if (name === undefined || set === undefined) {
    reject(use, name ?? null, Object.keys(options).join(", "));
    return;
  }
  if (set(use.unit)) return;
  use.unit.report(diagnose("A0019", spanOf(name), { name: ".option pop", partner: ".option push" }));
}

// Instructions as numbers.
function code(bytes: 2 | 4): Directive {
  return (use) => {
    if (use.args.length === 0) reject(use, null, "instructions as numbers");
    for (const arg of use.args) {
      const value = use.unit.constant(arg);
      if (value === null) continue;
      const word = Array.from({ length: bytes }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
      use.unit.emit({ kind: "bytes", bytes: Uint8Array.from(word), isCode: true }, spanOf(arg));
    }
  };
}

function targetDirective(what: TargetDirective): Directive {
  switch (what.kind) {
    case "data":
      return data(what.bytes);
    case "code":
      return code(what.bytes);
    case "pool":
      return ({ unit }) => {
        unit.placeLiterals();
      };
    case "option":
      return option;
    case "ignored":
      return ignored;
  }
}

// Remarks for other tools: file names, tool versions, attributes of the object (ours come from the options), frames of
// functions (backtraces end at assembly of others).
const ignored: Directive = () => undefined;

const table: Readonly<Record<string, Directive>> = {
  ".text": enter(".text"),
  ".data": enter(".data"),
  ".rodata": enter(".rodata"),
  ".bss": enter(".bss"),
  ".section": section,
  ".pushsection": pushSection,
  ".popsection": popSection,
  ".previous": ({ unit }) => unit.swapPrevious(),
  ".globl": bind("global"),
  ".global": bind("global"),
  ".local": bind("local"),
  ".weak": bind("weak"),
  ".hidden": hide,
  ".type": setType,
  ".size": setSize,
  ".equ": assign,
  ".set": assign,
  ".comm": common,
  ".align": align(true),
  ".p2align": align(true),
  ".balign": align(false),
  ".byte": data(1),
  ".2byte": data(2),
  ".half": data(2),
  ".hword": data(2),
  ".short": data(2),
  ".4byte": data(4),
  ".int": data(4),
  ".long": data(4),
  ".word": data(4),
  ".8byte": data(8),
  ".dword": data(8),
  ".quad": data(8),
  ".ascii": strings([]),
  ".asciz": strings([0]),
  ".string": strings([0]),
  ".zero": space,
  ".skip": space,
  ".space": space,
  ".fill": fill,
  ".file": ignored,
  ".ident": ignored,
  ".loc": ignored,
  ".cfi_sections": ignored,
  ".cfi_startproc": ignored,
  ".cfi_endproc": ignored,
  ".cfi_def_cfa": ignored,
  ".cfi_def_cfa_offset": ignored,
  ".cfi_def_cfa_register": ignored,
  ".cfi_offset": ignored,
  ".cfi_restore": ignored,
  ".cfi_remember_state": ignored,
  ".cfi_restore_state": ignored,
};

/** Does what the directive `name` says; false if there is none of that name. */
export function assembleDirective(
  name: Located,
  operands: Located,
  { unit, target }: { readonly unit: UnitBuilder; readonly target: AssemblerTarget },
): boolean {
  const text = name.text.toLowerCase();
  const own = target.directives[text];
  const directive = own === undefined ? table[text] : targetDirective(own);
  if (directive === undefined) return false;
  const span = { start: name.start, end: operands.start + operands.text.length };
  directive({ unit, name, args: splitArguments(operands), span });
  return true;
}

/** All directive names, for "did you mean". */
export function directiveNames(target: AssemblerTarget): readonly string[] {
  return [...Object.keys(table), ...Object.keys(target.directives)];
}
