import type { LayerChoice } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { LayerShape } from './synthetic-layer.ts';

/** A layer to synthesise: shape, folding and the beat of the layer behind it. */
export interface SweepCase {
  readonly name: string;
  readonly variant: VariantName;
  /** Tokens a site of the input has at most; null for a dense input stream. */
  readonly inputWinners: number | null;
  readonly shape: LayerShape;
  readonly choice: LayerChoice;
  /** Tokens a beat of the output stream. */
  readonly outputTokens: number;
}

interface Base {
  readonly variant: VariantName;
  readonly inputWinners: number | null;
  readonly shape: LayerShape;
  readonly choice: LayerChoice;
  readonly outputTokens: number;
}

const sparse = {
  core: 'sparse',
  engines: 1,
  lanes: 1,
  values: 1,
  setsParallel: 1,
  queues: 0,
  channelLanes: false,
  blockWeights: false,
  ultraWeights: false,
  ultraStore: false,
  drainWidth: 1,
  readWidth: 1,
  inputTokens: 1,
  tailTokens: 1,
} as const satisfies LayerChoice;

const dense = { ...sparse, core: 'dense' } as const satisfies LayerChoice;

const plain = { inputSigned: false, weightBits: 8, logits: false, shifts: 3 } as const;

/** The layers of the keyword network, sparse and dense. */
const conv1: Base = {
  variant: 'sparse-sparse',
  inputWinners: null,
  shape: {
    ...plain,
    inputSigned: true,
    input: { channels: 1, height: 32, width: 32 },
    kernel: { height: 5, width: 5 },
    pool: 2,
    outputs: 64,
    setSize: 2,
    winners: 6,
  },
  choice: { ...sparse, setsParallel: 32, drainWidth: 4, inputTokens: 4, tailTokens: 2 },
  outputTokens: 2,
};
const conv2: Base = {
  variant: 'sparse-sparse',
  inputWinners: 6,
  shape: {
    ...plain,
    input: { channels: 64, height: 14, width: 14 },
    kernel: { height: 5, width: 5 },
    pool: 2,
    outputs: 64,
    setSize: 16,
    winners: 8,
  },
  choice: {
    ...sparse,
    lanes: 5,
    setsParallel: 4,
    drainWidth: 4,
    inputTokens: 2,
    tailTokens: 2,
  },
  outputTokens: 2,
};
const linear1: Base = {
  variant: 'sparse-sparse',
  inputWinners: 8,
  shape: {
    ...plain,
    input: { channels: 64, height: 5, width: 5 },
    kernel: { height: 5, width: 5 },
    pool: 1,
    outputs: 1500,
    setSize: 20,
    winners: 150,
  },
  choice: { ...sparse, setsParallel: 25, drainWidth: 5, inputTokens: 2, tailTokens: 1 },
  outputTokens: 1,
};
const linear2: Base = {
  variant: 'sparse-sparse',
  inputWinners: 150,
  shape: {
    ...plain,
    input: { channels: 1500, height: 1, width: 1 },
    kernel: { height: 1, width: 1 },
    pool: 1,
    outputs: 12,
    setSize: 4,
    winners: null,
    logits: true,
  },
  choice: { ...sparse, setsParallel: 3, drainWidth: 3 },
  outputTokens: 1,
};
const denseConv1: Base = {
  ...conv1,
  variant: 'dense',
  shape: { ...conv1.shape, setSize: 1, winners: null },
  choice: { ...dense, setsParallel: 16, drainWidth: 4, inputTokens: 4 },
  outputTokens: 4,
};
const denseConv2: Base = {
  ...conv2,
  variant: 'dense',
  inputWinners: null,
  shape: { ...conv2.shape, setSize: 1, winners: null },
  choice: { ...dense, values: 4, setsParallel: 8, drainWidth: 4, inputTokens: 4 },
  outputTokens: 4,
};
const denseLinear: Base = {
  ...linear2,
  variant: 'dense',
  inputWinners: null,
  shape: {
    ...linear2.shape,
    input: { channels: 96, height: 1, width: 1 },
    outputs: 64,
    setSize: 1,
    logits: false,
    winners: null,
  },
  choice: { ...dense, values: 2, setsParallel: 8, drainWidth: 2, inputTokens: 4 },
  outputTokens: 4,
};

