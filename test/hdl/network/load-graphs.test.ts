import { describe, expect, it } from 'vitest';
import type { QuantizedGraph, QuantizedLayer } from '../../../src/ir/quantized.ts';
import { fitWeights } from '../../../src/plan/refit/fit-weights.ts';
import { leaveRoom } from '../../../src/plan/search/leave-room.ts';
import { loadStream } from '../../../src/plan/memories/load-stream.ts';
import { packNetwork } from '../../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../../src/plan/plan-network.ts';
import { randomDagCase } from '../../support/random-case.ts';
import { runLoads } from './load-bench.ts';
import { diagnosticsOf } from '../../support/user-error.ts';
import { planContext } from '../../support/plan-context.ts';

const context = { modelSha256: '0', maximumBeatBits: 64 };

/** A loadable design of a random graph with branches, and what its samples give. */
function graphCase(seed: number): {
  readonly network: PlannedNetwork;
  readonly fitted: PlannedNetwork;
  readonly samples: readonly Int16Array[];
  readonly logits: readonly number[];
} {
  const { graph, choice, samples, logits } = randomDagCase(seed, 'sparse-sparse', 2);
  const roomy = leaveRoom(graph, 72);
  const network = planNetwork(
    roomy,
    packNetwork(roomy, 'sparse-sparse'),
    choice,
    planContext('sparse-sparse'),
  );
  return { network, fitted: fitWeights(graph, network.plan, context), samples, logits };
}

/** The first with windows, joins and max-pooling, and one answer. */
function caseWithEverything(): ReturnType<typeof graphCase> {
  for (let seed = 2; seed < 40; seed += 1) {
    const { layers, output } = randomDagCase(seed, 'sparse-sparse', 1).network.plan;
    const kinds = new Set(layers.map(({ kind }) => kind));
    const joins = kinds.has('add') || kinds.has('concat');
    if (joins && kinds.has('max-pool') && kinds.has('window') && output.answers.length === 1) {
      return graphCase(seed);
    }
  }
  throw new Error('no such graph among the first');
}

/** The first with an addition. */
function caseWithAddition(): { readonly graph: QuantizedGraph; readonly network: PlannedNetwork } {
  for (let seed = 2; seed < 40; seed += 1) {
    const { graph } = randomDagCase(seed, 'sparse-sparse', 1);
    if (graph.layers.some(({ kind }) => kind === 'add')) return { graph, ...graphCase(seed) };
  }
  throw new Error('no addition among the first');
}

describe('an addition', () => {
  it('whose branches another model scales otherwise is refused', () => {
    const { graph, network } = caseWithAddition();
    const layers = graph.layers.map((layer): QuantizedLayer => {
      if (layer.kind !== 'add') return layer;
      const [a, b] = layer.multipliers;
      return { ...layer, multipliers: [a + 1, b] };
    });
    const problems = diagnosticsOf(() => fitWeights({ ...graph, layers }, network.plan, context));
    expect(problems[0]?.message).toMatch(/needs other hardware: parameters\.AMultiplier is \d+/);
  });
});

describe('graphs with branches, joins and max-pooling', () => {
  // seed 1 has no weights
  it.each([2, 3, 4, 5, 6, 7, 8])('seed %i: a model fits its own design', (seed) => {
    const { network, fitted } = graphCase(seed);
    expect(fitted.plan).toEqual(network.plan);
    expect(fitted.images).toEqual(network.images);
  });

  it('are loaded in Icarus', () => {
    const { network, samples, logits } = caseWithEverything();
    const { plan, images } = network;
    if (plan.load === undefined) throw new Error('a loadable plan');
    const texts = images.map(({ text }) => text);
    const stream = loadStream(plan.load, plan.memories, texts);
    const run = runLoads(network, samples, [{ after: 0, stream }], 7);
    expect(run.words).toEqual(logits);
  });
});
