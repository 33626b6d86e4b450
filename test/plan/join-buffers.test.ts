import { describe, expect, it } from 'vitest';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { JoinChoice, LayerChoice, Plan } from '../../src/ir/plan.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { variantNames } from '../../src/ir/variant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { predictCycles } from '../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../src/plan/cycles/workload.ts';
import { bufferNeeds } from '../../src/plan/streams/join-buffers.ts';
import { separateMapWinners } from '../../src/passes/separate-map-winners.ts';
import { coreOf, packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { runIcarus } from '../support/icarus.ts';
import {
  addition,
  graphOf,
  linear,
  positiveConvolution,
  quantizePositive,
} from '../support/small-graph.ts';
import { planContext } from '../support/plan-context.ts';

const shape = { channels: 3, height: 6, width: 7 };
const inner = { ...shape, channels: 5 };

/** A convolution, then two more beside a wire, then their sum and a fully connected layer. */
const residual = quantizePositive(
  graphOf(shape, [
    positiveConvolution('first', 'input', shape, 5, 3),
    positiveConvolution('second', 'first', inner, 5, 3),
    positiveConvolution('third', 'second', inner, 5, 3),
    addition('sum', ['third', 'first'], inner),
    linear('last', 'sum', inner),
  ]),
);

/** Beside the wire a convolution and a k-WTA over its whole map, in which all values win. */
const chosen = quantizePositive(
  separateMapWinners(
    graphOf(shape, [
      positiveConvolution('first', 'input', shape, 5, 3),
      {
        ...positiveConvolution('second', 'first', inner, 5, 3),
        kWinners: { k: 5 * 6 * 7, scope: 'layer', groups: 1, tiesInModel: false },
      },
      addition('sum', ['second', 'first'], inner),
      linear('last', 'sum', inner),
    ]),
  ),
);

function planOf(graph: QuantizedGraph, variant: VariantName, tokens: number): PlannedNetwork {
  const packings = packNetwork(graph, variant);
  const layers = graph.layers.map((layer, index): LayerChoice | JoinChoice => {
    if (layer.kind !== 'window') {
      const inputs = layer.kind === 'add' ? 2 : 1;
      return { core: 'join', inputTokens: Array(inputs).fill(tokens), width: tokens };
    }
    const dense = variant !== 'sparse-sparse' && graph.layers[index + 1]?.kind !== 'winners';
    return {
      core: coreOf(layer, variant),
      engines: 2,
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
      inputTokens: tokens,
      tailTokens: dense && layer.outputFormat !== null ? 1 : tokens,
      ...(layer.layer.operator === 'linear' ? { engines: 1 } : {}),
    };
  });
  const choice = { copies: 1, layers, answerWords: tokens };
  return planNetwork(graph, packings, choice, planContext(variant));
}

/** The network with a FIFO of so many beats on an edge, and no other. */
function withFifo(network: PlannedNetwork, layer: number, input: number, depth: number): Plan {
  return {
    ...network.plan,
    layers: network.plan.layers.map((one, index) => ({
      ...one,
      inputs: one.inputs.map((edge, at) => ({
        ...edge,
        fifoDepth: index === layer && at === input ? depth : 0,
        blockFifo: false,
      })),
    })),
  };
}

describe.each([
  ['two convolutions', residual],
  ['k-WTA over a whole map', chosen],
])('the buffer beside %s', (_, graph) => {
  const samples = [1, 2].map((seed) =>
    Int16Array.from({ length: 3 * 6 * 7 }, (_, at) => 40 + ((at * seed * 7) % 80)),
  );
  const evaluate = prepareEvaluator(graph);
  const evaluations = samples.map((sample) => evaluate(sample));
  const logits = evaluations.flatMap((evaluation) => Array.from(evaluation.logits));
  const cases = variantNames.flatMap((variant) => [1, 4].map((tokens) => ({ variant, tokens })));

  it('is filled by samples without a zero', () => {
    for (const { layers } of evaluations) {
      for (const { values } of layers.slice(0, 4))
        expect(values.every((value) => value > 0)).toBe(true);
    }
  });

  it.each(cases)(
    '$variant, $tokens a beat: as deep as needed, one less hangs',
    ({ variant, tokens }) => {
      const network = planOf(graph, variant, tokens);
      const [depth = 0] = (bufferNeeds(network.plan).layers[3] ?? []).slice(1);
      expect(depth).toBeGreaterThan(2);
      const workload = (plan: Plan) => workloadOf(plan, evaluations);
      const enough = withFifo(network, 3, 1, depth);
      const run = runIcarus({ ...network, plan: enough }, samples);
      expect(run.words).toEqual(logits);
      const { completions } = predictCycles(enough, workload(enough));
      expect(Array.from(completions)).toEqual(run.lastCycles);

      const scarce = withFifo(network, 3, 1, depth - 1);
      expect(() => runIcarus({ ...network, plan: scarce }, samples)).toThrow('hangs');
      expect(() => predictCycles(scarce, workload(scarce))).toThrow('hangs');
    },
  );
});
