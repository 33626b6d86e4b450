import { describe, expect, it } from 'vitest';
import type { AxisOrder } from '../../src/ir/axis-order.ts';
import type { Graph } from '../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { driverFacts } from '../../src/plan/interfaces/driver-facts.ts';
import { diagnosticsOf } from '../support/user-error.ts';

/** As much of a network as the facts of its driver rest on. */
function facts(sampleOrder: AxisOrder | undefined) {
  const shape = { channels: 4, height: 4, width: 4 };
  const input = sampleOrder === undefined ? {} : { sampleOrder };
  const graph = { input, outputs: [], layers: [], hostOperators: [] } as unknown as Graph;
  const quantized = {
    input: { range: { minimum: 0, maximum: 255 }, shape },
  } as unknown as QuantizedGraph;
  return driverFacts(graph, quantized);
}

describe('the order in which a driver takes values', () => {
  it('is channels first, or last, in steps', () => {
    expect(facts(undefined).inputSteps).toEqual({ channel: 16, row: 4, column: 1 });
    const last = { dims: [4, 4, 4], lengths: [4, 4, 4], axes: [2, 0, 1] };
    expect(facts(last).inputSteps).toEqual({ channel: 1, row: 16, column: 4 });
  });

  it('is refused where steps cannot tell it: space to depth', () => {
    const order = { dims: [1, 8, 8], lengths: [4, 2, 4, 2], axes: [1, 3, 0, 2] };
    expect(diagnosticsOf(() => facts(order))).toMatchObject([
      { code: 'axi/order', place: '--axi' },
    ]);
  });
});
