import { describe, expect, it } from 'vitest';
import { usableResources } from '../../src/ir/board.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { LayerChoice, Plan } from '../../src/ir/plan.ts';
import { intervalOn } from '../../src/plan/cycles/interval-on.ts';
import { layerRate } from '../../src/plan/search/layer-rate.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import { planVariant } from '../../src/plan/planner.ts';
import { readBoard } from '../../src/read/board.ts';
import { engineLayers } from '../support/engine-layers.ts';
import { planContext } from '../support/plan-context.ts';
import { graphOf, linear, positiveConvolution, quantizePositive } from '../support/small-graph.ts';

const shape = { channels: 3, height: 6, width: 7 };
const inner = { ...shape, channels: 32 };
const sites = shape.height * shape.width;

/** A convolution none of whose 32 values a site is 0, and a reader. */
const graph = quantizePositive(
  graphOf(shape, [
    positiveConvolution('first', 'input', shape, inner.channels, 3),
    linear('last', 'first', inner),
  ]),
);
const evaluations = [prepareEvaluator(graph)(new Int16Array(3 * sites).fill(100))];

/** All products of a window at once, four sums a cycle, `tailTokens` of them into densify. */
function plan(tailTokens: number): Plan {
  const first: LayerChoice = {
    core: 'dense',
    engines: 1,
    lanes: 9,
    values: 1,
    setsParallel: 32,
    queues: 0,
    channelLanes: false,
    blockWeights: false,
    ultraWeights: false,
    ultraStore: false,
    drainWidth: 4,
    readWidth: 4,
    inputTokens: 1,
    tailTokens,
  };
  const last = { ...first, lanes: 7, values: 4, setsParallel: 3, drainWidth: 1, readWidth: 1 };
  const layers = [first, { ...last, inputTokens: 4, tailTokens: 1 }];
  const choice = { copies: 1, layers, answerWords: 1 };
  return planNetwork(graph, packNetwork(graph, 'dense'), choice, planContext('dense')).plan;
}

function rateOf(planned: Plan): number {
  const [first] = engineLayers(planned);
  if (first === undefined) throw new Error('a layer');
  return layerRate(first, 3, inner.channels).interval;
}

describe('the rate of densify', () => {
  it('bounds a layer: the exact model takes as long, and no longer with more tokens a cycle', () => {
    const [one, two] = [plan(1), plan(2)];
    expect(rateOf(one)).toBe(sites * 32);
    expect(intervalOn(one, evaluations)(one)).toBe(sites * 32);
    expect(rateOf(two)).toBeLessThan(sites * 18);
    const exact = intervalOn(two, evaluations)(two);
    expect(Math.abs(exact - rateOf(two))).toBeLessThan(0.1 * exact);
  });

  it('no planned layer is slower than the interval it reports', async () => {
    const board = await readBoard('zcu104');
    const tokensPerSite = [3, inner.channels, 1];
    const { network, plannedInterval, resources } = planVariant(graph, 'dense', {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: board.clockMHz,
      tokensPerSite,
    });
    expect(resources.lut).toBeLessThanOrEqual(usableResources(board).lut);
    for (const layer of engineLayers(network.plan)) {
      const [input, output] = [layer.index, layer.index + 1].map((at) => tokensPerSite[at] ?? 1);
      expect(layerRate(layer, input ?? 1, output ?? 1).interval).toBeLessThanOrEqual(
        plannedInterval,
      );
    }
  });
});
