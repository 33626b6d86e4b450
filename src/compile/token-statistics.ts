import { present } from '../base/invariant.ts';
import {
  prepareBatchEvaluator,
  quantizeInputs,
  samplesAtOnce,
  samplesFrom,
} from '../evaluate/quantized.ts';
import { shapeSize } from '../ir/graph.ts';
import type { FeatureShape } from '../ir/graph.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';

/** Calibration samples looked at; the mean hardly moves after a few dozen. */
const samplesUsed = 64;

/** Of what leaves the input and every layer, in this order. */
export interface TokenStatistics {
  /**
   * Mean over samples and sites of max(1, non-zero values), the tokens a reader takes per site
   * (an empty site takes a beat as well). 1 for a layer whose sums are an answer.
   */
  readonly tokensPerSite: readonly number[];
  /** Of every value, channels first, the share of the samples in which it is not zero. */
  readonly activity: readonly Float64Array[];
  /** What the first samples give in every layer, as many as were asked for. */
  readonly evaluations: readonly Evaluation[];
}

/**
 * How often values are not zero on the first calibration samples. `kept`: how many evaluations to
 * keep, at most `samplesUsed`.
 */
export function tokenStatistics(
  graph: QuantizedGraph,
  calibration: Samples,
  kept: number,
): TokenStatistics {
  const evaluate = prepareBatchEvaluator(graph);
  const batch = samplesAtOnce(graph);
  const count = Math.min(samplesUsed, calibration.count);
  const { sampleSize } = calibration;
  const data = calibration.data.subarray(0, count * sampleSize);
  const inputs = quantizeInputs(graph, { count, sampleSize, data });
  const shapes = [graph.input.shape, ...graph.layers.map(({ layer }) => layer.outputShape)];
  const totals = shapes.map(() => 0);
  const active = shapes.map((shape) => new Float64Array(shapeSize(shape)));
  const evaluations: Evaluation[] = [];
  for (let first = 0; first < count; first += batch) {
    const some = samplesFrom(inputs, sampleSize, first, Math.min(count, first + batch));
    for (const [index, evaluation] of evaluate(some).entries()) {
      if (first + index < kept) evaluations.push(evaluation);
      const input = present(some[index], 'a sample');
      [input, ...evaluation.layers.map(({ values }) => values)].forEach((values, edge) => {
        totals[edge] = (totals[edge] ?? 0) + meanTokens(values, shapes[edge]);
        const counts = active[edge] ?? new Float64Array(0);
        for (let at = 0; at < values.length; at += 1) {
          if (values[at] !== 0) counts[at] = (counts[at] ?? 0) + 1;
        }
      });
    }
  }
  return {
    tokensPerSite: totals.map((total) => total / count),
    activity: active.map((counts) => counts.map((sum) => sum / count)),
    evaluations,
  };
}

function meanTokens(values: Int16Array, shape: FeatureShape | undefined): number {
  if (shape === undefined || values.length === 0) return 1;
  const sites = shape.height * shape.width;
  let tokens = 0;
  for (let site = 0; site < sites; site += 1) {
    let nonZeros = 0;
    for (let at = site; at < values.length; at += sites) if (values[at] !== 0) nonZeros += 1;
    tokens += Math.max(1, nonZeros);
  }
  return tokens / sites;
}
