import type { OnnxTensor } from '../ir/onnx.ts';
import { fail } from '../base/diagnostics.ts';
import type { SparseTensorProto } from './onnx-schema/onnx_pb.ts';
import { decodeDims, sizeOf } from './onnx-tensor-storage.ts';
import { decodeTensor } from './onnx-tensor.ts';

/** Largest sparse initialiser that is unpacked: a small file can claim any size. */
const sparseElementLimit = 2 ** 26;

/**
 * A sparse initialiser (ONNX SparseTensorProto: indices linear or as coordinates) written out
 * densely. Throws `UserError` at `place` when indices do not fit the shape or when the dense
 * form would be absurdly large.
 */
export function decodeSparseTensor(proto: SparseTensorProto, place: string): OnnxTensor {
  const broken = (message: string): never =>
    fail('model/tensor', message, { place, remedy: 'the file is damaged; export it again' });
  if (proto.values === undefined || proto.indices === undefined) {
    return broken('the sparse initialiser lacks values or indices');
  }
  const values = decodeTensor(proto.values, place);
  const indices = decodeTensor(proto.indices, place);
  const shape = decodeDims(proto.dims, place);
  const size = sizeOf(shape);
  if (size > sparseElementLimit) {
    broken(
      `the sparse initialiser claims ${size} values, more than the ${sparseElementLimit} supported`,
    );
  }
  if (!(indices.data instanceof BigInt64Array)) return broken('sparse indices must be INT64');
  if (values.shape.length !== 1) return broken('sparse values must be one list');
  const count = values.data.length;
  const linear = indices.shape.length === 1;
  const coordinates = indices.shape.length === 2 && indices.shape[1] === shape.length;
  if (indices.shape[0] !== count || !(linear || coordinates)) {
    return broken(`${count} sparse values have indices of shape [${indices.shape.join(', ')}]`);
  }
  const data = emptyLike(values.data, size);
  const width = linear ? 1 : shape.length;
  for (let item = 0; item < count; item += 1) {
    let at = 0;
    for (let axis = 0; axis < width; axis += 1) {
      const index = Number(indices.data[item * width + axis]);
      const length = linear ? size : (shape[axis] ?? 0);
      if (index < 0 || index >= length) return broken(`sparse index ${index} is outside the shape`);
      at = linear ? index : at * length + index;
    }
    const value = values.data[item];
    if (value !== undefined) data[at] = value;
  }
  return { name: values.name, elementType: values.elementType, shape, data };
}

function emptyLike(data: OnnxTensor['data'], size: number): OnnxTensor['data'] {
  if (data instanceof Float32Array) return new Float32Array(size);
  if (data instanceof Float64Array) return new Float64Array(size);
  if (data instanceof Int32Array) return new Int32Array(size);
  if (data instanceof BigInt64Array) return new BigInt64Array(size);
  return new Uint8Array(size);
}
