import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../../src/evaluate/quantized.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { packNetwork } from '../../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../../src/plan/plan-network.ts';
import { describeMismatch } from '../../../src/simulate/describe-mismatch.ts';
import { runManifest } from '../../../src/simulate/manifest.ts';
import { seededRandom } from '../../evaluate/random-graph.ts';
import { engineLayers } from '../../support/engine-layers.ts';
import { runIcarus } from '../../support/icarus.ts';
import { planContext } from '../../support/plan-context.ts';
import { randomChoice } from '../../support/random-plan.ts';
import {
  graphOf,
  linear,
  positiveConvolution,
  quantizePositive,
} from '../../support/small-graph.ts';

const shape = { channels: 24, height: 6, width: 10 };
const first = positiveConvolution('first', 'input', shape, 20, 1);
const second = positiveConvolution('second', 'first', first.outputShape, 9, 1);
const graph = quantizePositive(
  graphOf(shape, [first, second, linear('answer', 'second', second.outputShape)]),
);
const evaluate = prepareEvaluator(graph);

/** A random folding of kernels of one position, and what two samples with many zeros give. */
function ringCase(seed: number, variant: VariantName) {
  const random = seededRandom(seed);
  const packings = packNetwork(graph, variant);
  const choice = randomChoice(random, graph, packings, variant);
  const network = planNetwork(graph, packings, choice, planContext(variant));
  const samples = [0, 1].map(() =>
    Int16Array.from({ length: 24 * 6 * 10 }, () =>
      random() < 0.5 ? 0 : Math.floor(random() * 100),
    ),
  );
  return { network, samples, evaluations: samples.map((sample) => evaluate(sample)) };
}

const cases = [1, 2, 3].flatMap((seed) =>
  (['dense', 'sparse-sparse'] as const).map((variant) => ({ seed, variant })),
);

describe('layers whose stores are rings of sites, in Icarus', () => {
  it.each(cases)('seed $seed, $variant: same values, no cycle of difference', (test) => {
    const { network, samples, evaluations } = ringCase(test.seed, test.variant);
    const run = runIcarus(network, samples);
    expect(run.words).toEqual(evaluations.flatMap(({ logits }) => Array.from(logits)));
    const { completions } = predictCycles(network.plan, workloadOf(network.plan, evaluations));
    expect(Array.from(completions)).toEqual(run.lastCycles);
  });

  it('are told of by the rows and columns of the map, as the harness counts', () => {
    const { plan } = ringCase(1, 'sparse-sparse').network;
    const place = { layer: 0, sample: 0, inference: 0, row: 5, column: 9, channel: 3 };
    const values = { expected: 1, got: 2, cycle: 7, count: 8, copy: 0, engine: 0, what: 'a sum' };
    expect(describeMismatch(plan, { check: 'accumulator', ...place, ...values })).toContain(
      'sample 0, window row 5, column 9, channel 3: expected 1, got 2',
    );
  });

  it('have their windows on the map as it is, for the harness', () => {
    const { plan } = ringCase(1, 'sparse-sparse').network;
    const files = { accumulators: 'sums', values: null };
    const reference = { samples: 1, accumulatorSamples: 1, logits: 'words' };
    const manifest = runManifest(
      plan,
      { ...reference, layers: plan.layers.map(() => files) },
      {
        streamInferences: 1,
        isolatedSamples: [],
        gapSeed: null,
        pipelineInferences: 0,
        waves: null,
      },
      { stimulus: 'beats', load: null, result: 'result', logits: 'given' },
    );
    expect(plan.layers[0]).toMatchObject({
      output: { width: 10 },
      window: { output: { width: 4 } },
    });
    expect(manifest.match(/window_width (\d+)/g)).toEqual([
      'window_width 10',
      'window_width 10',
      'window_width 1',
    ]);
  });

  it('are met, with one engine and with several', () => {
    const rings = cases.flatMap(({ seed, variant }) =>
      engineLayers(ringCase(seed, variant).network.plan).filter(
        ({ window, output }) => window.output.width !== output.width,
      ),
    );
    const engines = new Set(rings.map(({ choice }) => Math.min(2, choice.engines)));
    expect(engines).toEqual(new Set([1, 2]));
  });
});
