import { formatRange } from '../../../src/evaluate/integer.ts';
import { prepareEvaluator } from '../../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../../src/evaluate/quantized.ts';
import type { Board } from '../../../src/ir/board.ts';
import { shapeSize } from '../../../src/ir/graph.ts';
import type { Graph, Layer } from '../../../src/ir/graph.ts';
import { hasEngines } from '../../../src/ir/plan.ts';
import type { QuantizedGraph } from '../../../src/ir/quantized.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { quantizeGraph } from '../../../src/passes/quantize.ts';
import { separateMapWinners } from '../../../src/passes/separate-map-winners.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import type { Prediction } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { packNetwork } from '../../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../../src/plan/plan-network.ts';
import type { NetworkChoice, PlannedNetwork } from '../../../src/plan/plan-network.ts';
import { planVariant } from '../../../src/plan/planner.ts';
import { refuseWinners } from '../../../src/plan/refuse-winners.ts';
import { siteBySite } from '../../../src/simulate/reference-store.ts';
import { randomDag } from '../../evaluate/random-dag.ts';
import { integerBetween, randomGraph, seededRandom } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { randomIntegers } from '../../evaluate/random-integers.ts';
import { randomPointwise } from '../../evaluate/random-pointwise.ts';
import { planContext } from '../plan-context.ts';
import { randomChoice, withQueues, withSmallForms, withWires } from '../random-plan.ts';
import { drawSize, isWithin } from './network-size.ts';
import type { NetworkSize } from './network-size.ts';
import { reduceChoice, reduceGraph, reduceSamples } from './reductions.ts';
import type { Reduction } from './reductions.ts';

/** A random network with a plan, samples, and what the reference makes of them. */
export interface DrawnNetwork {
  /** What was drawn, in words. */
  readonly kind: string;
  readonly variant: VariantName;
  /** Null where the integers were drawn instead of quantised from it. */
  readonly float: Graph | null;
  readonly graph: QuantizedGraph;
  readonly choice: NetworkChoice;
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  /** Words of all samples as they leave the hardware. */
  readonly words: readonly number[];
  /** What the cycle model says of them, without gaps. */
  readonly prediction: Prediction;
}

/** Of branches, many are too large and drawn again. */
const shapeNames = ['chain', 'branches', 'branches', 'pointwise'] as const;
/** The planner takes a second for a network, a random folding a millisecond. */
const often = ['plain', 'queues', 'wires', 'wires', 'small forms'] as const;
const planKinds = [...often, ...often, ...often, 'planner'] as const;
type PlanKind = (typeof planKinds)[number];

function pick<Value>(random: Random, values: readonly [Value, ...Value[]]): Value {
  return values[integerBetween(random, 0, values.length - 1)] ?? values[0];
}

/** What the hardware takes. */
function supported({ kWinners }: Layer): boolean {
  return kWinners === null || kWinners.groups <= 8;
}

/** Layers with weights of another density: from none to all that are not zero. */
function withDensities(random: Random, graph: Graph): Graph {
  const layers = graph.layers.map((layer): Layer => {
    if (layer.kind !== 'window' || random() < 0.4) return layer;
    const density = pick(random, [0, 0.02, 0.1, 0.3, 0.7, 1]);
    const weights = layer.weights.map((weight) => {
      if (random() >= density) return 0;
      return weight === 0 ? random() - 0.5 : weight;
    });
    return { ...layer, weights };
  });
  return { ...graph, layers };
}

function drawShape(
  random: Random,
  shape: (typeof shapeNames)[number],
  { chain, branches }: NetworkSize,
): Graph {
  switch (shape) {
    case 'chain':
      return randomGraph(random, chain);
    case 'branches':
      return randomDag(random, branches);
    case 'pointwise':
      return randomPointwise(random);
  }
}

/** Real numbers with their quantisation, or integers of every width. */
function drawGraph(
  random: Random,
  size: NetworkSize,
): Pick<DrawnNetwork, 'kind' | 'float' | 'graph'> {
  const shape = pick(random, shapeNames);
  for (;;) {
    const drawn = withDensities(random, separateMapWinners(drawShape(random, shape, size)));
    if (!drawn.layers.every(supported)) continue;
    if (random() < 0.35) {
      const graph = randomIntegers(drawn, random);
      if (isRefused(graph)) continue;
      return { kind: `${shape} of integers`, float: null, graph };
    }
    const sampleSize = shapeSize(drawn.input.shape);
    const data = Float32Array.from({ length: 16 * sampleSize }, () => random() * 2 - 1);
    const calibration = { count: 16, sampleSize, data };
    const { graph } = quantizeGraph(drawn, calibration, { keepTies: random() < 0.3 });
    return { kind: shape, float: drawn, graph };
  }
}

/** k-WTA of values of two or three bits. */
function isRefused(graph: QuantizedGraph): boolean {
  try {
    refuseWinners(graph);
    return false;
  } catch {
    return true;
  }
}

