import { describe, expect, it } from 'vitest';
import { splitAnswers } from '../../src/evaluate/answers.ts';
import { evaluateQuantized, quantizeInputs } from '../../src/evaluate/quantized.ts';
import {
  reluActivation,
  type GivenFormat,
  type GivenQuantization,
  type Graph,
  type Layer,
} from '../../src/ir/graph.ts';
import { windowOf } from '../../src/ir/quantized.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { at } from '../evaluate/plain.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import { diagnosticsOf } from '../support/user-error.ts';
import { add, concat, graphOf, identityWindow, linear, randomSamples } from './hand-made.ts';

type GivenWeights = Readonly<Record<string, { readonly scale: readonly number[]; bits: number }>>;

function given(
  edges: Readonly<Record<string, GivenFormat>>,
  weights: GivenWeights = {},
): GivenQuantization {
  return {
    edges: new Map(Object.entries(edges)),
    weights: new Map(
      Object.entries(weights).map(([name, { scale, bits }]) => {
        return [name, { scale: Float64Array.from(scale), bits }];
      }),
    ),
  };
}

const unsigned = (scale: number): GivenFormat => ({ scale, minimum: 0, maximum: 255 });

/** Weights integer * scale as float32 stores them. */
function real(integers: readonly number[], scale: number): number[] {
  return integers.map((integer) => Math.fround(Math.fround(scale) * integer));
}

