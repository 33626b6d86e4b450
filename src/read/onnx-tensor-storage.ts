import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../base/diagnostics.ts';
import { elementTypeName } from './onnx-element-type.ts';
import type { TensorProto } from './onnx-schema/onnx_pb.ts';

// Fields that our schema does not declare, so that the decoder hands them over as bytes.
const floatDataField = 4;
const uint64DataField = 11;

const damaged = 'the file is damaged; export the model again';

/** A tensor whose numbers have not been looked at yet. */
export interface StoredTensor {
  readonly proto: TensorProto;
  readonly shape: readonly number[];
  /** How many values the shape claims. */
  readonly size: number;
  /** For messages. */
  readonly place: string;
}

/** `proto` with its shape; throws `UserError` at `place` for impossible lengths. */
export function storedTensor(proto: TensorProto, place: string): StoredTensor {
  const shape = decodeDims(proto.dims, place);
  return { proto, shape, size: sizeOf(shape), place };
}

/** raw_data on its own, aligned, as long as the shape wants; null where it is not stored so. */
export function rawBuffer(stored: StoredTensor, bits: number): ArrayBuffer | null {
  const { rawData } = stored.proto;
  if (rawData.length === 0) return null;
  const values = (rawData.length * 8) / bits;
  // Two 4-bit values share a byte; the last may be half used.
  const isPadded = bits < 8 && values === stored.size + 1;
  expectCount(stored, isPadded ? stored.size : values, 'raw_data');
  const { buffer } = rawData;
  // External data has its buffer for itself; bytes within the file need not be aligned.
  const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === rawData.length;
  return isWhole ? buffer : new Uint8Array(rawData).buffer;
}

/** double_data. */
export function doubleValues(stored: StoredTensor): Float64Array {
  expectCount(stored, stored.proto.doubleData.length, 'double_data');
  return Float64Array.from(stored.proto.doubleData);
}

/** int64_data. */
export function int64Values(stored: StoredTensor): BigInt64Array {
  expectCount(stored, stored.proto.int64Data.length, 'int64_data');
  return BigInt64Array.from(stored.proto.int64Data);
}

/** int32_data, one value each, within the limits. */
export function int32Values(stored: StoredTensor, smallest: number, largest: number): Int32Array {
  expectCount(stored, stored.proto.int32Data.length, 'int32_data');
  return within(stored, smallest, largest);
}

/** int32_data with two 4-bit values each. */
export function int32Pairs(stored: StoredTensor): Int32Array {
  const { length } = stored.proto.int32Data;
  const isComplete = length === Math.ceil(stored.size / 2);
  expectCount(stored, isComplete ? stored.size : length * 2, 'int32_data');
  return within(stored, -128, 255);
}

/** uint64_data: packed varints, or one record a value. */
export function uint64Values(stored: StoredTensor): BigUint64Array {
  const values: bigint[] = [];
  for (const { no, wireType, data } of stored.proto.$unknown ?? []) {
    if (no !== uint64DataField) continue;
    try {
      const packed = wireType === WireType.LengthDelimited;
      const bytes = packed ? new BinaryReader(data).bytes() : data;
      const reader = new BinaryReader(bytes);
      while (reader.pos < bytes.length) values.push(BigInt(reader.uint64()));
    } catch {
      refuseTensor(stored, 'uint64_data is not a list of integers');
    }
  }
  expectCount(stored, values.length, 'uint64_data');
  return BigUint64Array.from(values);
}

/** float_data: packed runs of bytes, or (from very old writers) one record a value. */
export function floatValues(stored: StoredTensor): Float32Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const { no, wireType, data } of stored.proto.$unknown ?? []) {
    if (no !== floatDataField) continue;
    const packed = wireType === WireType.LengthDelimited;
    const chunk = packed ? new BinaryReader(data).bytes() : data;
    if (chunk.length % 4 !== 0 || !(packed || wireType === WireType.Bit32)) {
      refuseTensor(stored, 'float_data is not a list of 32-bit floats');
    }
    chunks.push(chunk);
    length += chunk.length;
  }
  expectCount(stored, length / 4, 'float_data');
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return new Float32Array(bytes.buffer);
}

function within(stored: StoredTensor, smallest: number, largest: number): Int32Array {
  const { int32Data, dataType } = stored.proto;
  const wrong = int32Data.find((value) => value < smallest || value > largest);
  if (wrong !== undefined) {
    refuseTensor(stored, `int32_data holds ${wrong}, which is no ${elementTypeName(dataType)}`);
  }
  return Int32Array.from(int32Data);
}

function expectCount({ size, shape, place }: StoredTensor, have: number, what: string): void {
  if (have === size) return;
  fail(
    'model/tensor',
    `the shape [${shape.join(', ')}] needs ${size} values, ${what} holds ${have}`,
    { place, remedy: damaged },
  );
}

/** Throws a `UserError` about the tensor. */
export function refuseTensor(stored: StoredTensor, message: string, remedy = damaged): never {
  return fail('model/tensor', message, { place: stored.place, remedy });
}

/** The lengths of a tensor; throws `UserError` at `place` for impossible ones. */
export function decodeDims(dims: readonly bigint[], place: string): readonly number[] {
  return dims.map((dim) => {
    if (dim >= 0n && dim <= 2n ** 40n) return Number(dim);
    return fail('model/tensor', `the shape [${dims.join(', ')}] is not possible`, {
      place,
      remedy: damaged,
    });
  });
}

/** How many values a tensor of this shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
