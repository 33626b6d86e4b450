import { formatRange } from '../../src/evaluate/integer.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { WindowLayer } from '../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { NetworkChoice, PlannedNetwork } from '../../src/plan/plan-network.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import type { Random } from '../evaluate/random-graph.ts';
import { packingsFor, randomChoice } from './random-plan.ts';

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
function supported(layers: readonly WindowLayer[]): boolean {
  return layers.every(({ kWinners, outputShape }) => {
    const vector = outputShape.height === 1 && outputShape.width === 1;
    return kWinners === null || kWinners.scope === 'site' || vector;
  });
}

function supportedGraph(random: Random): QuantizedGraph {
  for (;;) {
    const graph = randomGraph(random);
    if (!supported(graph.layers)) continue;
    const size = shapeSize(graph.input.shape);
    const data = Float32Array.from({ length: 16 * size }, () => random() * 2 - 1);
    return quantizeGraph(graph, { count: 16, sampleSize: size, data }).graph;
  }
}

export function randomCase(seed: number, variant: VariantName, sampleCount = 5): RandomCase {
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
  const packings = packingsFor(graph, variant);
  const choice = randomChoice(random, graph, packings, variant);
  const network = planNetwork(graph, packings, choice, {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board: { name: 'test', maximumBeatBits: 64 },
    clockMHz: 100,
    variant,
  });
  const logits = evaluations.flatMap((evaluation) => Array.from(evaluation.logits));
  return { graph, choice, network, samples, evaluations, logits };
}
