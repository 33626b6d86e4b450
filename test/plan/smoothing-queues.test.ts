import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { WindowLayer } from '../../src/ir/graph.ts';
import type { LayerChoice, Plan } from '../../src/ir/plan.ts';
import { predictCycles } from '../../src/plan/cycles/cycle-model.ts';
import { steadyInterval } from '../../src/plan/cycles/interval.ts';
import { workloadOf } from '../../src/plan/cycles/workload.ts';
import { coreOf, packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { withSmoothing } from '../../src/plan/smoothing-queues.ts';
import { runIcarus } from '../support/icarus.ts';
import { graphOf, linear, positiveConvolution, quantizePositive } from '../support/small-graph.ts';
import { planContext } from '../support/plan-context.ts';

const shape = { channels: 3, height: 6, width: 7 };
const inner = { ...shape, channels: 5 };

function withBias(layer: WindowLayer, bias: number): WindowLayer {
  return { ...layer, bias: layer.bias.map(() => bias) };
}

/** The first layer takes the same time for every sample, the second what its tokens take. */
const graph = quantizePositive(
  graphOf(shape, [
    withBias(positiveConvolution('first', 'input', shape, 5, 3), -0.5),
    positiveConvolution('second', 'first', inner, 5, 3),
    linear('last', 'second', inner),
  ]),
);

function plan(): PlannedNetwork {
  const packings = packNetwork(graph, 'sparse-sparse');
  const layers = graph.layers.map((layer, index): LayerChoice => {
    if (layer.kind !== 'window') throw new Error('a window');
    return {
      core: coreOf(layer, 'sparse-sparse'),
      engines: 1,
      lanes: 1,
      values: 1,
      setsParallel: packings[index]?.sets.length ?? 1,
      queues: 0,
      channelLanes: false,
      blockWeights: false,
      ultraWeights: false,
      ultraStore: false,
      drainWidth: 1,
      readWidth: 1,
      inputTokens: 1,
      tailTokens: 1,
    };
  });
  const choice = { copies: 1, layers, answerWords: 1 };
  return planNetwork(graph, packings, choice, planContext('sparse-sparse'));
}

const evaluate = prepareEvaluator(graph);
const full = new Int16Array(3 * 6 * 7).fill(100);
const empty = new Int16Array(3 * 6 * 7);

function intervalOf(tried: Plan, samples: readonly Int16Array[]): number {
  const evaluations = Array.from({ length: 12 }, () => samples)
    .flat()
    .map((sample) => evaluate(sample));
  return steadyInterval(predictCycles(tried, workloadOf(tried, evaluations)).completions, 1);
}

describe('smoothing queues', () => {
  const network = plan();
  const smooth = withSmoothing(network.plan, [full, empty].map(evaluate));

  it('stand in front of the layer whose work varies, as deep as pays', () => {
    const depths = smooth.layers.map(({ inputs }) => inputs[0]?.fifoDepth);
    expect(depths[0]).toBe(0);
    expect(depths[1]).toBeGreaterThan(0);
    const [before, after] = [network.plan, smooth].map((each) => intervalOf(each, [full, empty]));
    expect(after).toBeLessThan(0.95 * (before ?? 0));
  });

  it('are none where all samples are alike', () => {
    expect(withSmoothing(network.plan, [evaluate(full)])).toBe(network.plan);
  });

  it('change no word, and the RTL takes the cycles predicted', () => {
    const samples = [full, empty, full, empty];
    const evaluations = samples.map(evaluate);
    const run = runIcarus({ ...network, plan: smooth }, samples);
    expect(run.words).toEqual(evaluations.flatMap(({ logits }) => Array.from(logits)));
    const { completions } = predictCycles(smooth, workloadOf(smooth, evaluations));
    expect(Array.from(completions)).toEqual(run.lastCycles);
  });
});
