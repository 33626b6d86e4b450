import { fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { prepareFloatVisitor } from '../evaluate/float.ts';
import type { Graph } from '../ir/graph.ts';
import type { Samples } from '../ir/tensor.ts';
import { channelMeans } from './quantize-bias.ts';
import {
  addToHistogram,
  createHistogram,
  isFiniteHistogram,
  type MagnitudeHistogram,
} from './quantize-ranges.ts';

/** What the float network shows of a layer. */
export interface ObservedLayer {
  /** Of the values on its output edge. */
  readonly histogram: MagnitudeHistogram;
  /** Channel means of the window sums, one row per sample used for bias correction. */
  readonly sumMeans: Float64Array[];
}

/** What the float network shows on the calibration samples. */
export interface Observed {
  readonly input: MagnitudeHistogram;
  /** In the order of `graph.layers`. */
  readonly layers: readonly ObservedLayer[];
}

/**
 * Runs all samples; the sums of the first `correctionSamples` are averaged per channel. Throws
 * `UserError` where a value is too large for float32: it has no range.
 */
export function observeGraph(
  graph: Graph,
  calibration: Samples,
  correctionSamples: number,
): Observed {
  const input = createHistogram();
  const layers = graph.layers.map((): ObservedLayer => {
    return { histogram: createHistogram(), sumMeans: [] };
  });
  const evaluate = prepareFloatVisitor(graph);
  for (let sample = 0; sample < calibration.count; sample += 1) {
    const start = sample * calibration.sampleSize;
    const values = calibration.data.subarray(start, start + calibration.sampleSize);
    addToHistogram(input, values);
    evaluate(values, (result, index) => {
      const observed = present(layers[index], 'one observation per layer');
      addToHistogram(observed.histogram, result.values);
      const layer = present(graph.layers[index], 'a layer');
      if (!isFiniteHistogram(observed.histogram)) refuseOverflow(layer.name, sample);
      if (sample >= correctionSamples || layer.kind !== 'window') return;
      observed.sumMeans.push(channelMeans(result.sums, layer.windowShape.channels));
    });
  }
  return { input, layers };
}

function refuseOverflow(layer: string, sample: number): never {
  return fail(
    'quantize/overflow',
    `values of this layer are too large for float32 on calibration sample ${sample}`,
    { place: layer, remedy: 'scale the samples as in training, or train the model again' },
  );
}