describe('a model that is quantised already', () => {
  const weightScale = Math.fround(0.0123);
  const first = {
    ...linear('first', 'input', [real([-128, 0, 127], weightScale), real([1, 2, 3], 0.5)], [1, -2]),
    activation: reluActivation,
  };
  const layers = [first, linear('last', 'first', [real([5, -7], 0.25)], [0.3])];
  const numbers = given(
    { input: { scale: 0.1, minimum: -3, maximum: 252 }, first: unsigned(0.07) },
    { first: { scale: [weightScale, 0.5], bits: 8 }, last: { scale: [0.25], bits: 4 } },
  );
  const graph: Graph = { ...graphOf(3, layers), given: numbers };

  it('keeps its scales, ranges and integers without any sample', () => {
    const { graph: quantized, report } = quantizeGraph(graph, null);
    // A zero point of 3 costs a bit: -3 .. 252 are 9 bits.
    expect(quantized.input.format).toEqual({ bits: 9, signed: true, scale: 0.1 });
    const [inner, last] = quantized.layers.map(windowOf);
    expect(Array.from(inner?.weights ?? [])).toEqual([-128, 0, 127, 1, 2, 3]);
    expect(Array.from(inner?.weightScale ?? [])).toEqual([weightScale, 0.5]);
    expect(inner?.weightBits).toBe(8);
    expect(inner?.outputFormat).toEqual({ bits: 8, signed: false, scale: 0.07 });
    expect(inner?.outputRange).toEqual({ minimum: 0, maximum: 255 });
    expect(Array.from(inner?.bias ?? [])).toEqual([
      Math.round(1 / (0.1 * weightScale)),
      Math.round(-2 / (0.1 * 0.5)),
    ]);
    expect(Array.from(last?.weights ?? [])).toEqual([5, -7]);
    expect(last?.weightBits).toBe(4);
    expect(last?.requantization).toBeNull();
    expect(report.layers[0]?.range?.clip).toBeCloseTo(0.07 * 255, 10);
    expect(report.layers[0]?.tieRate).toBeNull();
  });

  it('is not recalibrated, nor are its biases corrected', () => {
    // Beyond what the input holds, so that every mean is off.
    const samples = randomSamples(graph, seededRandom(1), 30, 0);
    const beyond = { ...samples, data: samples.data.map((value) => 20 + 30 * value) };
    expect(quantizeGraph(graph, beyond).graph).toEqual(quantizeGraph(graph, null).graph);
  });

  it('clamps samples as it would, not to all of the format', () => {
    const { graph: quantized } = quantizeGraph(graph, null);
    expect(quantized.input.range).toEqual({ minimum: -3, maximum: 252 });
    const samples = { count: 1, sampleSize: 3, data: Float32Array.of(-9, 1, 99) };
    expect(Array.from(quantizeInputs(quantized, samples))).toEqual([-3, 10, 252]);
  });

  it('uses the exact range of its values for the width of sums', () => {
    const wide = given({ input: unsigned(1), first: { scale: 1, minimum: 0, maximum: 3 } });
    const small = [
      { ...linear('first', 'input', [[1, 1, 1]], [0]), activation: reluActivation },
      linear('last', 'first', [[1]], [0]),
    ];
    const { graph: quantized } = quantizeGraph({ ...graphOf(3, small), given: wide }, null);
    expect(quantized.layers.map((layer) => windowOf(layer).accumulatorBits)).toEqual([11, 3]);
  });

  it('rounds an answer that it quantises itself', () => {
    const rounded: Graph = {
      ...graphOf(3, layers),
      given: { ...numbers, edges: new Map([...numbers.edges, ['last', unsigned(0.5)]]) },
    };
    const { graph: quantized } = quantizeGraph(rounded, null);
    const last = windowOf(at(quantized.layers, 1));
    expect(last.outputFormat).toEqual({ bits: 8, signed: false, scale: 0.5 });
    const input = quantizeInputs(quantized, {
      count: 1,
      sampleSize: 3,
      data: Float32Array.of(9, 2, 20),
    });
    // first: 0.0123 * (127 * 20 - 128 * 9) + 1 clipped to 17.85; 0.5 * 73 - 2 clipped to it too.
    const { logits } = evaluateQuantized(quantized, input);
    const wanted = 0.25 * (5 * 0.07 * 255 - 7 * 0.07 * 255) + 0.3;
    expect(wanted).toBeLessThan(0);
    expect(splitAnswers(quantized, logits)[0]?.real[0]).toBe(0);
  });

  it('asks for samples where it leaves an edge open, and keeps what it says', () => {
    const open: Graph = {
      ...graphOf(3, layers),
      given: { ...numbers, edges: new Map([['input', unsigned(0.1)]]) },
    };
    expect(diagnosticsOf(() => quantizeGraph(open, null)).map(({ code }) => code)).toEqual([
      'quantize/no-calibration',
    ]);
    const samples = randomSamples(open, seededRandom(2), 10, 0);
    const { graph: quantized } = quantizeGraph(open, samples);
    expect(quantized.input.format).toEqual({ bits: 8, signed: false, scale: 0.1 });
    expect(quantized.layers[0]?.outputFormat?.scale).not.toBe(0.07);
    expect(diagnosticsOf(() => quantizeGraph({ ...open, given: null }, null))).toHaveLength(1);
  });

  it('needs one scale for what a concat joins; an identity window may change it', () => {
    const other: Layer = {
      ...linear('other', 'input', [[1, 1, 1]], [0]),
      activation: reluActivation,
    };
    const joined = (inputs: readonly [string, string], channels: readonly number[]): Layer[] => [
      concat('joined', inputs, channels),
      linear('end', 'joined', [[1, 1, 1]], [0]),
    ];
    const edges = {
      input: unsigned(0.1),
      first: unsigned(0.07),
      other: unsigned(0.14),
      rescaled: unsigned(0.07),
    };
    const weights = { first: { scale: [weightScale, 0.5], bits: 8 } };
    const direct: Graph = {
      ...graphOf(3, [first, other, ...joined(['first', 'other'], [2, 1])]),
      given: given(edges, weights),
    };
    expect(() => quantizeGraph(direct, null)).toThrow(/one scale/);
    const rescaled: Graph = {
      ...graphOf(3, [
        first,
        other,
        identityWindow('rescaled', 'other', 1),
        ...joined(['first', 'rescaled'], [2, 1]),
      ]),
      given: given(edges, weights),
    };
    const { graph: quantized } = quantizeGraph(rescaled, null);
    const window = windowOf(at(quantized.layers, 2));
    const factor =
      at(window.requantization?.multiplier ?? [], 0) /
      2 ** at(window.requantization?.shift ?? [], 0);
    expect(factor).toBeCloseTo(2, 4);
    expect(quantized.layers[3]?.outputFormat).toEqual({ bits: 8, signed: false, scale: 0.07 });
  });

  it('adds at its own scales', () => {
    const sum: Graph = {
      ...graphOf(2, [
        { ...linear('left', 'input', [[1, 1]], [0]), activation: reluActivation },
        { ...linear('right', 'input', [[1, -1]], [0]), activation: reluActivation },
        add('sum', ['left', 'right'], 1),
      ]),
      given: given({
        input: unsigned(0.1),
        left: unsigned(0.2),
        right: unsigned(0.05),
        sum: { scale: 0.1, minimum: -128, maximum: 127 },
      }),
    };
    const layer = at(quantizeGraph(sum, null).graph.layers, 2);
    if (layer.kind !== 'add') throw new Error('an addition');
    expect([layer.multipliers, layer.shift]).toEqual([[32768, 8192], 14]);
    expect(layer.outputRange).toEqual({ minimum: -128, maximum: 127 });
  });

  it('refuses formats and weights that are none', () => {
    const wide: Graph = {
      ...graph,
      given: { ...numbers, edges: new Map([['input', { scale: 1, minimum: -1, maximum: 400 }]]) },
    };
    const samples = randomSamples(graph, seededRandom(3), 4);
    const [refused] = diagnosticsOf(() => quantizeGraph(wide, samples));
    expect(refused?.code).toBe('quantize/given-format');
    expect(refused?.place).toBe('input');
    expect(refused?.message).toContain('10 bits');
    const inexact: Graph = {
      ...graph,
      given: given(
        { input: unsigned(0.1), first: unsigned(0.07) },
        { first: { scale: [weightScale * 1.001, 0.5], bits: 8 } },
      ),
    };
    expect(() => quantizeGraph(inexact, null)).toThrow(/integer times its scale/);
    const tooWide: Graph = {
      ...graph,
      given: given(
        { input: unsigned(0.1), first: unsigned(0.07) },
        { first: { scale: [weightScale, 0.5], bits: 7 } },
      ),
    };
    expect(() => quantizeGraph(tooWide, null)).toThrow(/integer times its scale/);
  });
});
