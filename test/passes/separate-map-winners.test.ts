import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { prepareEvaluator, quantizeInputs, sampleAt } from '../../src/evaluate/quantized.ts';
import { shapeSize, type Graph } from '../../src/ir/graph.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { separateMapWinners } from '../../src/passes/separate-map-winners.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { seededRandom, type Random } from '../evaluate/random-graph.ts';

const seeds = Array.from({ length: 120 }, (_, index) => index + 1);

function samplesOf(graph: Graph, random: Random): Samples {
  const sampleSize = shapeSize(graph.input.shape);
  const data = Float32Array.from({ length: 6 * sampleSize }, () => random() * 2 - 1);
  return { count: 6, sampleSize, data };
}

describe('k-WTA over a map as a layer of its own', () => {
  it('stands behind the window that had it, and is read in its place', () => {
    let separated = 0;
    for (const seed of seeds) {
      const drawn = randomDag(seededRandom(seed));
      const graph = separateMapWinners(drawn);
      const added = graph.layers.filter(({ kind }) => kind === 'winners');
      separated += added.length;
      expect(graph.layers).toHaveLength(drawn.layers.length + added.length);
      for (const { kind, kWinners, outputShape } of graph.layers) {
        const isMap = kWinners?.scope === 'layer' && outputShape.height * outputShape.width > 1;
        expect(isMap).toBe(kind === 'winners');
      }
      expect(new Set(graph.layers.map(({ name }) => name)).size).toBe(graph.layers.length);
      expect(separateMapWinners(graph)).toBe(graph);
    }
    expect(separated).toBeGreaterThan(10);
  });

  it('changes no answer, format, weight or tie rate', () => {
    for (const seed of seeds) {
      const random = seededRandom(seed);
      const drawn = randomDag(random);
      const graph = separateMapWinners(drawn);
      if (graph === drawn) continue;
      const samples = samplesOf(drawn, random);
      const float = prepareFloatEvaluator(drawn);
      const floatSeparated = prepareFloatEvaluator(graph);
      const one = quantizeGraph(drawn, samples, { keepTies: seed % 2 === 0 });
      const other = quantizeGraph(graph, samples, { keepTies: seed % 2 === 0 });
      const integer = prepareEvaluator(one.graph);
      const integerSeparated = prepareEvaluator(other.graph);
      const integers = quantizeInputs(one.graph, samples);
      for (let index = 0; index < samples.count; index += 1) {
        const real = sampleOf(samples, index);
        expect(floatSeparated(real).logits).toEqual(float(real).logits);
        const input = sampleAt(integers, samples.sampleSize, index);
        expect(integerSeparated(input).logits, `seed ${seed}`).toEqual(integer(input).logits);
      }
      const rates = (report: typeof one.report): readonly number[] =>
        report.layers.flatMap(({ tieRate }) => tieRate ?? []);
      expect(rates(other.report)).toEqual(rates(one.report));
    }
  });
});

function sampleOf({ data, sampleSize }: Samples, index: number): Float32Array {
  return data.subarray(index * sampleSize, (index + 1) * sampleSize);
}
