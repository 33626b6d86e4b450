/** One slot of a vector. */
export interface Entry {
  readonly channel: number;
  readonly used: boolean;
  readonly value: number;
}

export interface Token {
  readonly channel: number;
  readonly value: number;
}

/**
 * The tokens k-WTA leaves of a vector: the k largest used values, ties to the lowest channel (or
 * all that equal the k-th), without those that are 0; largest first.
 */
export function winners(vector: readonly Entry[], k: number, keepTies = false): Token[] {
  const sorted = vector
    .filter(({ used }) => used)
    .sort((a, b) => b.value - a.value || a.channel - b.channel);
  const least = keepTies ? sorted[k - 1]?.value : undefined;
  return sorted
    .filter(({ value }, index) => index < k || value === least)
    .filter(({ value }) => value !== 0)
    .map(({ channel, value }) => ({ channel, value }));
}
