import { invariant } from '../base/invariant.ts';

/** Index of the largest value, the lowest one on ties: the predicted class. */
export function argmax(values: ArrayLike<number>): number {
  invariant(values.length > 0, 'argmax of nothing');
  let best = 0;
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] ?? -Infinity) > (values[best] ?? -Infinity)) best = index;
  }
  return best;
}

/**
 * The predicted class: the place in the network's first output, flattened as the model gives it, of
 * the largest value. `places` (`classPlaces`) says where each value stands in `answers`.
 */
export function predictedClass(answers: ArrayLike<number>, places: readonly number[]): number {
  return argmax(places.map((place) => answers[place] ?? -Infinity));
}

/** Share of predictions equal to their label, 0 .. 1. Both have the same length, at least 1. */
export function accuracy(predictions: ArrayLike<number>, labels: ArrayLike<number>): number {
  invariant(predictions.length === labels.length, 'one label per prediction');
  invariant(predictions.length > 0, 'accuracy of nothing');
  let right = 0;
  for (let index = 0; index < predictions.length; index += 1) {
    if (predictions[index] === labels[index]) right += 1;
  }
  return right / predictions.length;
}