function vary(
  base: Base,
  name: string,
  change: {
    readonly shape?: Partial<LayerShape>;
    readonly choice?: Partial<LayerChoice>;
    readonly inputWinners?: number | null;
    readonly variant?: VariantName;
    readonly outputTokens?: number;
  },
): SweepCase {
  return {
    name,
    variant: change.variant ?? base.variant,
    inputWinners: change.inputWinners === undefined ? base.inputWinners : change.inputWinners,
    shape: { ...base.shape, ...change.shape },
    choice: { ...base.choice, ...change.choice },
    outputTokens: change.outputTokens ?? base.outputTokens,
  };
}

const queued: Base = {
  ...linear2,
  inputWinners: 48,
  shape: {
    ...linear2.shape,
    input: { channels: 96, height: 1, width: 1 },
    outputs: 64,
    setSize: 16,
    logits: false,
    unstructured: true,
  },
  choice: {
    ...sparse,
    setsParallel: 4,
    queues: 4,
    drainWidth: 2,
    readWidth: 2,
    inputTokens: 4,
    tailTokens: 2,
  },
  outputTokens: 2,
};

const wired: Base = {
  ...conv1,
  choice: {
    ...conv1.choice,
    core: 'wired',
    lanes: 5,
    engines: 2,
    setsParallel: 64,
    drainWidth: 16,
  },
};

