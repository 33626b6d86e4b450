/**
 * How one order of the values of a sample becomes another: the values, seen with `lengths`, with
 * the axes in the order `axes`. `dims` is the shape the model gives them, without the batch axis.
 */
export interface AxisOrder {
  readonly dims: readonly number[];
  readonly lengths: readonly number[];
  readonly axes: readonly number[];
}

/** For every place of the new order the place in the old one. */
export function sourcePlaces({ lengths, axes }: AxisOrder): Int32Array {
  const steps = lengths.map((_, axis) =>
    lengths.slice(axis + 1).reduce((size, length) => size * length, 1),
  );
  const places = new Int32Array(lengths.reduce((size, length) => size * length, 1));
  const counter = axes.map(() => 0);
  for (let element = 0, place = 0; element < places.length; element += 1) {
    places[element] = place;
    for (let digit = axes.length - 1; digit >= 0; digit -= 1) {
      const axis = axes[digit] ?? 0;
      const step = steps[axis] ?? 1;
      const next = (counter[digit] ?? 0) + 1;
      place += step;
      counter[digit] = next;
      if (next < (lengths[axis] ?? 1)) break;
      place -= step * next;
      counter[digit] = 0;
    }
  }
  return places;
}

/** Samples of one size, one after another, each in the new order. */
export function reorderSamples(data: Float32Array, order: AxisOrder): Float32Array {
  const places = sourcePlaces(order);
  const result = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += places.length) {
    places.forEach((place, at) => (result[start + at] = data[start + place] ?? 0));
  }
  return result;
}
