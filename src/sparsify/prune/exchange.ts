import type { Pattern, SparseWeights } from './pattern.ts';
import type { Reconstruction } from './problem.ts';
import { fitKernel, gainsOf } from './refit.ts';
import type { KernelFit } from './refit.ts';

/** How long weights are exchanged. */
export interface ExchangeEffort {
  /** Rounds of exchanges at most. */
  readonly rounds: number;
  /** Kernels with more weights than this keep what the sweep found: an exact fit takes too long. */
  readonly largestSupport: number;
}

/** For a network that is made sparse once. */
export const fullExchange: ExchangeEffort = { rounds: 8, largestSupport: 512 };

/** For one of many layers of a search. */
export const shortExchange: ExchangeEffort = { rounds: 1, largestSupport: 100 };

/** Share of a kernel's weights that may move in one round: exchanges disturb each other. */
const roundShare = 0.1;

/** A round that explains less than this share more is the last. */
const leastProgress = 0.0005;

/** A weight that moves: it goes at `from`, and comes at `to` (places in the weights). */
interface Exchange {
  readonly from: number;
  readonly to: number;
}

/**
 * Fits the weights to the mask exactly, then moves weights to where they explain more, a few at a
 * time, and fits again, as long as the error falls. Keeps the number of weights, and the pattern.
 */
export async function exchangeWeights(
  problem: Reconstruction,
  start: SparseWeights,
  pattern: Pattern,
  { rounds: mostRounds, largestSupport }: ExchangeEffort,
  pause: () => Promise<void>,
): Promise<SparseWeights> {
  if (pattern.kind === 'dense' || densestKernel(problem, start.mask) > largestSupport) return start;
  let best = start;
  let explained = -Infinity;
  let { mask } = start;
  for (let round = 0; round <= mostRounds; round += 1) {
    const gains = round < mostRounds ? new Float64Array(mask.length) : null;
    const fitted = await fitAll(problem, mask, gains, pause);
    if (fitted === null) return best;
    const enough = fitted.explained > explained + Math.abs(explained) * leastProgress;
    if (fitted.explained > explained) {
      best = { mask, weights: fitted.weights };
      explained = fitted.explained;
    }
    if (!(enough || round === 0) || gains === null) break;
    const exchanges = limitPerKernel(
      pattern.kind === 'complementary'
        ? exchangesOfSets(problem, mask, fitted.losses, gains, pattern.setSize)
        : exchangesOfLayer(mask, fitted.losses, gains),
      problem,
      mask,
    );
    if (exchanges.length === 0) break;
    mask = mask.slice();
    for (const { from, to } of exchanges) {
      mask[from] = 0;
      mask[to] = 1;
    }
  }
  return best;
}

interface FittedLayer {
  readonly weights: Float64Array;
  /** By weight; 0 where there is none. */
  readonly losses: Float64Array;
  readonly explained: number;
}

async function fitAll(
  problem: Reconstruction,
  mask: Uint8Array,
  gains: Float64Array | null,
  pause: () => Promise<void>,
): Promise<FittedLayer | null> {
  const { inputs, outputs } = problem;
  const weights = new Float64Array(mask.length);
  const losses = new Float64Array(mask.length);
  let explained = 0;
  for (let kernel = 0; kernel < outputs; kernel += 1) {
    const start = kernel * inputs;
    const fit = fitKernel(problem, kernel, supportOf(mask, start, inputs));
    if (fit === null) return null;
    place(fit, weights, losses, start);
    explained += fit.explained;
    if (gains !== null) gainsOf(problem, kernel, fit, gains.subarray(start, start + inputs));
    if (kernel % 16 === 0) await pause();
  }
  return { weights, losses, explained };
}

function place(fit: KernelFit, weights: Float64Array, losses: Float64Array, start: number): void {
  fit.support.forEach((input, i) => {
    weights[start + input] = fit.weights[i] ?? 0;
    losses[start + input] = fit.losses[i] ?? 0;
  });
}

function supportOf(mask: Uint8Array, start: number, inputs: number): Int32Array {
  const support: number[] = [];
  for (let input = 0; input < inputs; input += 1)
    if (mask[start + input] === 1) support.push(input);
  return Int32Array.from(support);
}

function densestKernel({ inputs, outputs }: Reconstruction, mask: Uint8Array): number {
  let most = 0;
  for (let kernel = 0; kernel < outputs; kernel += 1) {
    let count = 0;
    for (let at = kernel * inputs; at < (kernel + 1) * inputs; at += 1) count += mask[at] ?? 0;
    most = Math.max(most, count);
  }
  return most;
}

/** The weights that cost least to lose against the places that gain most, anywhere in the layer. */
function exchangesOfLayer(
  mask: Uint8Array,
  losses: Float64Array,
  gains: Float64Array,
): readonly Exchange[] {
  const present: number[] = [];
  const absent: number[] = [];
  for (let at = 0; at < mask.length; at += 1) (mask[at] === 1 ? present : absent).push(at);
  present.sort((one, other) => (losses[one] ?? 0) - (losses[other] ?? 0) || one - other);
  absent.sort((one, other) => (gains[other] ?? 0) - (gains[one] ?? 0) || one - other);
  const exchanges: Exchange[] = [];
  for (let n = 0; n < Math.min(present.length, absent.length); n += 1) {
    const from = present[n] ?? 0;
    const to = absent[n] ?? 0;
    if ((gains[to] ?? 0) <= (losses[from] ?? 0)) break;
    exchanges.push({ from, to });
  }
  return exchanges;
}

/** Input positions that another kernel of the set makes more of, those with most to gain first. */
function exchangesOfSets(
  { inputs, outputs }: Reconstruction,
  mask: Uint8Array,
  losses: Float64Array,
  gains: Float64Array,
  setSize: number,
): readonly Exchange[] {
  const found: { readonly exchange: Exchange; readonly gain: number }[] = [];
  for (let first = 0; first < outputs; first += setSize) {
    const end = Math.min(outputs, first + setSize);
    for (let input = 0; input < inputs; input += 1) {
      let from = -1;
      let to = -1;
      for (let kernel = first; kernel < end; kernel += 1) {
        const at = kernel * inputs + input;
        if (mask[at] === 1) from = at;
        else if (to < 0 || (gains[at] ?? 0) > (gains[to] ?? 0)) to = at;
      }
      if (from < 0 || to < 0) continue;
      const gain = (gains[to] ?? 0) - (losses[from] ?? 0);
      if (gain > 0) found.push({ exchange: { from, to }, gain });
    }
  }
  found.sort((one, other) => other.gain - one.gain || one.exchange.to - other.exchange.to);
  return found.map(({ exchange }) => exchange);
}

/** The first exchanges of each kernel, coming and going. */
function limitPerKernel(
  exchanges: readonly Exchange[],
  { inputs, outputs }: Reconstruction,
  mask: Uint8Array,
): readonly Exchange[] {
  const left = Array.from({ length: outputs }, (_, kernel) => {
    const weights = mask.subarray(kernel * inputs, (kernel + 1) * inputs);
    return 1 + Math.ceil(roundShare * weights.reduce((sum, one) => sum + one, 0));
  });
  return exchanges.filter(({ from, to }) => {
    const losing = Math.floor(from / inputs);
    const winning = Math.floor(to / inputs);
    if ((left[losing] ?? 0) < 1 || (left[winning] ?? 0) < 1) return false;
    left[losing] = (left[losing] ?? 0) - 1;
    left[winning] = (left[winning] ?? 0) - 1;
    return true;
  });
}
