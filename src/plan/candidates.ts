import { ceilDivide, nextPowerOfTwo } from '../base/bits.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerChoice } from '../ir/plan.ts';
import type { QuantizedLayer } from '../ir/quantized.ts';
import { maximumInsertWinners, wholeLanes } from './lower-layer.ts';

/** What the layer's neighbours fix. */
export interface EdgeWidths {
  /** Tokens (values) a beat of the input stream; the dense core may want more. */
  readonly inputTokens: number;
  readonly tailTokens: number;
}

/** A folding and the hardware it stands for, before anything is lowered. */
export interface Candidate {
  readonly choice: LayerChoice;
  readonly multipliers: number;
}

function powersUpTo(limit: number): readonly number[] {
  const powers: number[] = [];
  for (let power = 1; power <= limit; power *= 2) powers.push(power);
  return powers;
}

/** Distinct values of ceil(total / folds), largest first. */
function shares(total: number): readonly number[] {
  const found = new Set<number>();
  for (let folds = 1; folds <= total; folds += 1) found.add(ceilDivide(total, folds));
  return [...found].sort((left, right) => right - left);
}

/** Lane counts without an empty lane. */
function laneCounts(positions: number): readonly number[] {
  const counts = new Set<number>();
  for (let lanes = 1; lanes <= positions; lanes += 1) counts.add(wholeLanes(positions, lanes));
  return [...counts];
}

/**
 * Every folding of a layer worth looking at that finishes an inference in `interval` cycles,
 * each with the fewest engines that do. Steps are counted from `tokensPerSite`, the mean tokens
 * of an input site (dense streams: channels).
 */
export function candidates(
  layer: QuantizedLayer,
  packing: Packing,
  core: LayerChoice['core'],
  denseInput: boolean,
  edges: EdgeWidths,
  tokensPerSite: number,
  interval: number,
): readonly Candidate[] {
  const { kernel, inputShape, outputShape, pooling, kWinners } = layer.layer;
  const positions = kernel.height * kernel.width;
  const groups = outputShape.height * outputShape.width;
  const windows = pooling === null ? 1 : pooling.kernel.height * pooling.kernel.width;
  const insert = kWinners !== null && kWinners.k <= maximumInsertWinners;
  const found: Candidate[] = [];
  const valueChoices =
    core === 'dense' ? powersUpTo(Math.min(64, nextPowerOfTwo(inputShape.channels))) : [1];
  for (const values of valueChoices) {
    const inputTokens = Math.max(edges.inputTokens, values);
    const steps =
      core === 'dense' || denseInput
        ? ceilDivide(inputShape.channels, values)
        : Math.max(1, tokensPerSite);
    for (const lanes of laneCounts(positions)) {
      const lanePositions = ceilDivide(positions, lanes);
      for (const share of shares(packing.sets.length)) {
        const folds = ceilDivide(packing.sets.length, share);
        const accumulate = windows * lanePositions * steps * folds * packing.depth;
        // most engines there can be, and still too slow: no use going on to smaller shares
        if (accumulate > interval) break;
        for (const drainWidth of powersUpTo(share * 2 - 1)) {
          const setsParallel = ceilDivide(share, drainWidth) * drainWidth;
          const slots = folds * packing.setSize * setsParallel;
          const drain = windows * (slots / drainWidth);
          if (drain > interval) continue;
          for (const readWidth of insert ? [1] : powersUpTo(drainWidth)) {
            const tail = slots / readWidth + 2;
            const group = Math.max(5, accumulate, drain, tail);
            const engines = Math.max(1, Math.ceil((groups * group) / interval));
            if (engines > groups) continue;
            found.push({
              choice: {
                core,
                engines,
                lanes,
                values,
                setsParallel,
                drainWidth,
                readWidth,
                inputTokens,
                tailTokens: edges.tailTokens,
              },
              multipliers: engines * lanes * values * setsParallel,
            });
            // a wider read-out only pays while the tail is what limits
            if (tail <= Math.max(accumulate, drain)) break;
          }
          if (drain <= accumulate) break;
        }
      }
    }
  }
  return prune(found);
}

/** The candidates with few multipliers, and with few engines among equals. */
function prune(found: readonly Candidate[]): readonly Candidate[] {
  const sorted = [...found].sort(
    (left, right) =>
      left.multipliers - right.multipliers || left.choice.engines - right.choice.engines,
  );
  const fewest = sorted[0]?.multipliers ?? 0;
  return sorted.filter((candidate) => candidate.multipliers <= fewest * 1.6).slice(0, 40);
}
