import {
  identityActivation,
  type Activation,
  type Graph,
  type GraphOutput,
} from '../../src/ir/graph.ts';
import type { GraphSize, Random } from './random-graph.ts';
import {
  divisorOf,
  Draft,
  drawActivation,
  noPadding,
  one,
  plain,
  windowLayer,
  windowsAlong,
  type Edge,
} from './random-window.ts';

/**
 * A small float graph with every kind of layer: residual blocks with and without projection,
 * concat, max-pool layers (overlapping, padded), LeakyReLU and clip, groups, depthwise and
 * dilated convolutions, average pooling, k-WTA with groups and over maps, one to three outputs.
 */
export function randomDag(
  random: Random,
  { side, steps: blockCount }: GraphSize = { side: [4, 8], steps: [2, 4] },
): Graph {
  const draft = new Draft(random);
  const shape = {
    channels: draft.between(1, 4),
    height: draft.between(...side),
    width: draft.between(...side),
  };
  const input = { name: 'input', shape };
  const edges: Edge[] = [input];
  let edge: Edge = input;
  for (let steps = draft.between(...blockCount); steps > 0; steps -= 1) {
    const block = blocks[draft.between(0, blocks.length - 1)] ?? convolution;
    edge = block(draft, edge);
    edges.push(edge);
  }
  return {
    name: 'random',
    input,
    layers: draft.layers,
    outputs: drawOutputs(draft, edges),
    given: null,
    hostOperators: [],
    notes: [],
  };
}

/** The last edge through a linear layer or as it is; sometimes earlier ones beside it. */
function drawOutputs(draft: Draft, edges: readonly Edge[]): readonly GraphOutput[] {
  const last = edges.at(-1);
  const outputs: GraphOutput[] = [];
  const answer = (edge: Edge): void => {
    outputs.push({ name: `answer${outputs.length}`, layer: edge.name });
  };
  if (last === undefined) return outputs;
  answer(draft.chance(0.25) ? last : linear(draft, last));
  for (const edge of edges.slice(1, -1)) {
    const draw = draft.random();
    if (draw < 0.15) answer(edge);
    else if (draw < 0.3) answer(linear(draft, edge));
  }
  return outputs;
}

type Block = (draft: Draft, from: Edge) => Edge;

const blocks: readonly Block[] = [
  convolution,
  depthwise,
  averagePool,
  identityWindow,
  maxPool,
  residual,
  projection,
  concat,
  concat,
];

function convolution(draft: Draft, from: Edge): Edge {
  const { shape } = from;
  const groups = draft.chance(0.5) ? divisorOf(draft, shape.channels) : 1;
  const padding = {
    top: draft.between(0, 2),
    left: draft.between(0, 2),
    bottom: draft.between(0, 2),
    right: draft.between(0, 2),
  };
  const kernel = {
    height: draft.between(1, Math.min(3, shape.height)),
    width: draft.between(1, Math.min(3, shape.width)),
  };
  const dilationOf = (size: number, taps: number): number =>
    taps > 1 && size >= 2 * (taps - 1) + 1 && draft.chance(0.8) ? 2 : 1;
  return windowLayer(draft, from, {
    ...plain,
    channels: groups * draft.between(1, Math.max(1, Math.floor(6 / groups))),
    groups,
    kernel,
    padding,
    stride: { height: draft.between(1, 2), width: draft.between(1, 2) },
    dilation: {
      height: dilationOf(shape.height, kernel.height),
      width: dilationOf(shape.width, kernel.width),
    },
    pooling: 'maybe',
    activation: drawActivation(draft),
    kWinners: 'maybe',
  });
}

function depthwise(draft: Draft, from: Edge): Edge {
  const { channels } = from.shape;
  return windowLayer(draft, from, {
    ...plain,
    kind: 'depthwise',
    channels: channels * draft.between(1, 2),
    groups: channels,
    kernel: { height: 3, width: 3 },
    padding: { top: 1, left: 1, bottom: 1, right: 1 },
    activation: drawActivation(draft),
    kWinners: 'maybe',
  });
}

function averagePool(draft: Draft, from: Edge): Edge {
  const { channels, height, width } = from.shape;
  const whole = draft.chance(0.3);
  const kernel = whole
    ? { height, width }
    : { height: Math.min(2, height), width: Math.min(2, width) };
  return windowLayer(draft, from, {
    ...plain,
    kind: 'average',
    channels,
    groups: channels,
    kernel,
    stride: whole ? one : kernel,
    weights: 1 / (kernel.height * kernel.width),
    bias: false,
  });
}

