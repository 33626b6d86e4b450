import type { OnnxElementType, OnnxTensor } from '../ir/onnx.ts';
import { fail } from '../base/diagnostics.ts';
import { floatOfBfloat16, floatOfHalf } from './half.ts';
import { elementTypeName } from './onnx-element-type.ts';
import type { TensorProto } from './onnx-schema/onnx_pb.ts';
import {
  doubleValues,
  floatValues,
  int32Pairs,
  int32Values,
  int64Values,
  rawBuffer,
  refuseTensor,
  storedTensor,
  uint64Values,
  type StoredTensor,
} from './onnx-tensor-storage.ts';

/** ONNX types of 8 and 16 bits, their range, and how raw_data holds them. */
const narrowIntegers = {
  INT16: { elementType: 'int16', View: Int16Array, smallest: -(2 ** 15), largest: 2 ** 15 - 1 },
  UINT16: { elementType: 'uint16', View: Uint16Array, smallest: 0, largest: 2 ** 16 - 1 },
  INT8: { elementType: 'int8', View: Int8Array, smallest: -128, largest: 127 },
  UINT8: { elementType: 'uint8', View: Uint8Array, smallest: 0, largest: 255 },
} as const;

/**
 * The tensor in typed form, whichever field its numbers are in. The size that `dims` claims is
 * compared with the data that is there before anything is allocated. Throws `UserError` at
 * `place` for a size that does not match, for values outside the element type, and for element
 * types that are not numbers; external data must have been read into `rawData` before.
 */
export function decodeTensor(proto: TensorProto, place: string): OnnxTensor {
  const stored = storedTensor(proto, place);
  const make = (elementType: OnnxElementType, data: OnnxTensor['data']): OnnxTensor => ({
    name: proto.name,
    elementType,
    shape: stored.shape,
    data,
  });

  const type = elementTypeName(proto.dataType);
  switch (type) {
    case 'FLOAT': {
      const buffer = rawBuffer(stored, 32);
      return make('float32', buffer === null ? floatValues(stored) : new Float32Array(buffer));
    }
    case 'DOUBLE': {
      const buffer = rawBuffer(stored, 64);
      return make('float64', buffer === null ? doubleValues(stored) : new Float64Array(buffer));
    }
    case 'FLOAT16':
    case 'BFLOAT16': {
      const buffer = rawBuffer(stored, 16);
      const bits = buffer === null ? int32Values(stored, 0, 0xffff) : new Uint16Array(buffer);
      const widen = type === 'FLOAT16' ? floatOfHalf : floatOfBfloat16;
      return make('float32', Float32Array.from(bits, widen));
    }
    case 'INT64': {
      const buffer = rawBuffer(stored, 64);
      return make('int64', buffer === null ? int64Values(stored) : new BigInt64Array(buffer));
    }
    case 'UINT64': {
      const buffer = rawBuffer(stored, 64);
      return make('int64', signed(stored, buffer === null ? null : new BigUint64Array(buffer)));
    }
    case 'UINT32': {
      const buffer = rawBuffer(stored, 32);
      return buffer === null
        ? make('int64', signed(stored, null))
        : make('int64', BigInt64Array.from(new Uint32Array(buffer), BigInt));
    }
    case 'INT32': {
      const buffer = rawBuffer(stored, 32);
      const data =
        buffer === null ? int32Values(stored, -(2 ** 31), 2 ** 31 - 1) : new Int32Array(buffer);
      return make('int32', data);
    }
    case 'INT16':
    case 'UINT16':
    case 'INT8':
    case 'UINT8': {
      const { elementType, View, smallest, largest } = narrowIntegers[type];
      const buffer = rawBuffer(stored, View.BYTES_PER_ELEMENT * 8);
      const values = buffer === null ? int32Values(stored, smallest, largest) : new View(buffer);
      return make(elementType, Int32Array.from(values));
    }
    case 'INT4':
      return make('int4', nibbles(stored, true));
    case 'UINT4':
      return make('uint4', nibbles(stored, false));
    case 'BOOL': {
      const buffer = rawBuffer(stored, 8);
      const bytes = buffer === null ? int32Values(stored, -128, 255) : new Uint8Array(buffer);
      return make(
        'bool',
        Uint8Array.from(bytes, (value) => (value === 0 ? 0 : 1)),
      );
    }
    default:
      return fail('model/element-type', `values of type ${type} are not supported`, {
        place,
        remedy: 'export the model with float32 weights',
      });
  }
}

/** Unsigned integers (those of uint64_data where `given` is null) as signed ones. */
function signed(stored: StoredTensor, given: BigUint64Array | null): BigInt64Array {
  const values = given ?? uint64Values(stored);
  const beyond = values.find((value) => value >= 2n ** 63n);
  if (beyond !== undefined) {
    refuseTensor(stored, `the value ${beyond} is beyond 2^63`, 'export the model with INT64');
  }
  return BigInt64Array.from(values);
}

/** Two values a byte, the first in the low half (ONNX "4 bit integer types"). */
function nibbles(stored: StoredTensor, isSigned: boolean): Int32Array {
  const buffer = rawBuffer(stored, 4);
  const bytes = buffer === null ? int32Pairs(stored) : new Uint8Array(buffer);
  const values = new Int32Array(stored.size);
  for (let at = 0; at < values.length; at += 1) {
    const nibble = ((bytes[at >> 1] ?? 0) >> (at % 2 === 0 ? 0 : 4)) & 0xf;
    values[at] = isSigned && nibble > 7 ? nibble - 16 : nibble;
  }
  return values;
}
