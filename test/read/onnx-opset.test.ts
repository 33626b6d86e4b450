import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { OnnxModel } from '../../src/ir/onnx.ts';
import { GraphProtoSchema, ModelProtoSchema } from '../../src/read/onnx-schema/onnx_pb.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import {
  encodeModel,
  floats,
  integers,
  onnxNode as node,
  type AttributeValue,
} from '../support/onnx-builder.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const decode = (bytes: Uint8Array): OnnxModel => decodeOnnxModel(bytes, 'net.onnx');

/** A model that names these operator sets and nothing else. */
function withSets(sets: readonly (readonly [string, number])[]): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: sets.map(([domain, version]) => ({ domain, version: BigInt(version) })),
      graph: create(GraphProtoSchema, {
        node: [node('Relu', ['x'], ['y'])],
        input: [{ name: 'x' }],
        output: [{ name: 'y' }],
      }),
    }),
  );
}

describe('operator sets', () => {
  it.each([9, 13, 17, 21])('%i is read', (opset) => {
    const model = decode(encodeModel({ nodes: [node('Relu', ['x'], ['y'])], opset }));
    expect(model.opset).toBe(opset);
  });

  it('of other domains are kept', () => {
    const model = decode(
      withSets([
        ['ai.onnx', 13],
        ['com.microsoft', 1],
        ['qonnx.custom_op.general', 2],
      ]),
    );
    expect(model.opset).toBe(13);
    expect([...model.domains]).toEqual([
      ['com.microsoft', 1],
      ['qonnx.custom_op.general', 2],
    ]);
  });

  it.each([8, 22])('%i is refused', (opset) => {
    const bytes = encodeModel({ nodes: [node('Relu', ['x'], ['y'])], opset });
    expect(diagnosticsOf(() => decode(bytes))).toEqual([
      {
        code: 'model/opset',
        message: `operator set ${opset} is not supported, only 9 to 21`,
        place: 'net.onnx',
        remedy:
          'export with opset_version=17, or convert: ' +
          'onnx.version_converter.convert_version(onnx.load("model.onnx"), 17)',
      },
    ]);
  });

  it.each([
    ['none', [], 'the model does not say which ONNX operator set it uses'],
    [
      'another domain alone',
      [['com.microsoft', 1]],
      'the model does not say which ONNX operator set it uses',
    ],
    [
      'two that disagree',
      [
        ['', 13],
        ['ai.onnx', 17],
      ],
      'the model names several operator sets: 13, 17',
    ],
  ] as const)('that are %s are refused', (_, sets, message) => {
    expect(diagnosticsOf(() => decode(withSets(sets)))).toMatchObject([
      { code: 'model/opset', message, remedy: 'export the model again with opset_version=17' },
    ]);
  });
});

/** What is said about a node with these inputs and attributes in an operator set. */
function said(
  operator: string,
  opset: number,
  inputs: number,
  attributes: Readonly<Record<string, AttributeValue>>,
): readonly string[] {
  const names = ['x', 'a', 'b', 'c', 'd'].slice(0, inputs);
  const bytes = encodeModel({
    nodes: [node(operator, names, ['y'], attributes)],
    initializers: names.slice(1).map((name) => integers(name, [1])),
    opset,
  });
  try {
    decode(bytes);
    return [];
  } catch {
    return diagnosticsOf(() => decode(bytes)).map(({ message }) => message);
  }
}

