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
 * The tokens k-WTA leaves of a vector: the k largest used values, ties to the lowest channel,
 * without those that are 0; largest first.
 */
export function winners(vector: readonly Entry[], k: number): Token[] {
  return vector
    .filter(({ used }) => used)
    .sort((a, b) => b.value - a.value || a.channel - b.channel)
    .slice(0, k)
    .filter(({ value }) => value !== 0)
    .map(({ channel, value }) => ({ channel, value }));
}
