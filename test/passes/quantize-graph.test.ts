import { describe, expect, it } from 'vitest';
import { splitAnswers } from '../../src/evaluate/answers.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { formatRange } from '../../src/evaluate/integer.ts';
import { prepareEvaluator, quantizeInputs, sampleAt } from '../../src/evaluate/quantized.ts';
import { inputsOf, reluActivation, type Graph, type KWinners } from '../../src/ir/graph.ts';
import {
  windowOf,
  type ActivationFormat,
  type IntegerRange,
  type QuantizedGraph,
  type QuantizedLayer,
  type QuantizedWindow,
} from '../../src/ir/quantized.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizeGraph, type QuantizeOptions } from '../../src/passes/quantize.ts';
import { at } from '../evaluate/plain.ts';
import { randomDag } from '../evaluate/random-dag.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import {
  add,
  concat,
  graphOf,
  identityWindow,
  linear,
  randomSamples,
  sampleOf,
} from './hand-made.ts';

function inputFormatsOf(quantized: QuantizedLayer): readonly ActivationFormat[] {
  return 'inputFormats' in quantized ? quantized.inputFormats : [quantized.inputFormat];
}

/** Whether the sums need all bits there are, by the interval of each channel. */
function expectExactWidth(
  { layer, weights, bias, accumulatorBits }: QuantizedWindow,
  ranges: ReadonlyMap<string, IntegerRange | null>,
  place: string,
): void {
  const { minimum, maximum } = ranges.get(layer.input) ?? { minimum: NaN, maximum: NaN };
  const size = weights.length / bias.length;
  const ends = Array.from(bias, (channelBias, channel) => {
    const kernel = Array.from(weights.subarray(channel * size, (channel + 1) * size));
    const products = kernel.map((weight) => [weight * minimum, weight * maximum]);
    const least = products.reduce((sum, pair) => sum + Math.min(...pair), 0);
    const greatest = products.reduce((sum, pair) => sum + Math.max(...pair), 0);
    return [least, greatest, least + channelBias, greatest + channelBias];
  }).flat();
  const needed = Math.max(...ends.map((end) => (end < 0 ? -end - 1 : end)));
  expect(accumulatorBits, place).toBe(1 + (needed === 0 ? 0 : Math.floor(Math.log2(needed)) + 1));
}

/** What has to hold of the numbers of a graph, whatever it computes. */
function expectLegal(graph: QuantizedGraph, place: string): void {
  const ranges = new Map<string, IntegerRange | null>([
    [graph.input.name, formatRange(graph.input.format)],
  ]);
  const formats = new Map<string, ActivationFormat | null>([
    [graph.input.name, graph.input.format],
  ]);
  for (const quantized of graph.layers) {
    const { layer, outputFormat, outputRange } = quantized;
    const where = `${place}, ${layer.name}`;
    const inputs = inputFormatsOf(quantized);
    expect(inputs, where).toEqual(inputsOf(layer).map((edge) => formats.get(edge)));
    formats.set(layer.name, outputFormat);
    ranges.set(layer.name, outputRange);
    if (quantized.kind === 'window') expectExactWidth(quantized, ranges, where);
    if (quantized.kind === 'concat') {
      for (const { scale } of inputs) expect(scale, where).toBe(outputFormat?.scale);
    }
    if (quantized.kind === 'max-pool') expect(outputFormat, where).toEqual(inputs[0]);
    if (quantized.kind === 'add') {
      const larger = Math.max(...quantized.multipliers.map(Math.abs));
      expect(larger >= 2 ** 15 && larger < 2 ** 16, where).toBe(true);
    }
    if (outputFormat === null || outputRange === null) {
      const plain = layer.activation.kind === 'identity' && layer.kWinners === null;
      expect(plain && layer.kind === 'window', where).toBe(true);
      expect([outputFormat, outputRange], where).toEqual([null, null]);
      continue;
    }
    const whole = formatRange(outputFormat);
    expect(outputFormat.bits >= 2 && outputFormat.bits <= 9, where).toBe(true);
    expect(outputRange.minimum, where).toBeGreaterThanOrEqual(whole.minimum);
    expect(outputRange.maximum, where).toBeLessThanOrEqual(whole.maximum);
    expect(outputRange.minimum <= 0 && outputRange.maximum >= 0, where).toBe(true);
    if (layer.kind !== 'window') continue;
    const { weights } = windowOf(quantized);
    const born = weights.filter((weight, index) => weight !== 0 && at(layer.weights, index) === 0);
    expect(born, where).toHaveLength(0);
  }
}

