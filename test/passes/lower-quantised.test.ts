import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { prepareEvaluator, quantizeSamples } from '../../src/evaluate/quantized.ts';
import { splitAnswers } from '../../src/evaluate/answers.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { inputsOf, type Graph } from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, floats, onnxNode as node, onnxTensor } from '../support/onnx-builder.ts';
import { diagnosticsOf } from '../support/user-error.ts';
import { integerModel } from '../support/quantised/integer.ts';
import type { QuantisedModel } from '../support/quantised/model-writer.ts';
import {
  cnnNetwork,
  residualNetwork,
  samplesOf,
  withoutLinearBias,
  type QuantisedNetwork,
} from '../support/quantised/network.ts';
import { qdqModel } from '../support/quantised/qdq.ts';
import { qlinearModel } from '../support/quantised/qlinear.ts';
import { evaluateQonnx } from '../support/quantised/qonnx-reference.ts';
import { qonnxModel } from '../support/quantised/qonnx.ts';
import { evaluateNetwork } from '../support/quantised/reference.ts';

function lowerBytes(bytes: Uint8Array): Graph {
  return lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
}

/** A sample in integers of the input, within what the model says of it. */
function inputIntegers(graph: Graph, quantized: QuantizedGraph, sample: Float32Array): Int16Array {
  const given = graph.given?.edges.get(graph.input.name);
  const samples = { count: 1, sampleSize: sample.length, data: sample };
  const { minimum, maximum } = present(given, 'the input is given');
  return quantizeSamples(quantized.input.format, samples).map((value) =>
    Math.max(minimum, Math.min(maximum, value)),
  );
}

const cnn = cnnNetwork();
const signedCnn = cnnNetwork('int8');
const residual = residualNetwork();
const signedResidual = residualNetwork('int8');
const unbiased = withoutLinearBias(cnn);

const forms: readonly (readonly [string, QuantisedNetwork, QuantisedModel])[] = [
  ['QDQ of uint8', cnn, qdqModel(cnn)],
  ['QDQ of int8', signedCnn, qdqModel(signedCnn)],
  ['QDQ with a residual Add', residual, qdqModel(residual)],
  ['QDQ with a residual Add, int8', signedResidual, qdqModel(signedResidual, 21)],
  ['QLinear operators of uint8', cnn, qlinearModel(cnn)],
  ['QLinear operators of int8', signedCnn, qlinearModel(signedCnn)],
  ['QLinear operators with a residual Add', residual, qlinearModel(residual)],
  ['QLinearMatMul', unbiased, qlinearModel(unbiased, 'QLinearMatMul')],
];

describe('a quantised model keeps its own numbers', () => {
  it.each(forms)('%s', (_, network, { bytes, watched }) => {
    const graph = lowerBytes(bytes);
    const { graph: quantized } = quantizeGraph(graph, null);
    const evaluate = prepareEvaluator(quantized);
    const seen = new Map<string, number[]>();
    for (const sample of samplesOf(network, 12)) {
      const { logits } = evaluate(inputIntegers(graph, quantized, sample));
      const answers = splitAnswers(quantized, logits);
      const expected = evaluateNetwork(network, sample);
      for (const [name, { onnxName }] of watched) {
        // The last value is answered under the name of what is dequantised.
        const answer = answers.find((each) => each.name === onnxName) ?? answers[0];
        const { values } = present(expected.get(name), 'the step was evaluated');
        const ours = present(answer, 'there is an answer').integers;
        expect(ours.length).toBe(values.length);
        const distances = seen.get(name) ?? [];
        seen.set(name, distances);
        values.forEach((value, at) => distances.push(Math.abs(value - (ours[at] ?? NaN))));
      }
    }
    expect([...seen.keys()]).toEqual([
      network.input.name,
      ...network.steps.map(({ name }) => name),
    ]);
    for (const [name, distances] of seen) {
      const share = distances.filter((distance) => distance > 0).length / distances.length;
      expect(Math.max(...distances), name).toBeLessThanOrEqual(1);
      expect(share, name).toBeLessThanOrEqual(0.005);
    }
  });

  it('ConvInteger and MatMulInteger, whose last layer answers with its sums', () => {
    const graph = lowerBytes(integerModel(cnn).bytes);
    const { graph: quantized } = quantizeGraph(graph, null);
    const evaluate = prepareEvaluator(quantized);
    const scales = present(cnn.steps.at(-1), 'the network has steps');
    if (scales.kind !== 'window') throw new Error('the last step is a window');
    let worst = 0;
    for (const sample of samplesOf(cnn, 12)) {
      const { logits } = evaluate(inputIntegers(graph, quantized, sample));
      const [answer] = splitAnswers(quantized, logits);
      const { values, output } = present(evaluateNetwork(cnn, sample).get('logits'), 'evaluated');
      // Its real answers are those the others round to their last format.
      answer?.real.forEach((real, at) => {
        const clamped = Math.max(-167, Math.min(88, real / output.scale));
        worst = Math.max(worst, Math.abs(clamped - (values[at] ?? NaN)));
      });
    }
    expect(worst).toBeLessThanOrEqual(1);
  });
});

