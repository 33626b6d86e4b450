import {
  identityActivation,
  reluActivation,
  shapeSize,
  type FeatureShape,
  type Graph,
  type KWinners,
  type WindowLayer,
} from '../../src/ir/graph.ts';

/** Seeded generator of doubles in [0, 1) (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A graph of windows one behind another. */
export type ChainGraph = Graph & { readonly layers: readonly WindowLayer[] };

/** An integer from `least` to `greatest`, both included. */
export function integerBetween(random: Random, least: number, greatest: number): number {
  return least + Math.floor(random() * (greatest - least + 1));
}

/** How large a random graph is: both ends included. */
export interface GraphSize {
  /** Height and width of its input. */
  readonly side: readonly [least: number, greatest: number];
  /** Convolutions, or blocks of a graph with branches. */
  readonly steps: readonly [least: number, greatest: number];
}

/** A small float chain: convolutions (one or two) and a linear layer, everything optional. */
export function randomGraph(
  random: Random,
  { side, steps }: GraphSize = { side: [5, 9], steps: [1, 2] },
): ChainGraph {
  const between = (least: number, greatest: number): number =>
    integerBetween(random, least, greatest);
  const input = {
    name: 'input',
    shape: { channels: between(1, 3), height: between(...side), width: between(...side) },
  };
  const layers: WindowLayer[] = [];
  let shape = input.shape;
  let edge = input.name;
  for (let index = between(...steps); index > 0; index -= 1) {
    const layer = randomConvolution(random, `conv${index}`, edge, shape);
    layers.push(layer);
    shape = layer.outputShape;
    edge = layer.name;
  }
  const channels = between(2, 6);
  layers.push({
    kind: 'window',
    name: 'linear',
    operator: 'linear',
    origin: ['linear'],
    input: edge,
    inputShape: shape,
    windowShape: { channels, height: 1, width: 1 },
    outputShape: { channels, height: 1, width: 1 },
    weights: randomWeights(random, channels * shapeSize(shape)),
    bias: Float32Array.from({ length: channels }, () => random() - 0.5),
    kernel: { height: shape.height, width: shape.width },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    groups: 1,
    dilation: { height: 1, width: 1 },
    activation: identityActivation,
    kWinners: null,
  });
  return {
    name: 'random',
    input,
    layers,
    outputs: [{ name: 'answer', layer: 'linear' }],
    given: null,
    hostOperators: [],
    notes: [],
  };
}

function largestDivisor(value: number, limit: number): number {
  let divisor = Math.floor(limit);
  while (value % divisor !== 0) divisor -= 1;
  return divisor;
}

function randomConvolution(
  random: Random,
  name: string,
  input: string,
  inputShape: FeatureShape,
): WindowLayer {
  const between = (least: number, greatest: number): number =>
    integerBetween(random, least, greatest);
  const channels = between(1, 8);
  const padding = {
    top: between(0, 2),
    left: between(0, 2),
    bottom: between(0, 2),
    right: between(0, 2),
  };
  const kernel = {
    height: between(1, Math.min(3, inputShape.height)),
    width: between(1, Math.min(3, inputShape.width)),
  };
  const stride = { height: between(1, 3), width: between(1, 2) };
  const windows = (
    size: number,
    before: number,
    after: number,
    taps: number,
    step: number,
  ): number => Math.floor((size + before + after - taps) / step) + 1;
  const windowShape = {
    channels,
    height: windows(inputShape.height, padding.top, padding.bottom, kernel.height, stride.height),
    width: windows(inputShape.width, padding.left, padding.right, kernel.width, stride.width),
  };
  const canPool = windowShape.height >= 2 && windowShape.width >= 2;
  const pooling =
    canPool && random() < 0.6
      ? {
          kernel: { height: 2, width: between(1, 2) },
          stride: { height: between(1, 2), width: between(1, 2) },
        }
      : null;
  const outputShape =
    pooling === null
      ? windowShape
      : {
          channels,
          height: windows(windowShape.height, 0, 0, pooling.kernel.height, pooling.stride.height),
          width: windows(windowShape.width, 0, 0, pooling.kernel.width, pooling.stride.width),
        };
  const scope = random() < 0.5 ? ('site' as const) : ('layer' as const);
  const vectorLength = scope === 'site' ? channels : shapeSize(outputShape);
  const kWinners = (): KWinners => {
    const place = random() * vectorLength;
    const [k, rest] = [1 + Math.floor(place), place % 1];
    const groups = scope === 'site' && rest > 0.5 ? largestDivisor(channels, 1 + rest * 8) : 1;
    return { k: Math.ceil(k / groups), scope, groups, tiesInModel: random() < 0.5 };
  };
  return {
    kind: 'window',
    name,
    operator: 'conv',
    origin: [name],
    input,
    inputShape,
    windowShape,
    outputShape,
    weights: randomWeights(random, channels * inputShape.channels * kernel.height * kernel.width),
    bias: Float32Array.from({ length: channels }, () => random() - 0.5),
    kernel,
    stride,
    padding,
    pooling,
    groups: 1,
    dilation: { height: 1, width: 1 },
    activation: random() < 0.6 ? reluActivation : identityActivation,
    kWinners: random() < 0.6 ? kWinners() : null,
  };
}

/** About half zeros, some of them negative zeros as pruned models have them. */
export function randomWeights(random: Random, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => {
    const draw = random();
    if (draw < 0.25) return 0;
    if (draw < 0.5) return -0;
    return random() * 2 - 1;
  });
}
