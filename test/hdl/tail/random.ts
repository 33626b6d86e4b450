/** Integers from a seed: the same seed gives the same sequence on every machine (mulberry32). */
export interface Random {
  /** Uniform in low .. high, both included. */
  readonly integer: (low: number, high: number) => number;
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean;
  /** 0 .. count - 1 in random order. */
  readonly permutation: (count: number) => number[];
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (low: number, high: number): number =>
    low + Math.floor(unit() * (high - low + 1));
  const permutation = (count: number): number[] => {
    const keyed = Array.from({ length: count }, (_, index) => ({ index, key: unit() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ index }) => index);
  };
  return { integer, chance: (probability) => unit() < probability, permutation };
}
