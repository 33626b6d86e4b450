import { inLockstep } from './candidates.ts';
import { ceilDivide, nextPowerOfTwo } from '../../base/bits.ts';
import type { LayerChoice } from '../../ir/plan.ts';
import type { QuantizedMaxPool } from '../../ir/quantized.ts';
import { wholeLanes } from '../lower/check-choice.ts';

/** A max-pooling layer to fold and what its neighbours fix. */
export interface MaxPoolProblem {
  readonly layer: QuantizedMaxPool;
  readonly denseInput: boolean;
  readonly inputTokens: number;
  readonly tailTokens: number;
  /** Mean of max(1, tokens) over input sites; not used where the input is dense. */
  readonly tokensPerSite: number;
  /** Cycles an inference may take. */
  readonly interval: number;
}

/** Fewest cycles between two windows of an engine. */
const groupMinimum = 5;
const widestDrain = 64;

function powersUpTo(limit: number): readonly number[] {
  const powers: number[] = [];
  for (let power = 1; power <= limit; power *= 2) powers.push(power);
  return powers;
}

/** Foldings of a max-pooling layer that keep to the interval by simple bounds. */
export function maxPoolCandidates(problem: MaxPoolProblem): readonly LayerChoice[] {
  const { layer, denseInput, inputTokens, tailTokens, tokensPerSite, interval } = problem;
  const { kernel, inputShape, outputShape } = layer.layer;
  const { channels } = inputShape;
  const positions = kernel.height * kernel.width;
  const groups = outputShape.height * outputShape.width;
  const found: LayerChoice[] = [];
  const lanes = new Set(
    Array.from({ length: positions }, (_, at) => wholeLanes(positions, at + 1)),
  );
  for (const setsParallel of powersUpTo(Math.min(widestDrain, nextPowerOfTwo(channels)))) {
    const widest = denseInput ? Math.min(setsParallel, inputTokens) : 1;
    const values = 2 ** Math.floor(Math.log2(widest));
    const steps = denseInput ? ceilDivide(channels, values) : Math.max(1, tokensPerSite);
    const drain = ceilDivide(channels, setsParallel) + 2;
    for (const count of lanes) {
      const accumulate = ceilDivide(positions, count) * steps;
      const perGroup = Math.max(groupMinimum, accumulate, drain);
      const engines = Math.ceil((groups * perGroup) / interval);
      if (engines > groups) continue;
      found.push({
        core: 'max',
        engines,
        lanes: count,
        values,
        setsParallel,
        ...inLockstep,
        drainWidth: setsParallel,
        readWidth: setsParallel,
        inputTokens,
        tailTokens,
      });
    }
  }
  return found;
}
