import { describe, expect, it } from 'vitest';
import { hasEngines } from '../../src/ir/plan.ts';
import type { EngineLayerPlan } from '../../src/ir/plan.ts';
import { limitOf } from '../../src/report/layer-limit.ts';
import { randomQueueCase } from '../support/random-case.ts';

function layerWith(numbers: Partial<EngineLayerPlan>, queues: number): EngineLayerPlan {
  const layer = randomQueueCase(1, 'sparse-sparse', 1).network.plan.layers.find(hasEngines);
  if (layer === undefined) throw new Error('a network has a layer of engines');
  const { window } = layer;
  const one = { height: 1, width: 1 };
  return {
    ...layer,
    ...numbers,
    window: { ...window, pool: one, output: one },
    choice: { ...layer.choice, engines: 1, queues },
  };
}

const idle = { starved: 0, blocked: 0 };

describe('limitOf', () => {
  it.each([
    ['busiest queue', layerWith({ windowWords: 90 }, 4), { ...idle, busy: 100, interval: 110 }],
    ['one token a cycle', layerWith({ windowWords: 50 }, 4), { ...idle, busy: 100, interval: 110 }],
    ['another layer', layerWith({ windowWords: 90 }, 4), { ...idle, busy: 100, interval: 210 }],
    ['another layer', layerWith({}, 0), { busy: 40, starved: 60, blocked: 0, interval: 100 }],
    ['drain', layerWith({}, 0), { busy: 40, starved: 0, blocked: 60, interval: 100 }],
    [
      'sets in lockstep',
      layerWith({ packingEfficiency: 0.5 }, 0),
      { ...idle, busy: 9, interval: 9 },
    ],
    ['slowest lane', layerWith({ packingEfficiency: 1 }, 0), { ...idle, busy: 9, interval: 9 }],
    [null, layerWith({}, 0), { ...idle, busy: 0, interval: 0 }],
  ])('%s', (limit, layer, cycles) => {
    expect(limitOf(layer, cycles)).toBe(limit);
  });
});
