import { describe, expect, it } from 'vitest';
import type { WindowLayer } from '../../src/ir/graph.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import { planVariant } from '../../src/plan/planner.ts';
import { readBoard } from '../../src/read/board.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import { runIcarus } from '../support/icarus.ts';
import { planContext } from '../support/plan-context.ts';
import { graphOf, linear, positiveConvolution } from '../support/small-graph.ts';

const board = await readBoard('arty-a7-35t');
const shape = { channels: 2, height: 4, width: 4 };

/** A convolution that leaves two winners a site, of three bits each, and a fully connected layer. */
function network(kernel: number, groups: number): QuantizedGraph {
  const first: WindowLayer = {
    ...positiveConvolution('first', 'input', shape, 8, kernel),
    kWinners: { k: 2, scope: 'site', groups, tiesInModel: false },
  };
  const graph = graphOf(shape, [first, linear('last', 'first', first.outputShape)]);
  const sampleSize = shape.channels * shape.height * shape.width;
  const random = seededRandom(3);
  const data = Float32Array.from({ length: 8 * sampleSize }, () => random() - 0.3);
  return quantizeGraph(graph, { count: 8, sampleSize, data }, { activationBits: 3 }).graph;
}

const planned = (graph: QuantizedGraph, variant: (typeof variantNames)[number]) =>
  planVariant(graph, variant, {
    tool: { name: 'nzflow', version: '0' },
    modelSha256: '0',
    board,
    clockMHz: board.clockMHz,
    tokensPerSite: [2, 2, 1],
  });

// a histogram of winners needs four bits: searches try foldings with one, and have to pass them over
describe('k-WTA of values of three bits', () => {
  const cases = variantNames.flatMap((variant) =>
    [1, 3].flatMap((kernel) => [1, 2].map((groups) => ({ variant, kernel, groups }))),
  );
  it.each(cases)('$variant, kernel $kernel, $groups groups: is planned', (given) => {
    const { variant, kernel, groups } = given;
    const { fits, network: made } = planned(network(kernel, groups), variant);
    expect(fits).toBe(true);
    const [first] = made.plan.layers;
    if (first === undefined || !hasEngines(first)) throw new Error('a layer with engines');
    expect(['insert', 'select']).toContain(first.tail.kind);
  });

  it('is hardware that Icarus elaborates', () => {
    const { network: made } = planned(network(1, 1), 'sparse-sparse');
    const sample = Int16Array.from({ length: 32 }, (_, at) => at % 3);
    expect(runIcarus(made, [sample]).words).toHaveLength(3);
  });

  it('has no plan with a histogram', () => {
    const graph = network(1, 1);
    const { choice, packings } = planned(graph, 'dense');
    const layers = choice.layers.map((layer, index) =>
      index === 0 && layer.core !== 'join' ? { ...layer, ...wide } : layer,
    );
    expect(() => planNetwork(graph, packings, { ...choice, layers }, planContext('dense'))).toThrow(
      'first: a histogram of few bits',
    );
  });
});

const wide = { setsParallel: 4, drainWidth: 4, readWidth: 4 };
