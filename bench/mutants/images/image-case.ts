import { formatRange } from '../../../src/evaluate/integer.ts';
import { prepareEvaluator, quantizeInputs, sampleAt } from '../../../src/evaluate/quantized.ts';
import type { Evaluation } from '../../../src/evaluate/quantized.ts';
import { shapeSize } from '../../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../../src/ir/quantized.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { seededRandom } from '../../../src/pack/seeded-random.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import type { Prediction } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import type { PlannedNetwork } from '../../../src/plan/plan-network.ts';
import { planVariant } from '../../../src/plan/planner.ts';
import { readBoard } from '../../../src/read/board.ts';
import { readSamples } from '../../../src/read/samples.ts';
import { examplePath, loadExample } from '../../../test/support/example.ts';
import { boardOfRandomNetworks } from '../../../test/support/random-network/board.ts';
import { drawNetwork } from '../../../test/support/random-network/draw-network.ts';

/** A planned network and what the reference makes of its samples. */
export interface ImageCase {
  readonly kind: string;
  readonly graph: QuantizedGraph;
  readonly network: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  readonly prediction: Prediction;
}

/** More than the three a random network has: what is rarely met is met by one of them. */
const randomSamples = 512;
const exampleSamples = 40;

/** `example variant inferences-per-second board`, or the seed of a random network. */
export async function imageCase(name: string): Promise<ImageCase> {
  const seed = Number(name);
  if (Number.isNaN(seed)) return exampleCase(name);
  const { kind, graph, network } = drawNetwork(seed, await readBoard(boardOfRandomNetworks));
  return withSamples(kind, graph, network, drawSamples(graph, seed));
}

function withSamples(
  kind: string,
  graph: QuantizedGraph,
  network: PlannedNetwork,
  samples: readonly Int16Array[],
): ImageCase {
  const evaluate = prepareEvaluator(graph);
  const evaluations = samples.map((sample) => evaluate(sample));
  const prediction = predictCycles(network.plan, workloadOf(network.plan, evaluations));
  return { kind, graph, network, samples, evaluations, prediction };
}

function drawSamples(graph: QuantizedGraph, seed: number): readonly Int16Array[] {
  const random = seededRandom(seed);
  const { minimum, maximum } = formatRange(graph.input.format);
  return Array.from({ length: randomSamples }, (_, sample) =>
    Int16Array.from({ length: shapeSize(graph.input.shape) }, () =>
      random(4) < sample % 4 ? 0 : minimum + random(maximum - minimum + 1),
    ),
  );
}

async function exampleCase(name: string): Promise<ImageCase> {
  const [example = '', variant = '', rate = '', boardName = ''] = name.split(' ');
  const { graph } = await loadExample(example);
  const inputs = await readSamples(examplePath(example, 'inputs.npy'), graph.input.shape);
  const integers = quantizeInputs(graph, inputs);
  const samples = Array.from({ length: Math.min(exampleSamples, inputs.count) }, (_, at) =>
    Int16Array.from(sampleAt(integers, inputs.sampleSize, at)),
  );
  const board = await readBoard(boardName);
  const evaluate = prepareEvaluator(graph);
  const { network } = planVariant(graph, variant as VariantName, {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: [null, ...graph.layers].map(() => 1),
    evaluations: samples.slice(0, 16).map((sample) => evaluate(sample)),
    targetThroughput: Number(rate),
  });
  return withSamples(name, graph, network, samples);
}
