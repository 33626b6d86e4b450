import { identityActivation, reluActivation } from '../../src/ir/graph.ts';
import type { FeatureShape, WindowLayer } from '../../src/ir/graph.ts';
import { integerBetween, randomWeights } from './random-graph.ts';
import type { ChainGraph, Random } from './random-graph.ts';

/** A chain of two or three layers with kernels of one position, on a map of up to 4 x 4 sites. */
export function randomPointwise(random: Random): ChainGraph {
  const between = (least: number, greatest: number): number =>
    integerBetween(random, least, greatest);
  const input = {
    name: 'input',
    shape: { channels: between(3, 20), height: between(1, 4), width: between(1, 4) },
  };
  const count = between(2, 3);
  const layers: WindowLayer[] = [];
  let shape: FeatureShape = input.shape;
  for (let index = 0; index < count; index += 1) {
    const from = layers.at(-1)?.name ?? input.name;
    const layer = pointwise(random, `point${index}`, { from, shape, last: index === count - 1 });
    layers.push(layer);
    shape = layer.outputShape;
  }
  return {
    name: 'pointwise',
    input,
    layers,
    outputs: [{ name: 'answer', layer: `point${count - 1}` }],
    given: null,
    hostOperators: [],
    notes: [],
  };
}

/**
 * A vector of 300 values, a layer whose kernels are an empty one, a full one and sparse ones, none of
 * which has a weight for every eighth value, and a small layer behind it.
 */
export function unevenRows(random: Random): ChainGraph {
  const inputs = 300;
  const shape = { channels: inputs, height: 1, width: 1 };
  const vector = { from: 'input', shape, last: false };
  const rows = pointwise(random, 'rows', vector);
  const weights = rows.weights.map((weight, at) => {
    const [kernel, index] = [Math.floor(at / inputs), at % inputs];
    if (kernel === 0 || index % 8 === 7) return 0;
    if (kernel === 1) return weight === 0 ? 0.5 : weight;
    return random() < 0.85 ? 0 : weight;
  });
  const behind = { from: 'rows', shape: rows.outputShape, last: true };
  return {
    name: 'uneven',
    input: { name: 'input', shape },
    layers: [
      { ...rows, weights, activation: reluActivation, kWinners: null },
      pointwise(random, 'behind', behind),
    ],
    outputs: [{ name: 'answer', layer: 'behind' }],
    given: null,
    hostOperators: [],
    notes: [],
  };
}

function pointwise(
  random: Random,
  name: string,
  {
    from,
    shape,
    last,
  }: { readonly from: string; readonly shape: FeatureShape; readonly last: boolean },
): WindowLayer {
  const between = (least: number, greatest: number): number =>
    integerBetween(random, least, greatest);
  const channels = between(3, 20);
  const stride = { height: between(1, 2), width: between(1, 2) };
  const windowShape = {
    channels,
    height: Math.floor((shape.height - 1) / stride.height) + 1,
    width: Math.floor((shape.width - 1) / stride.width) + 1,
  };
  const pools = windowShape.width >= 2 && random() < 0.3;
  const outputShape = pools
    ? { ...windowShape, width: Math.floor(windowShape.width / 2) }
    : windowShape;
  return {
    kind: 'window',
    name,
    operator: 'conv',
    origin: [name],
    input: from,
    inputShape: shape,
    windowShape,
    outputShape,
    weights: randomWeights(random, channels * shape.channels),
    bias: Float32Array.from({ length: channels }, () => random() - 0.5),
    kernel: { height: 1, width: 1 },
    stride,
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: pools ? { kernel: { height: 1, width: 2 }, stride: { height: 1, width: 2 } } : null,
    groups: 1,
    dilation: { height: 1, width: 1 },
    activation: last || random() < 0.3 ? identityActivation : reluActivation,
    kWinners:
      !last && random() < 0.4
        ? { k: between(1, channels), scope: 'site', groups: 1, tiesInModel: false }
        : null,
  };
}
