import { accuracy, predictedClass } from '../../evaluate/accuracy.ts';
import { classPlaces } from '../../evaluate/answers.ts';
import { prepareFloatVisitor } from '../../evaluate/float.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';

/** Share of the samples whose class the network finds, in float, 0 .. 1. */
export async function measureAccuracy(
  graph: Graph,
  { count, sampleSize, data }: Samples,
  labels: Uint32Array,
  pause: () => Promise<void>,
): Promise<number> {
  const evaluate = prepareFloatVisitor(graph);
  const places = classPlaces(graph);
  const predictions = new Uint32Array(count);
  for (let sample = 0; sample < count; sample += 1) {
    const values = data.subarray(sample * sampleSize, (sample + 1) * sampleSize);
    predictions[sample] = predictedClass(
      evaluate(values, () => undefined),
      places,
    );
    await pause();
  }
  return accuracy(predictions, labels);
}
