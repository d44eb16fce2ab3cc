// "did you mean": the declared name closest to a mistyped one.
//
// Distance counts insertions, deletions, replacements and swaps of neighbours. A name of n characters may be
// off by one for n <= 4, by two up to 8, by three beyond; so short names do not suggest unrelated ones.

/** The candidate nearest to `name`, or null if none is near. Ties go to the first. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = name.length <= 4 ? 1 : name.length <= 8 ? 2 : 3;
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const d = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate, bestDistance);
    if (d < bestDistance && d < Math.max(name.length, candidate.length))
      [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** Edit distance with swaps; any number >= `cutoff` means "too far". */
function distance(a: string, b: string, cutoff: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let d = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        d = Math.min(d, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(d);
      smallest = Math.min(smallest, d);
    }
    if (smallest >= cutoff) return cutoff;
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? cutoff;
}
