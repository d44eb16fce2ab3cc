// A binary min-heap of numbers with keys. Equal keys come out in the order of the items, so that results are stable.

export interface HeapEntry {
  readonly item: number;
  readonly key: number;
}

export interface Heap {
  push(item: number, key: number): void;
  /** The smallest key; null if empty. */
  pop(): HeapEntry | null;
}

export function minHeap(): Heap {
  const entries: HeapEntry[] = [];
  const isBefore = (x: HeapEntry, y: HeapEntry): boolean =>
    x.key < y.key || (x.key === y.key && x.item < y.item);
  return {
    push: (item, key) => {
      const entry = { item, key };
      let at = entries.length;
      entries.push(entry);
      while (at > 0) {
        const parent = entries[(at - 1) >> 1];
        if (parent === undefined || !isBefore(entry, parent)) break;
        entries[at] = parent;
        at = (at - 1) >> 1;
      }
      entries[at] = entry;
    },
    pop: () => {
      const top = entries[0];
      const last = entries.pop();
      if (top === undefined || last === undefined) return null;
      if (entries.length > 0) sink(entries, last, isBefore);
      return top;
    },
  };
}

// Puts `entry` into the free place at the top and lets it sink.
function sink(
  entries: HeapEntry[],
  entry: HeapEntry,
  isBefore: (x: HeapEntry, y: HeapEntry) => boolean,
): void {
  let at = 0;
  for (;;) {
    const [left, right] = [entries[2 * at + 1], entries[2 * at + 2]];
    const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
    if (child === undefined || !isBefore(child, entry)) break;
    entries[at] = child;
    at = child === left ? 2 * at + 1 : 2 * at + 2;
  }
  entries[at] = entry;
}