/** What a run shows: values in their ranges, sums in their width. */
function expectWithin(graph: QuantizedGraph, input: Int16Array, place: string): void {
  prepareEvaluator(graph)(input).layers.forEach(({ values, accumulators }, index) => {
    const quantized = at(graph.layers, index);
    const where = `${place}, ${quantized.name}`;
    const { minimum, maximum } = quantized.outputRange ?? { minimum: 0, maximum: 0 };
    expect(
      values.filter((value) => value < minimum || value > maximum),
      where,
    ).toHaveLength(0);
    if (quantized.kind !== 'window') return;
    const limit = 2 ** (quantized.accumulatorBits - 1);
    const sites = accumulators.length / quantized.bias.length;
    const outside = accumulators.filter((sum, place) => {
      const biased = sum + at(quantized.bias, Math.floor(place / sites));
      return sum < -limit || sum >= limit || biased < -limit || biased >= limit;
    });
    expect(outside, where).toHaveLength(0);
  });
}

/** Error of all answers, root of its mean square over that of the float answers. */
function relativeError(graph: Graph, samples: Samples, options?: QuantizeOptions): number {
  const { graph: quantized } = quantizeGraph(graph, samples, options);
  const integers = quantizeInputs(quantized, samples);
  const evaluate = prepareEvaluator(quantized);
  const evaluateFloat = prepareFloatEvaluator(graph);
  let error = 0;
  let signal = 0;
  for (let index = 0; index < samples.count; index += 1) {
    const float = evaluateFloat(sampleOf(samples, index)).logits;
    const { logits } = evaluate(sampleAt(integers, samples.sampleSize, index));
    const real = splitAnswers(quantized, logits).flatMap((answer) => Array.from(answer.real));
    expect(real).toHaveLength(float.length);
    real.forEach((value, place) => {
      error += (value - at(float, place)) ** 2;
      signal += at(float, place) ** 2;
    });
  }
  return Math.sqrt(error / signal);
}

/** k-WTA is not continuous: one rounding may pick another winner. */
function withoutWinners(graph: Graph): Graph {
  return { ...graph, layers: graph.layers.map((layer) => ({ ...layer, kWinners: null })) };
}

describe('a graph of every kind of layer in integers', () => {
  it('has consistent formats, legal ranges and exact widths', () => {
    for (let seed = 1; seed <= 120; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomDag(random);
      const samples = randomSamples(graph, random, 6, seed % 2 === 0 ? 0 : -1);
      const { graph: quantized } = quantizeGraph(graph, samples);
      expectLegal(quantized, `seed ${seed}`);
      // Not only inputs like those of the calibration: the largest there are.
      const { minimum, maximum } = formatRange(quantized.input.format);
      const extreme = Int16Array.from({ length: samples.sampleSize }, () =>
        random() < 0.5 ? minimum : maximum,
      );
      expectWithin(quantized, extreme, `seed ${seed}`);
    }
  }, 60_000);

  it('stays near the float network where no winner changes', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seededRandom(seed);
      const graph = withoutWinners(randomDag(random));
      const samples = randomSamples(graph, random, 12);
      expect(relativeError(graph, samples), `seed ${seed}`).toBeLessThan(0.04);
    }
  }, 60_000);

  it('gains from corrected biases where bits are scarce', () => {
    const bits = { weightBits: 4, activationBits: 5 };
    let corrected = 0;
    let plain = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = seededRandom(seed);
      const graph = withoutWinners(randomDag(random));
      const samples = randomSamples(graph, random, 12);
      corrected += relativeError(graph, samples, bits);
      plain += relativeError(graph, samples, { ...bits, correctBias: false });
    }
    expect(corrected).toBeLessThan(0.9 * plain);
  }, 60_000);
});

