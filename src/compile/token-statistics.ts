import { prepareEvaluator, quantizeInputs, sampleAt } from '../evaluate/quantized.ts';
import { windowOf } from '../ir/quantized.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';

/** Calibration samples looked at; the mean hardly moves after a few dozen. */
const samplesUsed = 64;

/**
 * Per layer: mean over samples and input sites of max(1, non-zero values), the tokens a layer
 * takes per site (an empty site takes a beat as well).
 */
export function tokensPerSite(graph: QuantizedGraph, calibration: Samples): readonly number[] {
  const evaluate = prepareEvaluator(graph);
  const count = Math.min(samplesUsed, calibration.count);
  const { sampleSize } = calibration;
  const data = calibration.data.subarray(0, count * sampleSize);
  const inputs = quantizeInputs(graph, { count, sampleSize, data });
  const totals = graph.layers.map(() => 0);
  for (let sample = 0; sample < count; sample += 1) {
    const input = sampleAt(inputs, sampleSize, sample);
    const edges = new Map([[graph.input.name, input]]);
    const { layers } = evaluate(input);
    graph.layers.map(windowOf).forEach((layer, index) => {
      const values = edges.get(layer.layer.input) ?? new Int16Array(0);
      const { channels, height, width } = layer.layer.inputShape;
      totals[index] = (totals[index] ?? 0) + meanTokens(values, channels, height * width);
      edges.set(layer.name, layers[index]?.values ?? new Int16Array(0));
    });
  }
  return totals.map((total) => total / count);
}

function meanTokens(values: Int16Array, channels: number, sites: number): number {
  let tokens = 0;
  for (let site = 0; site < sites; site += 1) {
    let nonZeros = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      if (values[channel * sites + site] !== 0) nonZeros += 1;
    }
    tokens += Math.max(1, nonZeros);
  }
  return tokens / sites;
}
