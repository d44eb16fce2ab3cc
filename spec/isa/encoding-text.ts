// Reads the encoding column of a table: bit 31 (or 15) first, groups separated by blanks.
//   0110011       fixed bits                 rd:5          all bits of field rd
//   imm[11:5]     some bits of field imm     imm[12]       one bit of it
//   ; rd != 0, imm != 0                      at the end: raw field values that belong to other instructions
//   ; vt2 = vt + 1                           or fields whose values follow from others
// Relies on schema.ts. Guarantees: widths add to 16 or 32, and no bit of a field is given twice or left out
// between its lowest and highest bit; bits below the lowest are zero.

import type { Encoding, Field, FieldPiece, FollowingField } from "./schema.ts";
import { tableError } from "./table-error.ts";

interface Group {
  readonly name: string | null;
  readonly bits: number;
  readonly valueLow: number;
  readonly fixed: number;
}

const fixedGroup = /^[01]+$/;
const wholeField = /^([a-z][\w']*):(\d+)$/;
const partField = /^([a-z][\w']*)\[(\d+)(?::(\d+))?\]$/;
const exclusion = /^([a-z][\w']*)\s*!=\s*(\d+)$/;

function readGroup(text: string): Group {
  if (fixedGroup.test(text)) return { name: null, bits: text.length, valueLow: 0, fixed: parseInt(text, 2) };
  const whole = wholeField.exec(text);
  if (whole?.[1] !== undefined) return { name: whole[1], bits: Number(whole[2]), valueLow: 0, fixed: 0 };
  const part = partField.exec(text);
  if (part?.[1] === undefined) return tableError(`encoding: cannot read \`${text}\``);
  const high = Number(part[2]);
  const low = part[3] === undefined ? high : Number(part[3]);
  return { name: part[1], bits: high - low + 1, valueLow: low, fixed: 0 };
}

// One field from its pieces: sorted by the bits of the value, each begins where the one before ended.
function makeField(name: string, pieces: readonly FieldPiece[]): Field {
  const sorted = [...pieces].sort((a, b) => a.valueLow - b.valueLow);
  const low = sorted[0]?.valueLow ?? 0;
  let width = low;
  for (const { bits, valueLow } of sorted) {
    if (valueLow !== width) tableError(`encoding: field \`${name}\` is not whole`);
    width += bits;
  }
  return { name, pieces, width, low };
}

const follower = /^([a-z][\w']*)\s*=\s*([a-z][\w']*)\s*\+\s*(\d+)$/;

function readFollowing(parts: readonly string[], fields: readonly Field[]): FollowingField[] {
  return parts.map((part) => {
    const [, name = "", after = "", plus = ""] = follower.exec(part) ?? [];
    return fields.some((f) => f.name === after)
      ? { name, after, plus: Number(plus) }
      : tableError(`encoding: \`${part}\``);
  });
}

function readExclusions(parts: readonly string[], fields: readonly Field[]): Encoding["excluded"] {
  return parts.map((part) => {
    const match = exclusion.exec(part);
    const field = match?.[1];
    if (field === undefined || !fields.some((f) => f.name === field))
      return tableError(`encoding: \`${part}\``);
    return { field, value: Number(match?.[2]) };
  });
}

/** Reads one encoding; throws a TableError that says what is wrong with it. */
export function readEncoding(text: string): Encoding {
  const [layout = "", conditions = ""] = text.split(";");
  const parts = conditions.split(",").map((part) => part.trim());
  const followers = parts.filter((part) => follower.test(part));
  const excluded = parts.filter((part) => part !== "" && !followers.includes(part));
  const groups = layout.trim().split(/\s+/).map(readGroup);
  const bits = groups.reduce((sum, g) => sum + g.bits, 0);
  if (bits !== 16 && bits !== 32) return tableError(`encoding: \`${text}\` has ${String(bits)} bits`);
  let [at, mask, match] = [bits, 0, 0];
  const pieces = new Map<string, FieldPiece[]>();
  for (const g of groups) {
    at -= g.bits;
    if (g.name === null) {
      mask += (2 ** g.bits - 1) * 2 ** at;
      match += g.fixed * 2 ** at;
    } else {
      const piece = { wordLow: at, valueLow: g.valueLow, bits: g.bits };
      const known = pieces.get(g.name);
      if (known === undefined) pieces.set(g.name, [piece]);
      else known.push(piece);
    }
  }
  const fields = [...pieces].map(([name, list]) => makeField(name, list));
  const following = readFollowing(followers, fields);
  return { text, bits, mask, match, fields, following, excluded: readExclusions(excluded, fields) };
}