describe('what is said of the numbers', () => {
  const graph = lowerBytes(qdqModel(residual).bytes);

  it('every edge has the range of its format without the zero point', () => {
    expect(graph.given?.edges.get('x')).toMatchObject({ minimum: -91, maximum: 164 });
    expect(graph.layers.map(({ name }) => graph.given?.edges.get(name)?.minimum)).toEqual([
      0,
      0,
      -149,
      0,
      -9,
      -128,
      // The input itself is watched: an identity window, which keeps its format.
      undefined,
    ]);
  });

  it('weights keep their integers and scales', () => {
    const [stem] = residual.steps;
    const layer = graph.layers.find(({ name }) => name === 'stem_node');
    if (stem?.kind !== 'window' || layer?.kind !== 'window') throw new Error('a window');
    const given = present(graph.given?.weights.get('stem_node'), 'its weights are given');
    expect([...given.scale]).toEqual([...stem.scales].map(Math.fround));
    expect(given.bits).toBe(8);
    expect(
      Array.from(layer.weights, (w, at) => w / (given.scale[Math.floor(at / 27)] ?? 1)).map(
        Math.round,
      ),
    ).toEqual([...stem.weights].map((w) => w + 0));
  });

  it('the Add between the blocks has two inputs and a ReLU', () => {
    const add = graph.layers.find(({ kind }) => kind === 'add');
    expect(add === undefined ? [] : inputsOf(add)).toEqual(['b2_node', 'stem_node']);
    expect(add?.activation).toEqual({ kind: 'clip', lower: 0, upper: null });
  });
});

describe('values of different scales side by side', () => {
  const graph = lowerBytes(
    encodeModel({
      nodes: [
        node('QuantizeLinear', ['x', 'coarse', 'z'], ['q']),
        node('DequantizeLinear', ['q', 'coarse', 'z'], ['d']),
        node('LeakyRelu', ['d'], ['l'], { alpha: 0.5 }),
        node('QuantizeLinear', ['l', 'fine', 'z'], ['lq']),
        node('DequantizeLinear', ['lq', 'fine', 'z'], ['ld']),
        node('Concat', ['d', 'ld'], ['c'], { axis: 1n }),
        node('Conv', ['c', 'w'], ['y']),
      ],
      initializers: [
        floats('coarse', [], [0.25]),
        floats('fine', [], [0.125]),
        onnxTensor('z', [], Uint8Array.of(100)),
        floats('w', [2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]),
      ],
      inputs: { x: [1, 2, 4, 4] },
    }),
  );

  it('are rounded to the coarsest, by a window of ones, and that is told', () => {
    expect(graph.layers.map(({ name }) => [name, graph.given?.edges.get(name)])).toEqual([
      ['LeakyRelu:l', { scale: 0.125, minimum: -100, maximum: 155 }],
      ['Concat:c', { scale: 0.25, minimum: -50, maximum: 78 }],
      ['Concat:c#2', undefined],
      ['Conv:y', undefined],
    ]);
    expect(graph.notes).toEqual([
      'Concat "Concat:c" joins values of different scales: 1 of 2 are rounded to the coarsest one',
    ]);
  });
});

