/**
 * Deterministic pseudo-random source for searches: `random(n)` is an integer in 0 .. n - 1
 * (0 for n <= 1). Same seed, same sequence (mulberry32).
 */
export type RandomBelow = (bound: number) => number;

/** A source started from a seed; its state lives in the closure alone. */
export function seededRandom(seed: number): RandomBelow {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return bound <= 1 ? 0 : Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}
