import {
  identityActivation,
  reluActivation,
  shapeSize,
  type Activation,
  type FeatureShape,
  type KWinners,
  type Layer,
  type Pooling,
  type Size2d,
  type WindowLayer,
} from '../../src/ir/graph.ts';
import { integerBetween, randomWeights, type Random } from './random-graph.ts';

export const one: Size2d = { height: 1, width: 1 };
export const noPadding = { top: 0, left: 0, bottom: 0, right: 0 };

/** A result in the graph being drawn: what a further layer may read. */
export interface Edge {
  readonly name: string;
  readonly shape: FeatureShape;
}

/** What a drawn graph consists of, layer by layer, while it grows. */
export class Draft {
  readonly layers: Layer[] = [];
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  between(least: number, greatest: number): number {
    return integerBetween(this.random, least, greatest);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  add(layer: Layer): Edge {
    this.layers.push(layer);
    return { name: layer.name, shape: layer.outputShape };
  }

  nameOf(kind: string): string {
    return `${kind}${this.layers.length}`;
  }
}

/** What is fixed about a window layer to draw, and what is left to chance. */
export interface WindowDraw {
  readonly kind: string;
  readonly channels: number;
  readonly groups: number;
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly dilation: Size2d;
  readonly padding: WindowLayer['padding'];
  readonly pooling: 'maybe' | 'none';
  readonly activation: Activation;
  readonly kWinners: 'maybe' | 'sure' | 'none';
  readonly weights: 'random' | number;
  readonly bias: boolean;
}

/** A 1 x 1 convolution and nothing else. */
export const plain: WindowDraw = {
  kind: 'conv',
  channels: 1,
  groups: 1,
  kernel: one,
  stride: one,
  dilation: one,
  padding: noPadding,
  pooling: 'none',
  activation: identityActivation,
  kWinners: 'none',
  weights: 'random',
  bias: true,
};

export function windowsAlong(
  size: number,
  padding: number,
  kernel: number,
  stride: number,
  dilation = 1,
): number {
  return Math.floor((size + padding - (kernel - 1) * dilation - 1) / stride) + 1;
}

export function windowLayer(draft: Draft, from: Edge, draw: WindowDraw): Edge {
  const { shape } = from;
  const { kernel, stride, dilation, padding, channels, groups } = draw;
  const windowShape = {
    channels,
    height: windowsAlong(
      shape.height,
      padding.top + padding.bottom,
      kernel.height,
      stride.height,
      dilation.height,
    ),
    width: windowsAlong(
      shape.width,
      padding.left + padding.right,
      kernel.width,
      stride.width,
      dilation.width,
    ),
  };
  const pooling = draw.pooling === 'maybe' ? drawPooling(draft, windowShape) : null;
  const outputShape =
    pooling === null
      ? windowShape
      : {
          channels,
          height: windowsAlong(windowShape.height, 0, pooling.kernel.height, pooling.stride.height),
          width: windowsAlong(windowShape.width, 0, pooling.kernel.width, pooling.stride.width),
        };
  const size = channels * (shape.channels / groups) * kernel.height * kernel.width;
  const wanted = draw.kWinners === 'sure' || (draw.kWinners === 'maybe' && draft.chance(0.4));
  return draft.add({
    kind: 'window',
    name: draft.nameOf(draw.kind),
    operator: draw.kind === 'linear' ? 'linear' : 'conv',
    origin: [draw.kind],
    input: from.name,
    inputShape: shape,
    windowShape,
    outputShape,
    groups,
    weights:
      draw.weights === 'random'
        ? randomWeights(draft.random, size)
        : new Float32Array(size).fill(draw.weights),
    bias: Float32Array.from({ length: channels }, () => (draw.bias ? draft.random() - 0.5 : 0)),
    kernel,
    dilation,
    stride,
    padding,
    pooling,
    activation: draw.activation,
    kWinners: wanted ? drawWinners(draft, outputShape) : null,
  });
}

function drawPooling(draft: Draft, shape: FeatureShape): Pooling | null {
  if (draft.chance(0.4)) return null;
  const size = (limit: number): number => draft.between(Math.min(2, limit), Math.min(3, limit));
  return {
    kernel: { height: size(shape.height), width: size(shape.width) },
    stride: { height: draft.between(1, 2), width: draft.between(1, 3) },
  };
}

function drawWinners(draft: Draft, shape: FeatureShape): KWinners {
  const tiesInModel = draft.chance(0.3);
  if (draft.chance(0.3)) {
    return { k: draft.between(1, shapeSize(shape)), scope: 'layer', groups: 1, tiesInModel };
  }
  const groups = divisorOf(draft, shape.channels);
  return { k: draft.between(1, shape.channels / groups), scope: 'site', groups, tiesInModel };
}

export function divisorOf(draft: Draft, value: number): number {
  const divisors = Array.from({ length: value }, (_, index) => index + 1).filter(
    (divisor) => value % divisor === 0,
  );
  return divisors[draft.between(0, divisors.length - 1)] ?? 1;
}

export function drawActivation(draft: Draft): Activation {
  const draw = draft.random();
  if (draw < 0.4) return reluActivation;
  if (draw < 0.6) return { kind: 'leaky-relu', slope: draft.random() * 0.5 };
  if (draw < 0.75) return { kind: 'clip', lower: 0, upper: 0.5 + draft.random() };
  if (draw < 0.85) return { kind: 'clip', lower: -draft.random(), upper: draft.random() };
  return identityActivation;
}