/** Layers whose resources the model is fitted to and checked against. */
export const sweepCases: readonly SweepCase[] = [
  vary(conv1, 'conv1', {}),
  vary(conv1, 'conv1, 8 sets', { choice: { setsParallel: 8 } }),
  vary(conv1, 'conv1, 2 engines', { choice: { setsParallel: 16, engines: 2 } }),
  vary(conv1, 'conv1, 5 lanes', { choice: { setsParallel: 8, lanes: 5, drainWidth: 2 } }),
  vary(conv1, 'conv1, drain 8, read 8, ReLU', {
    shape: { winners: null },
    choice: { setsParallel: 8, drainWidth: 8, readWidth: 8, tailTokens: 4 },
    outputTokens: 4,
  }),
  vary(conv1, 'conv1, dense out', {
    variant: 'sparse-dense',
    choice: { setsParallel: 8, tailTokens: 1 },
    outputTokens: 4,
  }),
  vary(conv2, 'conv2', {}),
  vary(conv2, 'conv2, 1 lane', { choice: { lanes: 1 } }),
  vary(conv2, 'conv2, 13 lanes', { choice: { lanes: 13, drainWidth: 2 } }),
  vary(conv2, 'conv2, 2 sets, 2 folds', { choice: { setsParallel: 2, drainWidth: 2 } }),
  vary(conv2, 'conv2, 3 engines', { choice: { engines: 3, lanes: 2 } }),
  vary(conv2, 'conv2, no pooling', { shape: { pool: 1 }, choice: { drainWidth: 1 } }),
  vary(conv2, 'conv2, 4 tokens a beat', {
    choice: { inputTokens: 4, tailTokens: 4 },
    outputTokens: 4,
  }),
  vary(conv2, 'conv2, 4 bit weights', { shape: { weightBits: 4 } }),
  vary(conv2, 'conv2, ReLU', { shape: { winners: null }, inputWinners: 64 }),
  vary(conv2, 'conv2, dense in and out', {
    variant: 'sparse-dense',
    inputWinners: null,
    choice: { lanes: 5, tailTokens: 1, inputTokens: 4 },
    outputTokens: 4,
  }),
  vary(linear1, 'linear1', {}),
  vary(linear1, 'linear1, 12 sets', { choice: { setsParallel: 12, drainWidth: 4 } }),
  vary(linear1, 'linear1, 28 sets, read 4', {
    choice: { setsParallel: 28, drainWidth: 4, readWidth: 4, tailTokens: 2 },
    outputTokens: 2,
  }),
  vary(linear1, 'linear1, 76 sets', {
    choice: { setsParallel: 76, drainWidth: 4, readWidth: 4, inputTokens: 1 },
  }),
  vary(linear1, 'linear1, 40 sets', {
    choice: { setsParallel: 40, drainWidth: 4, readWidth: 4, inputTokens: 1 },
  }),
  vary(linear1, 'linear1, 200 outputs', {
    shape: { outputs: 200, winners: 50 },
    choice: { setsParallel: 10, drainWidth: 2, readWidth: 2 },
  }),
  vary(linear1, 'linear1, ReLU', {
    shape: { outputs: 200, winners: null },
    choice: { setsParallel: 10, drainWidth: 2, readWidth: 2 },
  }),
  vary(linear2, 'linear2, 15 sums of a beat read 8 by 8, ReLU', {
    shape: { outputs: 120, setSize: 8, logits: false },
    choice: { setsParallel: 15, drainWidth: 15, readWidth: 8, tailTokens: 4 },
    outputTokens: 4,
  }),
  vary(linear2, 'linear2', {}),
  vary(linear2, 'linear2, read 3', { choice: { readWidth: 3 } }),
  vary(linear2, 'linear2, 2 words a beat', {
    choice: { drainWidth: 1, tailTokens: 2 },
    outputTokens: 2,
  }),
  vary(queued, 'queues', {}),
  vary(queued, 'queues of lanes that share the channels', {
    choice: { lanes: 2, channelLanes: true },
  }),
  vary(conv2, 'conv2, k-WTA in 2 groups', {
    shape: { winners: 4, winnerGroups: 2 },
    choice: { lanes: 1 },
  }),
  vary(denseConv1, 'dense conv1', {}),
  vary(denseConv1, 'dense conv1, 5 lanes', { choice: { lanes: 5, setsParallel: 8 } }),
  vary(denseConv1, 'dense conv1, 32 outputs', { choice: { setsParallel: 32, drainWidth: 8 } }),
  vary(denseConv2, 'dense conv2', {}),
  vary(denseConv2, 'dense conv2, 5 lanes', { choice: { lanes: 5, setsParallel: 4 } }),
  vary(denseConv2, 'dense conv2, 1 value', { choice: { values: 1, setsParallel: 16 } }),
  vary(denseConv2, 'dense conv2, 8 values', {
    choice: { values: 8, setsParallel: 4, inputTokens: 8 },
  }),
  vary(denseLinear, 'dense linear', {}),
  vary(denseLinear, 'dense linear, streamed weights', { choice: { streamWeights: true } }),
  vary(denseLinear, 'dense linear of 5 x 5, streamed weights', {
    shape: {
      input: { channels: 16, height: 5, width: 5 },
      kernel: { height: 5, width: 5 },
      outputs: 60,
    },
    choice: { streamWeights: true, lanes: 5, values: 1, setsParallel: 12, drainWidth: 4 },
  }),
  vary(denseLinear, 'dense linear, 7 outputs', {
    choice: { setsParallel: 7, drainWidth: 7, values: 4 },
  }),
  vary(denseLinear, 'dense linear, logits', {
    shape: { outputs: 12, logits: true },
    choice: { setsParallel: 4, drainWidth: 4, readWidth: 4 },
    outputTokens: 1,
  }),
  vary(wired, 'wired conv1', {}),
  vary(wired, 'wired conv1, 16 outputs, 2 windows a step', {
    shape: { outputs: 16 },
    choice: { values: 2, lanes: 6, engines: 2, setsParallel: 16, drainWidth: 8 },
  }),
  vary(wired, 'wired conv1, selection', {
    choice: { engines: 1, drainWidth: 32, readWidth: 32, tailTokens: 4 },
    outputTokens: 4,
  }),
  vary(wired, 'wired conv1, 16 outputs, selection', {
    shape: { outputs: 16 },
    choice: { engines: 1, setsParallel: 16, drainWidth: 4, readWidth: 4 },
  }),
  vary(wired, 'wired conv1, 16 outputs, 5 tails', {
    shape: { outputs: 16 },
    choice: { engines: 5, setsParallel: 16, drainWidth: 4 },
  }),
  vary(wired, 'wired conv1, 12 outputs, few weights, ReLU, no pooling', {
    shape: { outputs: 12, setSize: 6, winners: null, pool: 1 },
    choice: { engines: 1, setsParallel: 12, drainWidth: 12, readWidth: 4, tailTokens: 4 },
    outputTokens: 4,
  }),
  vary(wired, 'wired, 3 channels, 4 bit weights, dense out', {
    variant: 'sparse-dense',
    shape: {
      weightBits: 4,
      inputSigned: false,
      input: { channels: 3, height: 16, width: 16 },
      kernel: { height: 3, width: 3 },
      outputs: 16,
      setSize: 4,
    },
    choice: { engines: 3, lanes: 3, setsParallel: 16, drainWidth: 4, tailTokens: 1 },
    outputTokens: 4,
  }),
];
