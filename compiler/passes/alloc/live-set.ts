// A set of small integers with constant-time changes and cheap walks, for walking blocks backwards.

/** Members are below the `size` given when made. */
export interface LiveSet {
  readonly size: number;
  readonly has: (member: number) => boolean;
  readonly add: (member: number) => void;
  readonly delete: (member: number) => void;
  readonly clear: () => void;
  /** Member number `i`, `0 <= i < size`; any change may reorder them. */
  readonly at: (i: number) => number;
}

export function liveSet(capacity: number): LiveSet {
  const members = new Int32Array(capacity);
  const place = new Int32Array(capacity);
  let size = 0;
  const has = (m: number): boolean => {
    const at = place[m] ?? 0;
    return at < size && members[at] === m;
  };
  return {
    get size() {
      return size;
    },
    has,
    add: (m) => {
      if (has(m)) return;
      members[size] = m;
      place[m] = size;
      size += 1;
    },
    delete: (m) => {
      if (!has(m)) return;
      size -= 1;
      const moved = members[size] ?? 0;
      const at = place[m] ?? 0;
      members[at] = moved;
      place[moved] = at;
    },
    clear: () => {
      size = 0;
    },
    at: (i) => members[i] ?? 0,
  };
}