describe('the form of a node', () => {
  /** Operator, last operator set of the old form, old attributes, inputs of the new form. */
  it.each([
    ['Clip', 10, { min: 0, max: 6 }, 3],
    ['Squeeze', 12, { axes: [2] }, 2],
    ['Unsqueeze', 12, { axes: [2] }, 2],
    ['ReduceSum', 12, { axes: [2] }, 2],
    ['ReduceMean', 17, { axes: [2] }, 2],
    ['Pad', 10, { pads: [0], value: 0 }, 3],
    ['Slice', 9, { starts: [0], ends: [1], axes: [0] }, 5],
    ['TopK', 9, { k: 2n }, 2],
    ['Dropout', 11, { ratio: 0.5 }, 3],
    ['Split', 12, { split: [1, 1] }, 2],
  ] as const)('%s changed after operator set %i', (operator, last, attributes, inputs) => {
    expect(said(operator, last, 1, attributes)).toEqual([]);
    expect(said(operator, last + 1, inputs, {})).toEqual([]);
    expect(said(operator, last + 1, 1, attributes)).toEqual(
      Object.keys(attributes).map(
        (name) =>
          `the attribute "${name}" exists up to operator set ${last}, the model uses ${last + 1}`,
      ),
    );
    expect(said(operator, last, inputs, {})).toEqual(
      Array.from(
        { length: inputs - 1 },
        (_, index) =>
          `its input ${index + 1} exists from operator set ${last + 1} on, the model uses ${last}`,
      ),
    );
  });

  it.each([
    ['BatchNormalization', 14, { training_mode: 0n }],
    ['Reshape', 14, { allowzero: 0n }],
    ['MaxPool', 10, { dilations: [1, 1] }],
    ['MaxPool', 10, { ceil_mode: 0n }],
    ['AveragePool', 19, { dilations: [1, 1] }],
    ['QuantizeLinear', 13, { axis: 1n }],
    ['DequantizeLinear', 13, { axis: 1n }],
    ['TopK', 11, { largest: 1n }],
    ['ScatterElements', 16, { reduction: 'none' }],
    ['Shape', 15, { start: 1n }],
    ['Cast', 19, { saturate: 1n }],
  ] as const)('%s has a new attribute from operator set %i on', (operator, first, attributes) => {
    const [name] = Object.keys(attributes);
    expect(said(operator, first, 1, attributes)).toEqual([]);
    expect(said(operator, first - 1, 1, attributes)).toEqual([
      `the attribute "${name}" exists from operator set ${first} on, the model uses ${first - 1}`,
    ]);
  });

  it.each([
    ['GreaterOrEqual', 12],
    ['QLinearConv', 10],
    ['ScatterElements', 11],
    ['HardSwish', 14],
  ])('%s exists from operator set %i on', (operator, first) => {
    expect(said(operator, first, 1, {})).toEqual([]);
    expect(said(operator, first - 1, 1, {})).toEqual([
      `the operator exists from operator set ${first} on, the model uses ${first - 1}`,
    ]);
  });

  it('is not known for operators of other domains', () => {
    const nodes = [node('Clip', ['x'], ['y'], { min: 0 }, { domain: 'com.microsoft' })];
    expect(decode(encodeModel({ nodes, domains: { 'com.microsoft': 1 } })).nodes).toHaveLength(1);
  });

  it('is refused with all offending nodes', () => {
    const bytes = encodeModel({
      nodes: [
        node('Clip', ['x'], ['a'], { min: 0 }, { name: 'clip' }),
        node('Relu', ['a'], ['b'], {}, { name: 'fine' }),
        node('Squeeze', ['b'], ['y'], { axes: [2] }, { name: 'squeeze' }),
      ],
      initializers: [floats('w', [1], [1])],
      opset: 17,
    });
    expect(diagnosticsOf(() => decode(bytes))).toEqual([
      {
        code: 'model/opset',
        message: 'the attribute "min" exists up to operator set 10, the model uses 17',
        place: 'net.onnx: node "clip" (Clip)',
        remedy:
          'export the model again: the version of its operator set was changed without its nodes',
      },
      {
        code: 'model/opset',
        message: 'the attribute "axes" exists up to operator set 12, the model uses 17',
        place: 'net.onnx: node "squeeze" (Squeeze)',
        remedy:
          'export the model again: the version of its operator set was changed without its nodes',
      },
    ]);
  });
});
