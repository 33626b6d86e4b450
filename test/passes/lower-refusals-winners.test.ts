import { describe, expect, it } from 'vitest';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { floats, integer, integers, noise, onnxNode as node } from '../support/onnx-builder.ts';
import { refusal } from '../support/refusal.ts';

const weights = floats('w', [4, 2, 3, 3], noise(72, 11));
const conv = node('Conv', ['x', 'w'], ['c']);

describe('refuses as a k-WTA', () => {
  const topK = (attributes = {}): NodeProto =>
    node('TopK', ['c', 'k'], ['top', 'at'], { axis: 1n, ...attributes });
  const slice = node('Slice', ['top', 'from', 'to', 'along'], ['kth']);
  const compare = node('GreaterOrEqual', ['c', 'kth'], ['mask']);
  const finish = [node('Cast', ['mask'], ['m'], { to: 1n }), node('Mul', ['c', 'm'], ['y'])];
  const list = (k: number, from: number, to: number, along = 1): readonly TensorProto[] => [
    weights,
    integers('k', [k]),
    integers('from', [from]),
    integers('to', [to]),
    integers('along', [along]),
  ];
  const cases: readonly (readonly [
    string,
    readonly NodeProto[],
    readonly TensorProto[],
    RegExp,
  ])[] = [
    [
      'the smallest',
      [conv, topK({ largest: 0n }), slice, compare, ...finish],
      list(2, 1, 2),
      /takes the smallest/,
    ],
    [
      'winners over the rows',
      [conv, topK({ axis: 2n }), slice, compare, ...finish],
      list(2, 1, 2, 2),
      /chooses along axis 2/,
    ],
    [
      'too many winners',
      [conv, topK(), slice, compare, ...finish],
      list(5, 4, 5),
      /takes 5 of 4 values/,
    ],
    ['no winners', [conv, topK(), slice, compare, ...finish], list(0, 0, 1), /takes 0 of 4 values/],
    [
      'several values as threshold',
      [conv, topK(), slice, compare, ...finish],
      list(2, 0, 2),
      /not the k-th alone/,
    ],
    [
      'a slice of another axis',
      [conv, topK(), slice, compare, ...finish],
      list(2, 1, 2, 2),
      /another axis/,
    ],
    [
      'an unsorted TopK',
      [conv, topK({ sorted: 0n }), slice, compare, ...finish],
      list(2, 1, 2),
      /not sorted/,
    ],
    [
      'a strict comparison',
      [conv, topK(), slice, node('Greater', ['c', 'kth'], ['mask']), ...finish],
      list(2, 1, 2),
      /drops the k-th value itself/,
    ],
    [
      'another value compared',
      [
        conv,
        node('Relu', ['c'], ['r']),
        topK(),
        slice,
        node('GreaterOrEqual', ['r', 'kth'], ['mask']),
        ...finish,
      ],
      list(2, 1, 2),
      /compares other values than those that TopK saw/,
    ],
    [
      'another value masked',
      [
        conv,
        node('Relu', ['c'], ['r']),
        topK(),
        slice,
        compare,
        node('Cast', ['mask'], ['m'], { to: 1n }),
        node('Mul', ['r', 'm'], ['y']),
      ],
      list(2, 1, 2),
      /masks other values/,
    ],
    [
      'the losers kept',
      [conv, topK(), slice, node('Less', ['c', 'kth'], ['mask']), ...finish],
      list(2, 1, 2),
      /keeps the losers/,
    ],
    [
      'losers that become 1',
      [conv, topK(), slice, compare, node('Where', ['mask', 'c', 'one'], ['y'])],
      [...list(2, 1, 2), floats('one', [], [1])],
      /do not become 0/,
    ],
    [
      'an axis put back elsewhere',
      [
        conv,
        topK(),
        node('Gather', ['top', 'last'], ['g'], { axis: 1n }),
        node('Unsqueeze', ['g', 'along'], ['kth']),
        compare,
        ...finish,
      ],
      [...list(2, 1, 2, 2), integer('last', 1)],
      /shape \[1, 5, 1, 4\] do not line up with the vectors of \[1, 4, 5, 4\]/,
    ],
    [
      'winners scattered among ones',
      [conv, topK(), node('ScatterElements', ['ones', 'at', 'top'], ['y'], { axis: 1n })],
      [...list(2, 1, 2), floats('ones', [1, 4, 5, 4], noise(80, 1))],
      /not all zeros/,
    ],
    [
      'winners that are the result',
      [conv, topK(), node('Relu', ['top'], ['y'])],
      list(2, 1, 2),
      /is a part of a k-WTA, not a feature map/,
    ],
  ];
  it.each(cases)('%s', (_, nodes, initializers, message) => {
    expect(refusal({ nodes, initializers }).message).toMatch(message);
  });
});
