import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { shapeSize } from '../../src/ir/graph.ts';
import type { Graph } from '../../src/ir/graph.ts';
import { takesWinners } from '../../src/sparsify/plan/layer-goal.ts';
import type { SparsityPlan } from '../../src/sparsify/plan/layer-goal.ts';
import { balanceChannels } from '../../src/sparsify/prune/balance-channels.ts';
import { winnersBehind } from '../../src/sparsify/prune/prune-network.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { randomGraph, seededRandom } from '../evaluate/random-graph.ts';
import { noise } from '../support/onnx-builder.ts';
import { graphOf, linear, positiveConvolution } from '../support/small-graph.ts';

function planOf(graph: Graph, k: number): SparsityPlan {
  return graph.layers.map((layer) => ({
    name: layer.name,
    pattern: null,
    kWinners: takesWinners(graph, layer) ? k : null,
  }));
}

describe('channels before a k-WTA', () => {
  const seeds = Array.from({ length: 30 }, (_, seed) => seed + 1);
  it.each(seeds)('are scaled without a change to the answers: random graph %i', (seed) => {
    const random = seededRandom(seed);
    const graph = seed % 2 === 0 ? randomDag(random) : randomGraph(random);
    const balanced = balanceChannels(graph, planOf(graph, 1));
    const sample = noise(shapeSize(graph.input.shape), seed);
    const before = prepareFloatEvaluator(graph)(sample).logits;
    const after = prepareFloatEvaluator(balanced)(sample).logits;
    before.forEach((value, at) => {
      expect(Math.abs((after[at] ?? NaN) - value)).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(value)),
      );
    });
  });

  it('win by what they do in the layer behind', () => {
    const shape = { channels: 1, height: 1, width: 1 };
    const first = positiveConvolution('first', 'input', shape, 2, 1);
    // Channel 0 is ten times as large, channel 1 counts a hundred times as much.
    const conv = { ...first, weights: Float32Array.of(10, 1), bias: new Float32Array(2) };
    const second = linear('answer', 'first', { ...shape, channels: 2 });
    const weights = Float32Array.of(1, 100, 1, 100, 1, 100);
    const graph = graphOf(shape, [conv, { ...second, weights, bias: new Float32Array(3) }]);
    const winnerOf = (one: Graph): number => {
      const [layer, answer] = one.layers;
      if (layer?.kind !== 'window' || answer === undefined) throw new Error('two layers');
      const chosen = { ...one, layers: [{ ...layer, kWinners: winnersBehind(layer, 1) }, answer] };
      return prepareFloatEvaluator(chosen)(Float32Array.of(1)).logits[0] ?? NaN;
    };
    expect(winnerOf(graph)).toBeCloseTo(10, 4);
    expect(winnerOf(balanceChannels(graph, planOf(graph, 1)))).toBeCloseTo(100, 4);
  });
});