describe('edges joined by a concat', () => {
  const wide = { ...linear('wide', 'input', [[40]], [0]), activation: reluActivation };
  const narrow = linear('narrow', 'input', [[-1]], [0]);
  const identity: QuantizedLayer['layer'] = {
    ...identityWindow('winner', 'narrow', 1),
    kWinners: { k: 1, scope: 'layer', groups: 1, tiesInModel: false },
  };
  const layers = [
    wide,
    narrow,
    identity,
    concat('inner', ['winner', 'input'], [1, 1]),
    concat('outer', ['inner', 'wide'], [2, 1]),
    linear('last', 'outer', [[1, 1, 1]], [0]),
  ];

  it('have one format, through further concats and identity windows', () => {
    const graph = graphOf(1, layers);
    const samples = randomSamples(graph, seededRandom(1), 30);
    const { graph: quantized } = quantizeGraph(graph, samples, { ranges: 'max' });
    const formats = quantized.layers.map(({ outputFormat }) => outputFormat);
    for (const format of formats.slice(0, 5)) expect(format).toEqual(quantized.input.format);
    // The widest of them decides.
    const largest = Math.fround(Math.max(...samples.data) * 40);
    expect(quantized.input.format).toEqual({ bits: 8, signed: true, scale: largest / 127 });
    // What cannot be negative says so all the same.
    expect(quantized.layers[0]?.outputRange).toEqual({ minimum: 0, maximum: 127 });
    expect(quantized.layers[4]?.outputRange).toEqual({ minimum: -128, maximum: 127 });
    // An identity window between equal scales changes no value.
    const winner = windowOf(at(quantized.layers, 2));
    expect(winner.requantization).toEqual({
      multiplier: Uint16Array.of(32768),
      shift: Uint8Array.of(15),
    });
    expect([winner.weights[0], winner.bias[0]]).toEqual([1, 0]);
  });

  it('keep a range without negatives inside a signed format', () => {
    // Never negative, but not by an activation: average pooling of what was rectified.
    const average = { ...identityWindow('average', 'wide', 1), weights: Float32Array.of(0.25) };
    const graph = graphOf(1, [
      wide,
      average,
      concat('joined', ['average', 'input'], [1, 1]),
      linear('last', 'joined', [[1, 1]], [0]),
    ]);
    const { graph: quantized } = quantizeGraph(graph, randomSamples(graph, seededRandom(7), 30));
    expect(quantized.layers[1]?.outputFormat).toEqual(quantized.input.format);
    expect(quantized.layers[1]?.outputRange).toEqual({ minimum: 0, maximum: 127 });
  });

  it('leave the bias of an identity window at 0, whatever was clipped before it', () => {
    const winners: KWinners = { k: 300, scope: 'layer', groups: 1, tiesInModel: false };
    const first = { ...identityWindow('first', 'input', 400), kWinners: winners };
    const graph = graphOf(400, [
      first,
      linear('last', 'first', [new Array<number>(400).fill(1)], [0]),
    ]);
    const samples = randomSamples(graph, seededRandom(8), 20, 0);
    // One value in 400 is far beyond the range that serves the others.
    for (let sample = 0; sample < 20; sample += 1) samples.data[sample * 400] = 8;
    const { graph: quantized } = quantizeGraph(graph, samples, { activationBits: 2 });
    const { scale } = quantized.input.format;
    expect(scale * 3).toBeLessThan(7);
    expect(windowOf(at(quantized.layers, 0)).bias.every((bias) => bias === 0)).toBe(true);
    expect(windowOf(at(quantized.layers, 1)).bias[0]).not.toBe(0);
  });

  it('leave an edge alone that only an addition reads', () => {
    const graph = graphOf(1, [
      wide,
      narrow,
      add('sum', ['wide', 'narrow'], 1),
      linear('last', 'sum', [[1]], [0]),
    ]);
    const { graph: quantized } = quantizeGraph(graph, randomSamples(graph, seededRandom(2), 30));
    const [left, right] = quantized.layers.map(({ outputFormat }) => outputFormat?.scale ?? NaN);
    const sum = at(quantized.layers, 2);
    if (sum.kind !== 'add') throw new Error('an addition');
    const scale = sum.outputFormat.scale;
    expect(sum.multipliers[0] / 2 ** sum.shift).toBeCloseTo((left ?? NaN) / scale, 4);
    expect(sum.multipliers[1] / 2 ** sum.shift).toBeCloseTo((right ?? NaN) / scale, 4);
    expect((left ?? NaN) / (right ?? NaN)).toBeGreaterThan(15);
  });
});

