import { prepareEvaluator, quantizeSamples, sampleAt } from '../evaluate/quantized.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';

/** Calibration samples looked at; the packing hardly changes after a few dozen. */
const samplesUsed = 48;

/** Per layer: of every input value, channels first, the share of the samples where it is not zero. */
export function inputActivity(
  graph: QuantizedGraph,
  calibration: Samples,
): readonly Float64Array[] {
  const evaluate = prepareEvaluator(graph);
  const count = Math.min(samplesUsed, calibration.count);
  const { sampleSize } = calibration;
  const data = calibration.data.subarray(0, count * sampleSize);
  const inputs = quantizeSamples(graph.input.format, { count, sampleSize, data });
  const active = graph.layers.map((layer) => {
    const { channels, height, width } = layer.layer.inputShape;
    return new Float64Array(channels * height * width);
  });
  for (let sample = 0; sample < count; sample += 1) {
    const input = sampleAt(inputs, sampleSize, sample);
    const edges = new Map([[graph.input.name, input]]);
    const { layers } = evaluate(input);
    graph.layers.forEach((layer, index) => {
      const counts = active[index] ?? new Float64Array(0);
      edges.get(layer.layer.input)?.forEach((value, at) => {
        if (value !== 0) counts[at] = (counts[at] ?? 0) + 1;
      });
      edges.set(layer.name, layers[index]?.values ?? new Int16Array(0));
    });
  }
  return active.map((counts) => counts.map((sum) => sum / count));
}
