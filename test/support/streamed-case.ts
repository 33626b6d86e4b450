import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { reluActivation } from '../../src/ir/graph.ts';
import type { WindowLayer } from '../../src/ir/graph.ts';
import type { BeatRate, JoinChoice, LayerChoice } from '../../src/ir/plan.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import { planContext } from './plan-context.ts';
import { randomChoice } from './random-plan.ts';
import { graphOf, linear, positiveConvolution, quantizePositive } from './small-graph.ts';

const shape = { channels: 5, height: 4, width: 4 };
const inner = { channels: 6, height: 3, width: 2 };
/** Windows of 2 x 3 inside the map: several an inference. */
const map: WindowLayer = {
  ...positiveConvolution('map', 'input', shape, 6, 1),
  weights: Float32Array.from({ length: 6 * 5 * 6 }, (_, index) => 1 + (index % 7)),
  kernel: { height: 2, width: 3 },
  windowShape: inner,
  outputShape: inner,
};
const wide: WindowLayer = {
  ...linear('wide', 'map', inner),
  windowShape: { channels: 9, height: 1, width: 1 },
  outputShape: { channels: 9, height: 1, width: 1 },
  weights: Float32Array.from({ length: 9 * 36 }, (_, index) => ((index * 7) % 11) - 4),
  bias: new Float32Array(9),
  activation: reluActivation,
};
const graph = quantizePositive(
  graphOf(shape, [map, wide, linear('answer', 'wide', wide.outputShape)]),
);
const evaluate = prepareEvaluator(graph);

export interface StreamedCase {
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  readonly logits: readonly number[];
}

/** What is streamed, and how fast. */
export interface Streaming {
  readonly beatBits: number;
  readonly rate: BeatRate;
  /** Indices of layers: 0 a convolution, 1 and 2 fully connected. */
  readonly layers: readonly number[];
  readonly copies?: number;
  readonly samples?: number;
}

/** A random dense folding of a small network, the weights of some layers streamed. */
export function streamedCase(seed: number, streaming: Streaming): StreamedCase {
  const random = seededRandom(seed);
  const packings = packNetwork(graph, 'dense');
  const drawn = randomChoice(random, graph, packings, 'dense');
  const streams = (layer: LayerChoice | JoinChoice, index: number): LayerChoice | JoinChoice =>
    layer.core !== 'join' && streaming.layers.includes(index)
      ? { ...layer, streamWeights: true }
      : layer;
  const choice = {
    ...drawn,
    layers: drawn.layers.map(streams),
    copies: streaming.copies ?? drawn.copies,
  };
  const { beatBits, rate } = streaming;
  const context = { ...planContext('dense'), weightRate: { beatBits, rate } };
  const network = planNetwork(graph, packings, choice, context);
  const samples = Array.from({ length: streaming.samples ?? 4 }, () =>
    Int16Array.from({ length: 5 * 4 * 4 }, () => (random() < 0.3 ? 0 : Math.floor(random() * 100))),
  );
  const evaluations = samples.map((sample) => evaluate(sample));
  return {
    network,
    samples,
    evaluations,
    logits: evaluations.flatMap(({ logits }) => Array.from(logits)),
  };
}
