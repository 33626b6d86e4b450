import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import type { WindowLayer } from '../../src/ir/graph.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { planContext } from './plan-context.ts';

const channels = 96;
const outputs = 12;

/**
 * A fully connected layer whose two queues of two sets have their words at different inputs, by
 * turns of `run` inputs, so that small queues fill up and hold the lane while others run dry.
 */
export function fullQueues(
  run: number,
  queueDepth: number,
): {
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
} {
  const random = seededRandom(run);
  const weights = new Int16Array(outputs * channels);
  const half = outputs / 2;
  for (let output = 0; output < outputs; output += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const turn = Math.floor(channel / run) % 2;
      if (Math.floor(output / half) !== turn || random(3) === 0) continue;
      weights[output * channels + channel] = 1 + random(100);
    }
  }
  const shape = { channels: outputs, height: 1, width: 1 };
  const layer: WindowLayer = {
    kind: 'window',
    name: 'layer',
    operator: 'linear',
    origin: ['layer'],
    input: 'input',
    inputShape: { channels, height: 1, width: 1 },
    windowShape: shape,
    outputShape: shape,
    weights: Float32Array.from(weights),
    bias: new Float32Array(outputs),
    kernel: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    dilation: { height: 1, width: 1 },
    groups: 1,
    activation: { kind: 'identity' },
    kWinners: null,
  };
  const format = { bits: 8, signed: false, scale: 1 };
  const graph: QuantizedGraph = {
    name: 'full-queues',
    input: { name: 'input', shape: layer.inputShape, format, range: { minimum: 0, maximum: 255 } },
    layers: [
      {
        kind: 'window',
        name: 'layer',
        layer,
        inputFormat: format,
        weights,
        weightBits: 8,
        weightScale: new Float64Array(outputs).fill(1),
        bias: new Int32Array(outputs),
        accumulatorBits: 24,
        requantization: null,
        negativeRequantization: null,
        outputRange: null,
        outputFormat: null,
      },
    ],
    outputs: [{ name: 'layer', layer: 'layer' }],
    keepTies: false,
    hostOperators: [],
    notes: [],
  };
  const sets = [0, 3, 6, 9].map((from) => ({ channels: [from, from + 1, from + 2] }));
  const words = [0, 1].map((queue) =>
    Uint16Array.from({ length: channels }, (_, channel) =>
      Math.max(
        ...sets
          .slice(2 * queue, 2 * queue + 2)
          .map((set) => set.channels.filter((o) => weights[o * channels + channel] !== 0).length),
      ),
    ),
  );
  const packing: Packing = {
    layer: 'layer',
    sets,
    setSize: 3,
    depth: Math.max(...words.flatMap((counts) => Array.from(counts))),
    efficiency: 1,
    complementary: false,
    queues: {
      words,
      lanes: 1,
      windowWords: 0,
      laneWords: Math.max(...words.map((counts) => counts.reduce((sum, count) => sum + count, 0))),
    },
  };
  const choice = {
    core: 'sparse',
    engines: 1,
    lanes: 1,
    values: 1,
    setsParallel: 4,
    queues: 2,
    channelLanes: false,
    blockWeights: false,
    ultraWeights: false,
    ultraStore: false,
    drainWidth: 2,
    readWidth: 1,
    inputTokens: 8,
    tailTokens: 1,
  } as const;
  const planned = planNetwork(
    graph,
    [packing],
    { copies: 1, layers: [choice], answerWords: 1 },
    planContext('sparse-sparse'),
  );
  const layers = planned.plan.layers.map((plan) => ({
    ...plan,
    parameters: { ...plan.parameters, QueueDepth: queueDepth },
  }));
  const samples = Array.from({ length: 4 }, () =>
    Int16Array.from({ length: channels }, () => random(256)),
  );
  return {
    network: { ...planned, plan: { ...planned.plan, layers } },
    samples,
    evaluations: samples.map((sample) => prepareEvaluator(graph)(sample)),
  };
}
