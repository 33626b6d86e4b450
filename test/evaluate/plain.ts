/**
 * Layers written out straight from their definitions, the slow way, on plain arrays: what the
 * evaluators are compared with.
 */
import type { FeatureShape, KWinners, MaxPoolLayer, WindowLayer } from '../../src/ir/graph.ts';

export interface PlainSums {
  readonly sums: number[];
  /** Non-zero weight times non-zero value. */
  readonly products: number;
}

/** Every window of a convolution, every weight of it; order [O][H][W] of `windowShape`. */
export function plainSums(
  layer: WindowLayer,
  weights: ArrayLike<number>,
  input: ArrayLike<number>,
): PlainSums {
  const { inputShape, windowShape, kernel, stride, padding, dilation, groups } = layer;
  const groupInputs = inputShape.channels / groups;
  const groupOutputs = windowShape.channels / groups;
  const sums: number[] = [];
  let products = 0;
  for (let o = 0; o < windowShape.channels; o += 1) {
    for (let oy = 0; oy < windowShape.height; oy += 1) {
      for (let ox = 0; ox < windowShape.width; ox += 1) {
        let sum = 0;
        for (let c = 0; c < groupInputs; c += 1) {
          for (let ky = 0; ky < kernel.height; ky += 1) {
            for (let kx = 0; kx < kernel.width; kx += 1) {
              const channel = Math.floor(o / groupOutputs) * groupInputs + c;
              const y = oy * stride.height + ky * dilation.height - padding.top;
              const x = ox * stride.width + kx * dilation.width - padding.left;
              if (y < 0 || x < 0 || y >= inputShape.height || x >= inputShape.width) continue;
              const value = at(input, (channel * inputShape.height + y) * inputShape.width + x);
              const tap = ((o * groupInputs + c) * kernel.height + ky) * kernel.width + kx;
              const weight = at(weights, tap);
              sum += weight * value;
              if (weight !== 0 && value !== 0) products += 1;
            }
          }
        }
        sums.push(sum);
      }
    }
  }
  return { sums, products };
}

/** Maximum over the positions of each pooling window that lie on the map. */
export function plainPool(
  map: ArrayLike<number>,
  shape: FeatureShape,
  outputShape: FeatureShape,
  geometry: Pick<MaxPoolLayer, 'kernel' | 'stride'> & Partial<Pick<MaxPoolLayer, 'padding'>>,
): number[] {
  const { kernel, stride } = geometry;
  const { top, left } = geometry.padding ?? { top: 0, left: 0 };
  const result: number[] = [];
  for (let o = 0; o < outputShape.channels; o += 1) {
    for (let oy = 0; oy < outputShape.height; oy += 1) {
      for (let ox = 0; ox < outputShape.width; ox += 1) {
        const pooled: number[] = [];
        for (let ky = 0; ky < kernel.height; ky += 1) {
          for (let kx = 0; kx < kernel.width; kx += 1) {
            const y = oy * stride.height + ky - top;
            const x = ox * stride.width + kx - left;
            if (y < 0 || x < 0 || y >= shape.height || x >= shape.width) continue;
            pooled.push(at(map, (o * shape.height + y) * shape.width + x));
          }
        }
        result.push(Math.max(...pooled));
      }
    }
  }
  return result;
}

/** Winners by sorting all places of each vector: larger value first, then lower index. */
export function plainWinners(
  map: readonly number[],
  shape: FeatureShape,
  rule: KWinners,
  keepTies: boolean,
): number[] {
  const sites = shape.height * shape.width;
  const size = shape.channels / rule.groups;
  const vectorOf = (index: number): string => {
    if (rule.scope === 'layer') return 'all';
    return `${Math.floor(Math.floor(index / sites) / size)} of ${index % sites}`;
  };
  const vectors = new Map<string, number[]>();
  map.forEach((_, index) => {
    const vector = vectorOf(index);
    vectors.set(vector, [...(vectors.get(vector) ?? []), index]);
  });
  const result = map.map(() => 0);
  for (const places of vectors.values()) {
    places.sort((left, right) => at(map, right) - at(map, left) || left - right);
    const last = places[rule.k - 1];
    const kept = places.filter((place, rank) => {
      return rank < rule.k || (keepTies && last !== undefined && at(map, place) === at(map, last));
    });
    for (const place of kept) result[place] = at(map, place);
  }
  return result;
}

/** An element that is there. */
export function at<Value>(values: ArrayLike<Value>, index: number): Value {
  const value = values[index];
  if (value === undefined) throw new Error(`no value ${index}`);
  return value;
}
