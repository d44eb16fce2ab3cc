// A set of unordered pairs of small integers: a bit matrix while that is small, a hash table beyond.
//
// Bit matrix up to MATRIX_MEMBERS members (2 MiB); beyond, open addressing with linear probing, so that memory grows
// with the number of pairs and not with the square of the members.

const MATRIX_MEMBERS = 4096;
const MULTIPLIER = 0x9e3779b1;

export interface PairSet {
  has(a: number, b: number): boolean;
  /** True if the pair was not there. */
  add(a: number, b: number): boolean;
}

/** For members below `members`; `a` and `b` are different. */
export function pairSet(members: number): PairSet {
  return members <= MATRIX_MEMBERS ? bitMatrix(members) : hashedPairs(members);
}

function bitMatrix(members: number): PairSet {
  const bits = new Int32Array(Math.ceil((members * (members - 1)) / 2 / 32) + 1);
  const position = (a: number, b: number): number => (a > b ? (a * (a - 1)) / 2 + b : (b * (b - 1)) / 2 + a);
  return {
    has: (a, b) => {
      const at = position(a, b);
      return (((bits[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1;
    },
    add: (a, b) => {
      const at = position(a, b);
      const word = bits[at >>> 5] ?? 0;
      const changed = word | (1 << (at & 31));
      if (changed === word) return false;
      bits[at >>> 5] = changed;
      return true;
    },
  };
}

// Keys are `high * members + low + 1`; 0 marks a free cell. Doubles when half full.
function hashedPairs(members: number): PairSet {
  let table = new Float64Array(1 << 16);
  let used = 0;
  const keyOf = (a: number, b: number): number => (a > b ? a * members + b : b * members + a) + 1;
  const cellOf = (key: number): number => {
    const mask = table.length - 1;
    const mixed = Math.imul(Math.floor(key / members) ^ Math.imul(key % members, MULTIPLIER), MULTIPLIER);
    let cell = (mixed ^ (mixed >>> 15)) & mask;
    while (table[cell] !== 0 && table[cell] !== key) cell = (cell + 1) & mask;
    return cell;
  };
  const grow = (): void => {
    const old = table;
    table = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) table[cellOf(key)] = key;
  };
  return {
    has: (a, b) => table[cellOf(keyOf(a, b))] !== 0,
    add: (a, b) => {
      const key = keyOf(a, b);
      const cell = cellOf(key);
      if (table[cell] !== 0) return false;
      table[cell] = key;
      used += 1;
      if (used * 2 > table.length) grow();
      return true;
    },
  };
}