/** Random samples, each with as many zeros as it likes. */
function drawSamples(random: Random, graph: QuantizedGraph): readonly Int16Array[] {
  const { minimum, maximum } = formatRange(graph.input.format);
  return Array.from({ length: 3 }, () => {
    const zeros = pick(random, [0, 0.2, 0.8, 1]);
    return Int16Array.from({ length: shapeSize(graph.input.shape) }, () =>
      random() < zeros ? 0 : integerBetween(random, minimum, maximum),
    );
  });
}

type Planned = Pick<DrawnNetwork, 'choice' | 'network'>;

/** A random folding, with queues or wires in some of its layers. */
function drawPlan(
  random: Random,
  graph: QuantizedGraph,
  variant: VariantName,
  kind: PlanKind,
  reductions: readonly Reduction[],
): Planned {
  const plain = packNetwork(graph, variant);
  const folded = randomChoice(random, graph, plain, variant);
  const queued =
    kind === 'queues'
      ? withQueues(random, graph, plain, folded)
      : { packings: plain, choice: folded };
  const choice = reduceChoice(withForms(random, graph, variant, kind, queued.choice), reductions);
  const network = planNetwork(graph, queued.packings, choice, planContext(variant));
  return { choice, network: random() < 0.5 ? network : withSmallQueues(network) };
}

function withForms(
  random: Random,
  graph: QuantizedGraph,
  variant: VariantName,
  kind: PlanKind,
  choice: NetworkChoice,
): NetworkChoice {
  // copies cost simulation, and differ in what they are given only
  const fewer = random() < 0.6 ? { ...choice, copies: 1 } : choice;
  if (kind === 'wires') return withWires(random, graph, fewer, variant);
  return kind === 'small forms' ? withSmallForms(random, graph, fewer) : fewer;
}

/** As deep as planned, or as small as they can be, so that they fill up. */
function withSmallQueues(network: PlannedNetwork): PlannedNetwork {
  const layers = network.plan.layers.map((layer) =>
    !hasEngines(layer) || layer.choice.queues === 0
      ? layer
      : { ...layer, parameters: { ...layer.parameters, QueueDepth: 8 } },
  );
  return { ...network, plan: { ...network.plan, layers } };
}

/** What the planner chooses for a rate that is drawn. */
function plannersPlan(
  random: Random,
  graph: QuantizedGraph,
  variant: VariantName,
  board: Board,
  evaluations: readonly Evaluation[],
): Planned {
  const { network, choice } = planVariant(graph, variant, {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: [null, ...graph.layers].map(() => integerBetween(random, 1, 4)),
    evaluations,
    targetThroughput: 10 ** (3 + 3 * random()),
  });
  return { network, choice };
}

/** Of how large a network a seed is. */
export function sizeOfSeed(seed: number): NetworkSize['name'] {
  return drawSize(seededRandom(seed)).name;
}

/**
 * The network, plan and samples of a seed. The reductions take away from it, in their order; throws
 * where what is left is no network or no plan.
 */
export function drawNetwork(
  seed: number,
  board: Board,
  reductions: readonly Reduction[] = [],
): DrawnNetwork {
  const random = seededRandom(seed);
  const size = drawSize(random);
  for (;;) {
    const attempt = Math.floor(random() * 2 ** 32);
    const drawn = drawOnce(attempt, size, board, []);
    const { completions } = drawn.prediction;
    const cycles = Math.max(...completions);
    if (!isWithin(size, drawn.network.plan, cycles, board.family)) continue;
    return reductions.length === 0 ? drawn : drawOnce(attempt, size, board, reductions);
  }
}

function drawOnce(
  seed: number,
  size: NetworkSize,
  board: Board,
  reductions: readonly Reduction[],
): DrawnNetwork {
  const random = seededRandom(seed);
  const variant = pick(random, variantNames as readonly [VariantName, ...VariantName[]]);
  const picked = pick(random, planKinds);
  // dense layers are never wired
  const planKind = picked === 'wires' && variant === 'dense' ? 'small forms' : picked;
  const drawn = drawGraph(random, size);
  const samples = reduceSamples(drawSamples(random, drawn.graph), reductions);
  // plans do not follow from what was taken away
  const forPlan = seededRandom(seed + 0x10000);
  const graph = reduceGraph(drawn.graph, reductions);
  const evaluate = prepareEvaluator(graph);
  const evaluations = samples.map((sample) => evaluate(sample));
  const { choice, network } =
    planKind === 'planner'
      ? plannersPlan(forPlan, graph, variant, board, evaluations)
      : drawPlan(forPlan, graph, variant, planKind, reductions);
  const { plan } = network;
  const { answers } = plan.output;
  const words = evaluations.flatMap(({ logits }) => Array.from(siteBySite(answers, logits)));
  const kind = `${size.name} ${drawn.kind}, ${planKind}`;
  const float = graph === drawn.graph ? drawn.float : null;
  const prediction = predictCycles(plan, workloadOf(plan, evaluations));
  return {
    ...{ kind, variant, float, graph, choice, network },
    ...{ samples, evaluations, words, prediction },
  };
}
