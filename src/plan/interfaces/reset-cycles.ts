import { ceilDivide } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import { hasEngines, inputStreamsOf } from '../../ir/plan.ts';
import type { EngineLayerPlan, LayerPlan } from '../../ir/plan.ts';
import { winnersUnit } from '../lower/lower-winners.ts';

/** Cycles until the beats on their way through a pipeline are gone. */
const pipelineCycles = 4;

function tailCycles(layer: EngineLayerPlan): number {
  const { tail, output, outputChannels } = layer;
  const rows = ceilDivide(outputChannels, output.tokensPerBeat);
  const dense = output.kind === 'tokens' ? 0 : rows;
  if (tail.kind !== 'histogram') return dense;
  return Math.max(dense, 2 ** (present(layer.parameters['OutBits'], 'OutBits') - 2));
}

/** Of the histogram of a k-WTA over a map. */
function bins(layer: LayerPlan): number {
  return layer.kind === 'winners' ? 2 ** winnersUnit(layer).valueBits : 0;
}

/**
 * Cycles of reset after which nothing of an interrupted inference is left: sums are cleared one
 * address a cycle, bank by bank; histograms, logits and dense rows likewise. See `drain_pool`,
 * `kwta_histogram`, `map_winners`, `logit_buffer` and `densify`. Out of configuration all of them are clear.
 */
export function resetCycles(layers: readonly LayerPlan[]): number {
  const cycles = layers.map((layer) =>
    hasEngines(layer)
      ? Math.max(2 * layer.sumDepth, tailCycles(layer))
      : Math.max(bins(layer), ...inputStreamsOf(layer).map(({ channels }) => channels)),
  );
  return pipelineCycles + Math.max(...cycles);
}
