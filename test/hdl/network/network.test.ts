import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../../src/evaluate/quantized.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import type { QuantizedGraph } from '../../../src/ir/quantized.ts';
import { planNetwork } from '../../../src/plan/plan-network.ts';
import { randomGraph, seededRandom } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { shapeSize } from '../../../src/ir/graph.ts';
import type { Graph } from '../../../src/ir/graph.ts';
import { quantizeGraph } from '../../../src/passes/quantize.ts';
import { formatRange } from '../../../src/evaluate/integer.ts';
import { packingsFor, randomChoice } from '../../support/random-plan.ts';
import { runIcarus } from '../../support/icarus.ts';

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

const cases = Array.from({ length: Number(process.env['NZFLOW_NETWORKS'] ?? 12) }, (_, index) => ({
  seed: Number(process.env['NZFLOW_SEED'] ?? 1) + index,
}));

describe('random networks, random foldings, Icarus', () => {
  it.each(cases)('seed $seed', ({ seed }) => {
    const random = seededRandom(seed);
    const graph = supportedGraph(random);
    const evaluate = prepareEvaluator(graph);
    const size = shapeSize(graph.input.shape);
    const { minimum: low, maximum: high } = formatRange(graph.input.format);
    const samples = Array.from({ length: 5 }, () =>
      Int16Array.from({ length: size }, () => low + Math.floor(random() * (high - low + 1))),
    );
    const expected = samples.flatMap((sample) => Array.from(evaluate(sample).logits));
    for (const variant of variantNames) {
      if (process.env['V'] !== undefined && variant !== process.env['V']) continue;
      const packings = packingsFor(graph, variant);
      const choice = randomChoice(random, graph, packings, variant);
      const network = planNetwork(graph, packings, choice, {
        tool: { name: 'nzflow', version: '0' },
        modelSha256: '0',
        board: { name: 'test', maximumBeatBits: 64 },
        clockMHz: 100,
        variant,
      });
      const stallSeed = random() < 0.5 ? { stallSeed: seed } : {};
      const run = runIcarus(network, samples, stallSeed);
      expect(run.words, `${variant} ${JSON.stringify(choice)}`).toEqual(expected);
    }
  });
});
