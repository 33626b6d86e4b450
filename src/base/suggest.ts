/** The candidate a mistyped word most likely meant, or null when none is close. */
export function closest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const begins = word.length >= 3 && candidate.toLowerCase().startsWith(word.toLowerCase());
    const distance = begins ? 1 : editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "did you mean "x"?" when something is close, otherwise the list of what there is. */
export function suggestion(word: string, candidates: readonly string[]): string {
  const near = closest(word, candidates);
  return near === null ? `one of: ${candidates.join(', ')}` : `did you mean "${near}"?`;
}

/** Levenshtein distance: insertions, deletions and replacements of single characters. */
export function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 64) return Math.abs(from.length - to.length);
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replace = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
