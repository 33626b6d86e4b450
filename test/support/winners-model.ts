import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, floats, integers, noise, onnxNode as node } from './onnx-builder.ts';

/** Some of the weights of a pruned layer. */
function pruned(count: number, seed: number, density: number): Float32Array {
  const keep = noise(count, seed + 1000);
  return noise(count, seed).map((weight, at) => ((keep[at] ?? 0) < 2 * density - 1 ? weight : 0));
}

/** A k-WTA over the last axis by threshold: what is below the k-th value becomes 0. */
function threshold(from: string, k: string, to: string): readonly NodeProto[] {
  return [
    node('TopK', [from, k], [`${to}_top`, `${to}_at`], { axis: -1n }),
    node('ReduceMin', [`${to}_top`], [`${to}_kth`], { axes: [-1], keepdims: 1n }),
    node('GreaterOrEqual', [from, `${to}_kth`], [`${to}_mask`]),
    node('Cast', [`${to}_mask`], [`${to}_m`], { to: 1n }),
    node('Mul', [from, `${to}_m`], [to]),
  ];
}

/**
 * A network with both forms of k-WTA that are not over all channels of a site, 2x8x8 to 5
 * classes: `groups` groups of the channels of a site, then a whole map of 6x4x4 values.
 */
export function winnersModel(groups = 2): Uint8Array {
  const channels = 4 * groups;
  const nodes = [
    node('Conv', ['x', 'w1', 'b1'], ['c1'], { pads: [1, 1, 1, 1] }),
    node('Relu', ['c1'], ['r1']),
    node('MaxPool', ['r1'], ['p1'], { kernel_shape: [2, 2], strides: [2, 2] }),
    // channels last, in groups
    node('Transpose', ['p1'], ['t1'], { perm: [0, 2, 3, 1] }),
    node('Reshape', ['t1', 'apart'], ['g1']),
    ...threshold('g1', 'two', 'n1'),
    node('Reshape', ['n1', 'together'], ['u1']),
    node('Transpose', ['u1'], ['s1'], { perm: [0, 3, 1, 2] }),
    node('Conv', ['s1', 'w2', 'b2'], ['c2'], { pads: [1, 1, 1, 1] }),
    node('Relu', ['c2'], ['r2']),
    node('Flatten', ['r2'], ['f2']),
    ...threshold('f2', 'twenty', 'n2'),
    node('Gemm', ['n2', 'w3', 'b3'], ['y'], { transB: 1n }),
  ];
  const initializers: readonly TensorProto[] = [
    floats('w1', [channels, 2, 3, 3], noise(18 * channels, 1)),
    floats('b1', [channels], noise(channels, 2)),
    integers('apart', [0, 4, 4, groups, 4]),
    integers('together', [0, 4, 4, channels]),
    integers('two', [2]),
    floats('w2', [6, channels, 3, 3], pruned(54 * channels, 3, 0.4)),
    floats('b2', [6], noise(6, 4)),
    integers('twenty', [20]),
    floats('w3', [5, 96], pruned(480, 5, 0.3)),
    floats('b3', [5], noise(5, 6)),
  ];
  return encodeModel({ nodes, initializers, inputs: { x: [1, 2, 8, 8] } });
}