describe('what leaves a network', () => {
  const relu = { ...linear('first', 'input', [[1, 2]], [0]), activation: reluActivation };

  it('is accumulators only behind a plain layer that nothing else reads', () => {
    const winners: KWinners = { k: 1, scope: 'layer', groups: 1, tiesInModel: false };
    const graph = graphOf(
      2,
      [
        relu,
        linear('inner', 'first', [[-1]], [0]),
        linear('last', 'inner', [[2], [3]], [0, 0]),
        { ...linear('winner', 'inner', [[2], [3]], [0, 0]), kWinners: winners },
      ],
      ['first', 'inner', 'last', 'winner'],
    );
    const samples = randomSamples(graph, seededRandom(3), 20);
    const { graph: quantized, report } = quantizeGraph(graph, samples);
    const rounds = quantized.layers.map((layer) => windowOf(layer).requantization !== null);
    expect(rounds).toEqual([true, true, false, true]);
    expect(report.layers.map(({ range }) => range !== null)).toEqual(rounds);
    expect(relativeError(withoutWinners(graph), samples)).toBeLessThan(0.02);
  });

  it('is signed behind a minus sign, though both branches are not', () => {
    const other = { ...linear('other', 'input', [[2, 1]], [0]), activation: reluActivation };
    const minus = graphOf(2, [relu, other, add('sum', ['first', 'other'], 1, [1, -1])]);
    const samples = randomSamples(minus, seededRandom(9), 20);
    expect(quantizeGraph(minus, samples).graph.layers[2]?.outputFormat?.signed).toBe(true);
    expect(relativeError(minus, samples)).toBeLessThan(0.02);
    const plus = graphOf(2, [relu, other, add('sum', ['first', 'other'], 1)]);
    expect(quantizeGraph(plus, samples).graph.layers[2]?.outputFormat?.signed).toBe(false);
  });

  it('may be a sum, a concat or a pool', () => {
    const graph = graphOf(
      2,
      [relu, linear('other', 'input', [[1, -1]], [0]), add('sum', ['first', 'other'], 1, [1, -1])],
      ['sum'],
    );
    const samples = randomSamples(graph, seededRandom(4), 20);
    expect(relativeError(graph, samples)).toBeLessThan(0.02);
    const { graph: quantized } = quantizeGraph(graph, samples);
    const sum = at(quantized.layers, 2);
    if (sum.kind !== 'add') throw new Error('an addition');
    expect(Math.sign(sum.multipliers[0])).toBe(1);
    expect(Math.sign(sum.multipliers[1])).toBe(-1);
  });
});

describe('activations in integers', () => {
  it('clips at the rounded bounds, and leaks by a second pair', () => {
    const clip = { kind: 'clip', lower: -0.5, upper: 0.25 } as const;
    const leaky = { kind: 'leaky-relu', slope: 0.25 } as const;
    const graph = graphOf(1, [
      { ...linear('clipped', 'input', [[1]], [0]), activation: clip },
      { ...linear('leaking', 'input', [[1]], [0]), activation: leaky },
      { ...linear('shut', 'input', [[1]], [0]), activation: { ...leaky, slope: 0 } },
      concat('both', ['clipped', 'leaking'], [1, 1]),
      concat('all', ['both', 'shut'], [2, 1]),
      linear('last', 'all', [[1, 1, 1]], [0]),
    ]);
    const samples = randomSamples(graph, seededRandom(5), 40);
    const { graph: quantized } = quantizeGraph(graph, samples);
    const [clipped, leaking, shut] = quantized.layers.slice(0, 3).map(windowOf);
    const scale = clipped?.outputFormat?.scale ?? NaN;
    expect(clipped?.outputRange).toEqual({
      minimum: Math.floor(-0.5 / scale + 0.5),
      maximum: Math.floor(0.25 / scale + 0.5),
    });
    expect(clipped?.negativeRequantization).toBeNull();
    const factor = (pair: typeof leaking, name: 'requantization' | 'negativeRequantization') =>
      (pair?.[name]?.multiplier[0] ?? NaN) / 2 ** (pair?.[name]?.shift[0] ?? NaN);
    expect(
      factor(leaking, 'negativeRequantization') / factor(leaking, 'requantization'),
    ).toBeCloseTo(0.25, 4);
    expect(shut?.negativeRequantization).toBeNull();
    expect(shut?.outputRange?.minimum).toBe(0);
    expect(relativeError(graph, samples)).toBeLessThan(0.03);
  });

  it('knows an average of values >= 0 to be >= 0, with weights of exactly 1', () => {
    const average = {
      ...identityWindow('average', 'input', 2),
      weights: new Float32Array(2).fill(1 / 49),
    };
    const graph = graphOf(2, [average, linear('last', 'average', [[1, 1]], [0])]);
    const samples = randomSamples(graph, seededRandom(6), 20, 0);
    const [quantized] = quantizeGraph(graph, samples).graph.layers.map(windowOf);
    expect(Array.from(quantized?.weights ?? [])).toEqual([1, 1]);
    expect(quantized?.weightScale[0]).toBe(Math.fround(1 / 49));
    expect(quantized?.outputFormat?.signed).toBe(false);
  });
});