describe('refuses', () => {
  const format = [floats('s', [], [0.25]), onnxTensor('z', [], Uint8Array.of(100))];
  const quantise = node('QuantizeLinear', ['x', 's', 'z'], ['q']);
  const qonnx = { domain: 'qonnx.custom_op.general' };
  const four = [floats('zero', [], [0]), floats('four', [], [4])];
  const cases: readonly (readonly [
    string,
    readonly NodeProto[],
    readonly TensorProto[],
    RegExp,
    RegExp,
  ])[] = [
    [
      'scales that each sample chooses',
      [node('DynamicQuantizeLinear', ['x'], ['y', 'ys', 'yz'])],
      [],
      /takes scale and zero point from each sample/,
      /quantize_static/,
    ],
    [
      'activations with a scale per channel',
      [
        node('QuantizeLinear', ['x', 's2', 'z2'], ['q']),
        node('DequantizeLinear', ['q', 's2', 'z2'], ['y']),
      ],
      [floats('s2', [2], [0.25, 0.5]), onnxTensor('z2', [2], new Uint8Array(2))],
      /scale is not one number for the whole value/,
      /one scale and zero point a value/,
    ],
    [
      'activations of 16 bits',
      [
        node('QuantizeLinear', ['x', 's', 'z16'], ['q'], {}, { domain: 'com.microsoft' }),
        node('Identity', ['q'], ['y']),
      ],
      [floats('s', [], [0.25]), onnxTensor('z16', [], Int16Array.of(0))],
      /quantises to 65536 values/,
      /at most 8 bits/,
    ],
    [
      'integers read with another scale',
      [quantise, node('DequantizeLinear', ['q', 's3', 'z'], ['y'])],
      [...format, floats('s3', [], [0.5])],
      /reads integers with scale 0.5 and zero point 100 that were quantised with 0.25 and 100/,
      /the same scale and zero point/,
    ],
    [
      'integers that nothing quantised',
      [node('DequantizeLinear', ['x', 's', 'z'], ['y'])],
      format,
      /its input is none that the model quantised/,
      /QuantizeLinear before it/,
    ],
    [
      'blocks',
      [
        node('QuantizeLinear', ['x', 's', 'z'], ['q'], { block_size: 2n }),
        node('DequantizeLinear', ['q', 's', 'z'], ['y']),
      ],
      format,
      /quantises in blocks/,
      /block_size 0/,
    ],
    [
      'a scale of 0',
      [
        node('QuantizeLinear', ['x', 's0', 'z'], ['q']),
        node('DequantizeLinear', ['q', 's0', 'z'], ['y']),
      ],
      [floats('s0', [], [0]), ...format.slice(1)],
      /scale is 0/,
      /a scale above 0/,
    ],
    [
      'pooling of channels last',
      [
        quantise,
        node(
          'QLinearGlobalAveragePool',
          ['q', 's', 'z', 's', 'z'],
          ['y'],
          { channels_last: 1n },
          { domain: 'com.microsoft' },
        ),
      ],
      format,
      /channels_last is 1/,
      /channels_last 0/,
    ],
    [
      'signs of activations',
      [node('BipolarQuant', ['x', 's'], ['y'], {}, qonnx)],
      format,
      /what it quantises is computed by the network/,
      /BipolarQuant of constant weights/,
    ],
    [
      'activations that are rounded down',
      [
        node(
          'Quant',
          ['x', 's', 'zero', 'four'],
          ['y'],
          { signed: 0n, narrow: 0n, rounding_mode: 'FLOOR' },
          qonnx,
        ),
      ],
      [...format, ...four],
      /rounds activations by FLOOR/,
      /rounding_mode ROUND/,
    ],
    [
      'half away from zero where values may be negative',
      [
        node(
          'Quant',
          ['x', 's', 'zero', 'four'],
          ['y'],
          { signed: 1n, narrow: 0n, rounding_mode: 'HALF_UP' },
          qonnx,
        ),
      ],
      [...format, ...four],
      /rounds activations by HALF_UP/,
      /rounding_mode ROUND/,
    ],
    [
      'a zero point between integers',
      [node('Quant', ['x', 's', 'part', 'four'], ['y'], { signed: 1n }, qonnx)],
      [...format, ...four, floats('part', [], [0.5])],
      /zero point is 0.5/,
      /an integer/,
    ],
    [
      'Trunc that rounds',
      [node('Trunc', ['x', 's', 'zero', 'four', 'four'], ['y'], { rounding_mode: 'ROUND' }, qonnx)],
      [...format, ...four],
      /rounding_mode is ROUND/,
      /rounding_mode FLOOR/,
    ],
    [
      'Trunc of version 2',
      [node('Trunc', ['x', 's', 'zero', 'four', 's', 'four'], ['y'], {}, qonnx)],
      [...format, ...four],
      /those of version 2/,
      /version 1/,
    ],
  ];

  it.each(cases)('%s', (_, nodes, initializers, message, remedy) => {
    const domains = { 'com.microsoft': 1, 'qonnx.custom_op.general': 1 };
    const bytes = encodeModel({
      nodes,
      initializers,
      inputs: { x: [1, 2, 4, 4] },
      opset: 21,
      domains,
    });
    const diagnostics = diagnosticsOf(() => lowerBytes(bytes));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.message).toMatch(message);
    expect(diagnostics[0]?.remedy).toMatch(remedy);
  });
});

describe('QONNX', () => {
  const bytes = qonnxModel('qonnx');
  const model = decodeOnnxModel(bytes, 'test.onnx');

  it('gives what its definition gives', () => {
    const graph = lowerModel(model);
    const { graph: quantized } = quantizeGraph(graph, null);
    const evaluate = prepareEvaluator(quantized);
    let worst = 0;
    let largest = 0;
    for (const sample of samplesOf(cnn, 12)) {
      const { logits } = evaluate(inputIntegers(graph, quantized, sample));
      const [answer] = splitAnswers(quantized, logits);
      const { values } = present(evaluateQonnx(model, sample).get('y'), 'it was evaluated');
      values.forEach((value, at) => {
        worst = Math.max(worst, Math.abs(value - (answer?.real[at] ?? NaN)));
        largest = Math.max(largest, Math.abs(value));
      });
    }
    expect(worst / largest).toBeLessThan(0.01);
  });

  it('has formats and weights of few bits, and Trunc in the layer before it', () => {
    const graph = lowerModel(model);
    const table = graph.layers.map(({ name, origin }) => {
      const edge = graph.given?.edges.get(name);
      return [origin.join(), edge?.minimum, edge?.maximum, graph.given?.weights.get(name)?.bits];
    });
    expect(table).toEqual([
      ['c1_node,r1_node,a1_node', 0, 15, 4],
      ['c2_node,r2_node,a2_node', 0, 15, 2],
      ['mean_node,mean_sum_node,pooled_node', 0, 15, undefined],
      ['y_node', undefined, undefined, 4],
    ]);
  });
});
