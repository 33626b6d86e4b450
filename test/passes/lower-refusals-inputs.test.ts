import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import {
  encodeModel,
  floats,
  noise,
  onnxNode as node,
  type ModelParts,
} from '../support/onnx-builder.ts';
import { refusal } from '../support/refusal.ts';

const weights = floats('w', [4, 2, 3, 3], noise(72, 11));
const head = floats('v', [80, 3], noise(240, 6));

describe('refuses inputs and outputs', () => {
  const nodes = [node('Conv', ['x', 'w'], ['y'])];
  const initializers = [weights];
  const cases: readonly (readonly [string, ModelParts, RegExp])[] = [
    [
      'two inputs',
      {
        nodes: [...nodes, node('Identity', ['z'], ['o'])],
        initializers,
        inputs: { x: [1, 2, 7, 6], z: [1] },
      },
      /has 2 inputs \("x", "z"\)/,
    ],
    [
      'no input',
      { nodes: [node('Identity', ['w'], ['y'])], initializers, inputs: {} },
      /has 0 inputs/,
    ],
    ['an unknown shape', { nodes, initializers, inputs: { x: null } }, /its shape is unknown/],
    [
      'a symbolic height',
      { nodes, initializers, inputs: { x: ['batch', 2, 'height', 6] } },
      /\[batch, 2, height, 6\]/,
    ],
    [
      'an unknown width',
      { nodes, initializers, inputs: { x: [null, 2, 7, null] } },
      /\[\?, 2, 7, \?\]/,
    ],
    ['a length of 0', { nodes, initializers, inputs: { x: [1, 2, 0, 6] } }, /\[1, 2, 0, 6\]/],
    ['five axes', { nodes, initializers, inputs: { x: [1, 2, 7, 6, 1] } }, /\[1, 2, 7, 6, 1\]/],
    ['no batch axis', { nodes, initializers, inputs: { x: [84] } }, /\[84\]/],
    [
      'absurd lengths',
      { nodes, initializers, inputs: { x: [1, 2, 2 ** 30, 2 ** 30] } },
      /not a possible input/,
    ],
    ['integers', { nodes, initializers, inputType: 7 }, /its values are INT64/],
    [
      'a constant output',
      { nodes: [node('Identity', ['w'], ['y'])], initializers },
      /not computed by a layer/,
    ],
  ];
  it.each(cases)('%s', (_, parts, message) => {
    expect(refusal(parts).message).toMatch(message);
  });
});

describe('leaves to the host', () => {
  it.each([
    ['LogSoftmax', { axis: 1n }, ['LogSoftmax']],
    ['Softmax', {}, ['Softmax']],
    ['ArgMax', { axis: -1n, keepdims: 0n }, ['ArgMax']],
  ])('%s', (operator, attributes, expected) => {
    const bytes = encodeModel({
      nodes: [node('MatMul', ['x', 'v'], ['l']), node(operator, ['l'], ['y'], attributes)],
      initializers: [head],
      inputs: { x: ['n', 80] },
    });
    const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
    expect(graph.hostOperators).toEqual(expected);
    expect(graph.notes).toEqual([`${operator} "${operator}:y" is left to the host`]);
    expect(graph.layers).toHaveLength(1);
  });

  it('several in a row, in order', () => {
    const bytes = encodeModel({
      nodes: [
        node('MatMul', ['x', 'v'], ['l']),
        node('Softmax', ['l'], ['s']),
        node('ArgMax', ['s'], ['a'], { axis: 1n }),
        node('Cast', ['a'], ['y'], { to: 6n }),
      ],
      initializers: [head],
      inputs: { x: ['n', 80] },
    });
    const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
    expect(graph.hostOperators).toEqual(['Softmax', 'ArgMax']);
  });
});
