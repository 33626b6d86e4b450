import { formatRange } from '../../src/evaluate/integer.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../src/evaluate/quantized.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph, Layer } from '../../src/ir/graph.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { separateMapWinners } from '../../src/passes/separate-map-winners.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { NetworkChoice, PlannedNetwork } from '../../src/plan/plan-network.ts';
import { siteBySite } from '../../src/simulate/reference-store.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { randomPointwise, unevenRows } from '../evaluate/random-pointwise.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import type { Random } from '../evaluate/random-graph.ts';
import { randomChoice, withQueues, withSmallForms, withWires } from './random-plan.ts';
import { planContext } from './plan-context.ts';

/** A random network with a random folding, random samples and what they should give. */
export interface RandomCase {
  readonly graph: QuantizedGraph;
  readonly choice: NetworkChoice;
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  /** Words of all samples as they leave the hardware. */
  readonly logits: readonly number[];
}

/** What the hardware takes. */
function supported({ kWinners }: Layer): boolean {
  return kWinners === null || kWinners.groups <= 8;
}

function supportedGraph(
  random: Random,
  draw: (random: Random) => Graph,
  keepTies: boolean,
): QuantizedGraph {
  for (;;) {
    const graph = separateMapWinners(draw(random));
    if (!graph.layers.every(supported)) continue;
    const size = shapeSize(graph.input.shape);
    const data = Float32Array.from({ length: 16 * size }, () => random() * 2 - 1);
    const calibration = { count: 16, sampleSize: size, data };
    return quantizeGraph(graph, calibration, { keepTies }).graph;
  }
}

/** A chain of layers. */
export function randomCase(seed: number, variant: VariantName, sampleCount = 5): RandomCase {
  return drawCase(seed, variant, sampleCount, { draw: randomGraph, keepTies: false });
}

/**
 * A chain of layers, some sparse ones with queues, as deep as planned for every second seed, else
 * as small as they can be, so that they fill up.
 */
export function randomQueueCase(seed: number, variant: VariantName, sampleCount = 5): RandomCase {
  const options = { draw: randomGraph, keepTies: false, queues: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** A chain of layers, most of those wired that can be. */
export function randomWiredCase(seed: number, variant: VariantName, sampleCount = 4): RandomCase {
  return drawCase(seed, variant, sampleCount, { draw: randomGraph, keepTies: false, wires: true });
}

/** A chain of layers in the forms for devices whose LUTs are no memory. */
export function randomSmallCase(seed: number, variant: VariantName, sampleCount = 4): RandomCase {
  const options = { draw: randomGraph, keepTies: false, smallForms: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** A graph with branches and joins, most layers wired that can be. */
export function randomWiredDagCase(
  seed: number,
  variant: VariantName,
  sampleCount = 3,
): RandomCase {
  const options = { draw: randomDag, keepTies: seed % 3 === 0, wires: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** Layers with kernels of one position, some with lanes that share the channels. */
export function randomPointwiseCase(
  seed: number,
  variant: VariantName,
  sampleCount = 4,
): RandomCase {
  const options = { draw: randomPointwise, keepTies: false, queues: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** A layer of 300 inputs with an empty kernel, a full one and inputs that nobody uses. */
export function unevenRowsCase(seed: number, variant: VariantName, sampleCount = 3): RandomCase {
  const options = { draw: unevenRows, keepTies: false, queues: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** A graph with branches and joins, some sparse layers with queues. */
export function randomQueueDagCase(
  seed: number,
  variant: VariantName,
  sampleCount = 3,
): RandomCase {
  const options = { draw: randomDag, keepTies: seed % 3 === 0, queues: true };
  return drawCase(seed, variant, sampleCount, options);
}

/** A graph with branches, joins and several answers; ties stay in every third. */
export function randomDagCase(seed: number, variant: VariantName, sampleCount = 3): RandomCase {
  return drawCase(seed, variant, sampleCount, { draw: randomDag, keepTies: seed % 3 === 0 });
}

interface DrawOptions {
  readonly draw: (random: Random) => Graph;
  readonly keepTies: boolean;
  readonly queues?: boolean;
  readonly wires?: boolean;
  readonly smallForms?: boolean;
}

function drawCase(
  seed: number,
  variant: VariantName,
  sampleCount: number,
  { draw, keepTies, queues = false, wires = false, smallForms = false }: DrawOptions,
): RandomCase {
  const random = seededRandom(seed);
  const graph = supportedGraph(random, draw, keepTies);
  const { minimum, maximum } = formatRange(graph.input.format);
  const size = shapeSize(graph.input.shape);
  const samples = Array.from({ length: sampleCount }, () =>
    Int16Array.from({ length: size }, () => {
      return random() < 0.2 ? 0 : minimum + Math.floor(random() * (maximum - minimum + 1));
    }),
  );
  const evaluate = prepareEvaluator(graph);
  const evaluations = samples.map((sample) => evaluate(sample));
  const plainPackings = packNetwork(graph, variant);
  const plain = randomChoice(random, graph, plainPackings, variant);
  const { packings, choice: packed } = queues
    ? withQueues(random, graph, plainPackings, plain)
    : { packings: plainPackings, choice: plain };
  const wired = wires ? withWires(random, graph, packed, variant) : packed;
  const choice = smallForms ? withSmallForms(random, graph, wired) : wired;
  const planned = planNetwork(graph, packings, choice, planContext(variant));
  const network = seed % 2 === 0 ? planned : withSmallQueues(planned);
  const answers = network.plan.output.answers;
  const logits = evaluations.flatMap((evaluation) =>
    Array.from(siteBySite(answers, evaluation.logits)),
  );
  return { graph, choice, network, samples, evaluations, logits };
}

function withSmallQueues({ plan, images }: PlannedNetwork): PlannedNetwork {
  const layers = plan.layers.map((layer) =>
    !hasEngines(layer) || layer.choice.queues === 0
      ? layer
      : { ...layer, parameters: { ...layer.parameters, QueueDepth: 8 } },
  );
  return { plan: { ...plan, layers }, images };
}
