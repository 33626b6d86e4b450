import { formatRange } from '../../src/evaluate/integer.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { NetworkChoice, PlannedNetwork } from '../../src/plan/plan-network.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import type { Random } from '../evaluate/random-graph.ts';
import { packingsFor, randomChoice, withQueues } from './random-plan.ts';

/** A random network with a random folding, random samples and what they should give. */
export interface RandomCase {
  readonly graph: QuantizedGraph;
  readonly choice: NetworkChoice;
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  readonly logits: readonly number[];
}

/** What the hardware takes so far. */
function supported(graph: Graph): boolean {
  return graph.layers.every((layer) => {
    const { pooling, kWinners, outputShape } = layer;
    const apart =
      pooling === null ||
      (pooling.kernel.height === pooling.stride.height &&
        pooling.kernel.width === pooling.stride.width);
    const vector = outputShape.height === 1 && outputShape.width === 1;
    return apart && (kWinners === null || kWinners.scope === 'site' || vector);
  });
}

function supportedGraph(random: Random): QuantizedGraph {
  for (;;) {
    const graph = randomGraph(random);
    if (!supported(graph)) continue;
    const size = shapeSize(graph.input.shape);
    const data = Float32Array.from({ length: 16 * size }, () => random() * 2 - 1);
    return quantizeGraph(graph, { count: 16, sampleSize: size, data }).graph;
  }
}

/**
 * A case by seed; `queues` gives some sparse layers queues, as deep as planned for every second
 * seed, else as small as they can be, so that they fill up.
 */
export function randomCase(
  seed: number,
  variant: VariantName,
  sampleCount = 5,
  queues = false,
): RandomCase {
  const random = seededRandom(seed);
  const graph = supportedGraph(random);
  const { minimum, maximum } = formatRange(graph.input.format);
  const size = shapeSize(graph.input.shape);
  const samples = Array.from({ length: sampleCount }, () =>
    Int16Array.from({ length: size }, () => {
      return random() < 0.2 ? 0 : minimum + Math.floor(random() * (maximum - minimum + 1));
    }),
  );
  const evaluate = prepareEvaluator(graph);
  const evaluations = samples.map((sample) => evaluate(sample));
  const plainPackings = packingsFor(graph, variant);
  const plain = randomChoice(random, graph, plainPackings, variant);
  const { packings, choice } = queues
    ? withQueues(random, graph, plainPackings, plain)
    : { packings: plainPackings, choice: plain };
  const planned = planNetwork(graph, packings, choice, {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board: { name: 'test', maximumBeatBits: 64 },
    clockMHz: 100,
    variant,
  });
  const network = seed % 2 === 0 ? planned : withSmallQueues(planned);
  const logits = evaluations.flatMap((evaluation) => Array.from(evaluation.logits));
  return { graph, choice, network, samples, evaluations, logits };
}

function withSmallQueues({ plan, images }: PlannedNetwork): PlannedNetwork {
  const layers = plan.layers.map((layer) =>
    layer.choice.queues === 0
      ? layer
      : { ...layer, parameters: { ...layer.parameters, QueueDepth: 8 } },
  );
  return { plan: { ...plan, layers }, images };
}