function identityWindow(draft: Draft, from: Edge): Edge {
  const { channels } = from.shape;
  const winners = draft.chance(0.6);
  return windowLayer(draft, from, {
    ...plain,
    kind: 'identity',
    channels,
    groups: channels,
    activation: winners && draft.chance(0.6) ? identityActivation : drawActivation(draft),
    kWinners: winners ? 'sure' : 'none',
    weights: 1,
    bias: false,
  });
}

function maxPool(draft: Draft, from: Edge, step?: number): Edge {
  const { shape } = from;
  const size = draft.between(2, 3);
  const kernel = { height: Math.min(size, shape.height), width: Math.min(size, shape.width) };
  const stride = step ?? draft.between(1, 2);
  // A step of 1 keeps the size, as beside the other branches of a concat.
  const pads = (taps: number): readonly [number, number] =>
    step === 1
      ? [Math.floor((taps - 1) / 2), Math.ceil((taps - 1) / 2)]
      : [draft.between(0, taps - 1), draft.between(0, taps - 1)];
  const [top, bottom] = pads(kernel.height);
  const [left, right] = pads(kernel.width);
  const padding = { top, bottom, left, right };
  return draft.add({
    kind: 'max-pool',
    name: draft.nameOf('pool'),
    origin: ['pool'],
    input: from.name,
    inputShape: shape,
    outputShape: {
      channels: shape.channels,
      height: windowsAlong(shape.height, padding.top + padding.bottom, kernel.height, stride),
      width: windowsAlong(shape.width, padding.left + padding.right, kernel.width, stride),
    },
    kernel,
    stride: { height: stride, width: stride },
    padding,
    activation: identityActivation,
    kWinners: null,
  });
}

/** A convolution that keeps height and width. */
function sameSize(draft: Draft, from: Edge, channels: number, activation: Activation): Edge {
  const wide = draft.chance(0.6);
  return windowLayer(draft, from, {
    ...plain,
    channels,
    kernel: wide ? { height: 3, width: 3 } : one,
    padding: wide ? { top: 1, left: 1, bottom: 1, right: 1 } : noPadding,
    activation,
  });
}

function sum(draft: Draft, left: Edge, right: Edge): Edge {
  const sign = (): 1 | -1 => (draft.chance(0.8) ? 1 : -1);
  const activation = drawActivation(draft);
  return draft.add({
    kind: 'add',
    name: draft.nameOf('add'),
    origin: ['add'],
    inputs: draft.chance(0.5) ? [left.name, right.name] : [right.name, left.name],
    signs: [sign(), sign()],
    outputShape: left.shape,
    activation: activation.kind === 'leaky-relu' ? identityActivation : activation,
    kWinners: null,
  });
}

function residual(draft: Draft, from: Edge): Edge {
  let edge = from;
  if (draft.chance(0.7)) edge = sameSize(draft, edge, draft.between(1, 6), drawActivation(draft));
  edge = sameSize(draft, edge, from.shape.channels, identityActivation);
  return sum(draft, edge, from);
}

function projection(draft: Draft, from: Edge): Edge {
  const channels = draft.between(1, 6);
  const left = sameSize(draft, from, channels, drawActivation(draft));
  return sum(draft, left, sameSize(draft, from, channels, identityActivation));
}

function concat(draft: Draft, from: Edge): Edge {
  const branches = Array.from({ length: draft.between(2, 3) }, (_, index): Edge => {
    if (index === 0 && draft.chance(0.3)) return from;
    if (draft.chance(0.3)) return maxPool(draft, from, 1);
    return sameSize(draft, from, draft.between(1, 4), drawActivation(draft));
  });
  const channels = branches.reduce((total, { shape }) => total + shape.channels, 0);
  return draft.add({
    kind: 'concat',
    name: draft.nameOf('concat'),
    origin: ['concat'],
    inputs: branches.map(({ name }) => name),
    inputShapes: branches.map(({ shape }) => shape),
    outputShape: { ...from.shape, channels },
    activation: identityActivation,
    kWinners: null,
  });
}

function linear(draft: Draft, from: Edge): Edge {
  const { height, width } = from.shape;
  return windowLayer(draft, from, {
    ...plain,
    kind: 'linear',
    channels: draft.between(2, 6),
    kernel: { height, width },
  });
}
