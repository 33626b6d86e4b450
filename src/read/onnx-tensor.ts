import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { OnnxElementType, OnnxTensor } from '../ir/onnx.ts';
import { fail } from '../base/diagnostics.ts';
import { floatOfBfloat16, floatOfHalf } from './half.ts';
import type { SparseTensorProto, TensorProto } from './onnx-schema/onnx_pb.ts';

/** ONNX TensorProto.DataType by number. */
const elementTypeNames: ReadonlyMap<number, string> = new Map([
  [0, 'UNDEFINED'],
  [1, 'FLOAT'],
  [2, 'UINT8'],
  [3, 'INT8'],
  [4, 'UINT16'],
  [5, 'INT16'],
  [6, 'INT32'],
  [7, 'INT64'],
  [8, 'STRING'],
  [9, 'BOOL'],
  [10, 'FLOAT16'],
  [11, 'DOUBLE'],
  [12, 'UINT32'],
  [13, 'UINT64'],
  [14, 'COMPLEX64'],
  [15, 'COMPLEX128'],
  [16, 'BFLOAT16'],
]);

/** ONNX name of an element type number, `type 99` when there is none. */
export function elementTypeName(dataType: number): string {
  return elementTypeNames.get(dataType) ?? `type ${dataType}`;
}

/** Largest sparse initialiser that is unpacked: a small file can claim any size. */
const sparseElementLimit = 2 ** 26;

const floatDataField = 4;
const externalLocation = 1;

/** True when the numbers of the tensor are in another file. */
export function isExternal(proto: TensorProto): boolean {
  return proto.dataLocation === externalLocation || proto.externalData.length > 0;
}

/**
 * The tensor in typed form. The size that `dims` claims is compared with the data that is
 * there before anything is allocated. Throws `UserError` at `place` for a size that does not
 * match and for element types that are not numbers; external data is the caller's to refuse.
 */
export function decodeTensor(proto: TensorProto, place: string): OnnxTensor {
  const shape = decodeDims(proto.dims, place);
  const size = sizeOf(shape);
  const expect = (have: number, what: string): void => {
    if (have === size) return;
    fail(
      'model/tensor',
      `the shape [${shape.join(', ')}] needs ${size} values, ${what} holds ${have}`,
      { place, remedy: 'the file is damaged; export the model again' },
    );
  };
  const make = (elementType: OnnxElementType, data: OnnxTensor['data']): OnnxTensor => ({
    name: proto.name,
    elementType,
    shape,
    data,
  });
  const raw = (bytesEach: number): ArrayBuffer | null => {
    if (proto.rawData.length === 0) return null;
    expect(proto.rawData.length / bytesEach, 'raw_data');
    // A copy: the bytes in the file need not be aligned.
    return copyOf(proto.rawData);
  };
  const int32Data = (): Int32Array => {
    expect(proto.int32Data.length, 'int32_data');
    return Int32Array.from(proto.int32Data);
  };

  const type = elementTypeName(proto.dataType);
  switch (type) {
    case 'FLOAT': {
      const buffer = raw(4);
      if (buffer !== null) return make('float32', new Float32Array(buffer));
      const data = floatData(proto, place);
      expect(data.length, 'float_data');
      return make('float32', data);
    }
    case 'DOUBLE': {
      const buffer = raw(8);
      if (buffer !== null) return make('float64', new Float64Array(buffer));
      expect(proto.doubleData.length, 'double_data');
      return make('float64', Float64Array.from(proto.doubleData));
    }
    case 'INT64': {
      const buffer = raw(8);
      if (buffer !== null) return make('int64', new BigInt64Array(buffer));
      expect(proto.int64Data.length, 'int64_data');
      return make('int64', BigInt64Array.from(proto.int64Data));
    }
    case 'INT32': {
      const buffer = raw(4);
      return make('int32', buffer === null ? int32Data() : new Int32Array(buffer));
    }
    case 'INT16':
    case 'UINT16':
    case 'INT8':
    case 'UINT8': {
      const View = { INT16: Int16Array, UINT16: Uint16Array, INT8: Int8Array, UINT8: Uint8Array }[
        type
      ];
      const buffer = raw(View.BYTES_PER_ELEMENT);
      return make('int32', buffer === null ? int32Data() : Int32Array.from(new View(buffer)));
    }
    case 'BOOL': {
      const buffer = raw(1);
      const bytes = buffer === null ? int32Data() : new Uint8Array(buffer);
      return make(
        'bool',
        Uint8Array.from(bytes, (value) => (value === 0 ? 0 : 1)),
      );
    }
    case 'FLOAT16':
    case 'BFLOAT16': {
      const buffer = raw(2);
      const bits = buffer === null ? Uint16Array.from(int32Data()) : new Uint16Array(buffer);
      const widen = type === 'FLOAT16' ? floatOfHalf : floatOfBfloat16;
      return make('float32', Float32Array.from(bits, widen));
    }
    default:
      return fail('model/element-type', `values of type ${type} are not supported`, {
        place,
        remedy: 'export the model with float32 weights',
      });
  }
}

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

function decodeDims(dims: readonly bigint[], place: string): readonly number[] {
  return dims.map((dim) => {
    if (dim >= 0n && dim <= 2n ** 40n) return Number(dim);
    return fail('model/tensor', `the shape [${dims.join(', ')}] is not possible`, {
      place,
      remedy: 'the file is damaged; export the model again',
    });
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * `float_data` is not declared in our schema, so the decoder hands it over as it is in the
 * file: packed runs of bytes, or (from very old writers) one record a value.
 */
function floatData(proto: TensorProto, place: string): Float32Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const field of proto.$unknown ?? []) {
    if (field.no !== floatDataField) continue;
    const packed = field.wireType === WireType.LengthDelimited;
    const chunk = packed ? new BinaryReader(field.data).bytes() : field.data;
    if (chunk.length % 4 !== 0 || !(packed || field.wireType === WireType.Bit32)) {
      fail('model/tensor', 'float_data is not a list of 32-bit floats', {
        place,
        remedy: 'the file is damaged; export the model again',
      });
    }
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new Float32Array(bytes.buffer);
}

function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}
