import { classPlaces } from '../../evaluate/answers.ts';
import { prepareFloatVisitor } from '../../evaluate/float.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';
import { softmax } from './loss.ts';

/** The probabilities a network gives the classes of its first output, [sample][class]. */
export async function teach(
  graph: Graph,
  { count, sampleSize, data }: Samples,
  pause: () => Promise<void>,
): Promise<Float64Array> {
  const evaluate = prepareFloatVisitor(graph);
  const places = classPlaces(graph);
  const result = new Float64Array(count * places.length);
  for (let sample = 0; sample < count; sample += 1) {
    const values = data.subarray(sample * sampleSize, (sample + 1) * sampleSize);
    const answers = evaluate(values, () => undefined);
    const own = places.map((place) => answers[place] ?? 0);
    result.set(softmax(own), sample * places.length);
    await pause();
  }
  return result;
}
