import { prepareEvaluator, quantizeInputs, sampleAt } from '../evaluate/quantized.ts';
import { shapeSize } from '../ir/graph.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';

/** Calibration samples looked at; the packing hardly changes after a few dozen. */
const samplesUsed = 48;

/**
 * Of what leaves the input and every layer, in this order: of every value, channels first, the
 * share of the samples in which it is not zero.
 */
export function valueActivity(
  graph: QuantizedGraph,
  calibration: Samples,
): readonly Float64Array[] {
  const evaluate = prepareEvaluator(graph);
  const count = Math.min(samplesUsed, calibration.count);
  const { sampleSize } = calibration;
  const data = calibration.data.subarray(0, count * sampleSize);
  const inputs = quantizeInputs(graph, { count, sampleSize, data });
  const shapes = [graph.input.shape, ...graph.layers.map(({ layer }) => layer.outputShape)];
  const active = shapes.map((shape) => new Float64Array(shapeSize(shape)));
  for (let sample = 0; sample < count; sample += 1) {
    const input = sampleAt(inputs, sampleSize, sample);
    const { layers } = evaluate(input);
    [input, ...layers.map(({ values }) => values)].forEach((values, edge) => {
      const counts = active[edge] ?? new Float64Array(0);
      values.forEach((value, at) => {
        if (value !== 0) counts[at] = (counts[at] ?? 0) + 1;
      });
    });
  }
  return active.map((counts) => counts.map((sum) => sum / count));
}
