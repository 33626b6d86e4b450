import { describe, expect, it } from 'vitest';
import type { Graph } from '../../src/ir/graph.ts';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, floats, noise, onnxNode as node } from '../support/onnx-builder.ts';
import { lowerAndCompare } from '../support/runtime.ts';

/** Weights [outputs, inputs, size, size]; `absent` rows have none and `unread` columns either. */
function weights(
  name: string,
  [outputs, inputs, size]: readonly [number, number, number],
  { absent = [], unread = [] }: { absent?: readonly number[]; unread?: readonly number[] },
): TensorProto {
  const area = size * size;
  const values = noise(outputs * inputs * area, name.charCodeAt(0)).map((value, at) => {
    const row = Math.floor(at / (inputs * area));
    const column = Math.floor(at / area) % inputs;
    return absent.includes(row) || unread.includes(column) ? 0 : value;
  });
  return floats(name, [outputs, inputs, size, size], values);
}

async function lower(
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[],
): Promise<Graph> {
  const input = [1, 2, 6, 6];
  return lowerAndCompare(encodeModel({ nodes, initializers, inputs: { x: input } }), input);
}

function channels(graph: Graph): readonly number[] {
  return graph.layers.map(({ outputShape }) => outputShape.channels);
}

const pads = { pads: [1, 1, 1, 1] };

describe('channels that carry nothing', () => {
  it('go with their kernels and the weights that meet them, 0 by ReLU or not', async () => {
    const graph = await lower(
      [
        node('Conv', ['x', 'a', 'p'], ['c'], pads),
        node('Relu', ['c'], ['r']),
        node('MaxPool', ['r'], ['m'], { kernel_shape: [2, 2] }),
        node('Conv', ['m', 'b'], ['y'], pads),
      ],
      [
        weights('a', [5, 2, 3], { absent: [1, 3] }),
        // a constant above 0 stays, one below does not
        floats('p', [5], [0.1, -0.5, 0.2, 0.7, 0]),
        weights('b', [3, 5, 3], {}),
      ],
    );
    expect(channels(graph)).toEqual([4, 3]);
    expect(graph.notes).toContainEqual(expect.stringMatching(/always 0 or never read: 1 of /));
  });

  it('go where no weight reads them, and then what only they read', async () => {
    const graph = await lower(
      [
        node('Conv', ['x', 'a'], ['c']),
        node('Conv', ['c', 'b'], ['d']),
        node('Relu', ['d'], ['r']),
        node('Conv', ['r', 'c2'], ['y']),
      ],
      [
        weights('a', [4, 2, 1], {}),
        floats(
          'b',
          [3, 4, 1, 1],
          // kernel 1 alone reads channel 2
          [0.5, -1, 0, 0.3, 0.2, 0.4, 0.6, 0.1, 0, 0.7, 0, -0.2],
        ),
        weights('c2', [2, 3, 1], { unread: [1] }),
      ],
    );
    expect(channels(graph)).toEqual([3, 2, 2]);
  });

  it('go through an addition only where both sides are 0', async () => {
    const graph = await lower(
      [
        node('Conv', ['x', 'a'], ['c']),
        node('Relu', ['c'], ['r']),
        node('Conv', ['r', 'b'], ['d']),
        node('Relu', ['d'], ['e']),
        node('Add', ['r', 'e'], ['s']),
        node('Conv', ['s', 'h'], ['y']),
      ],
      [
        weights('a', [4, 2, 1], { absent: [0, 2] }),
        weights('b', [4, 4, 1], { absent: [2, 3] }),
        weights('h', [2, 4, 1], {}),
      ],
    );
    // channel 2 of all three; 0 and 3 are 0 on one side only
    expect(channels(graph)).toEqual([3, 3, 3, 2]);
  });

  it('go from one input of a concatenation', async () => {
    const graph = await lower(
      [
        node('Conv', ['x', 'a'], ['c']),
        node('Relu', ['c'], ['r']),
        node('Conv', ['x', 'b'], ['d']),
        node('Concat', ['r', 'd'], ['s'], { axis: 1n }),
        node('Conv', ['s', 'h'], ['y']),
      ],
      [
        weights('a', [3, 2, 1], { absent: [1] }),
        weights('b', [2, 2, 1], { absent: [0] }),
        weights('h', [2, 5, 1], { unread: [4] }),
      ],
    );
    expect(channels(graph)).toEqual([2, 1, 3, 2]);
  });

  it('stay in answers, beside grouped convolutions and as the last one of a map', async () => {
    const graph = await lower(
      [
        node('Conv', ['x', 'a'], ['c']),
        node('Conv', ['c', 'g'], ['d'], { group: 2n }),
        node('Relu', ['d'], ['e']),
        node('Conv', ['e', 'h'], ['t']),
        node('Conv', ['x', 'z'], ['w']),
        node('Relu', ['w'], ['v']),
        node('Conv', ['v', 'k'], ['u']),
        node('Add', ['t', 'u'], ['y']),
      ],
      [
        weights('a', [2, 2, 1], { absent: [0] }),
        floats('g', [2, 1, 1, 1], [0, 0.5]),
        weights('h', [3, 2, 1], { absent: [1] }),
        weights('z', [2, 2, 1], { absent: [0, 1] }),
        weights('k', [3, 2, 1], {}),
      ],
    );
    expect(channels(graph).toSorted()).toEqual([1, 2, 2, 3, 3, 3].toSorted());
  });
});
