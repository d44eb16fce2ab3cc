// The word that was probably meant: edit distance with transpositions, for misspelt keywords.

/** The candidate within distance 1 (2 for words of six letters and more), if exactly one is nearest; else null. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (word.length < 3 || candidates.includes(word)) return null;
  const limit = word.length >= 6 ? 2 : 1;
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate.length < 3) continue;
    const d = distance(word, candidate);
    if (d === bestDistance) best = null;
    if (d < bestDistance) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours, each costing 1. */
function distance(a: string, b: string): number {
  const width = b.length + 1;
  const cost = new Array<number>((a.length + 1) * width).fill(0);
  const at = (i: number, j: number): number => cost[i * width + j] ?? 0;
  for (let i = 0; i <= a.length; i++) {
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) {
        cost[i * width + j] = i + j;
        continue;
      }
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(i - 2, j - 2) + 1);
      }
      cost[i * width + j] = least;
    }
  }
  return at(a.length, b.length);
}
