import { create } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import type { OnnxTensor } from '../../src/ir/onnx.ts';
import { TensorProtoSchema, type TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { packFloatData } from '../../src/read/onnx-pack-floats.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { encodeModel, onnxNode as node, onnxTensor } from '../support/onnx-builder.ts';
import { diagnosticsOf } from '../support/user-error.ts';

/** The tensor as read from a model whose only initialiser it is. */
function read(tensor: TensorProto): OnnxTensor | undefined {
  const bytes = encodeModel({ nodes: [node('Mul', ['x', 'w'], ['y'])], initializers: [tensor] });
  return decodeOnnxModel(bytes, 'net.onnx').initializers.get('w');
}

describe('an initialiser', () => {
  const floats = Float32Array.of(1.5, -0, 3e38);

  it.each(['raw', 'typed', 'unpacked'] as const)('of floats stored %s', (storage) => {
    expect(read(onnxTensor('w', [3], floats, storage))).toEqual({
      name: 'w',
      elementType: 'float32',
      shape: [3],
      data: floats,
    });
  });

  it('of unpacked floats among others, and of millions of them', () => {
    const many = Float32Array.from({ length: 2 ** 20 }, (_, index) => index / 3);
    const tensors = [
      onnxTensor('a', [3], floats),
      onnxTensor('b', [many.length], many, 'unpacked'),
      onnxTensor('c', [3], floats, 'typed'),
      onnxTensor('d', [3], floats, 'unpacked'),
    ];
    const bytes = encodeModel({
      nodes: [node('Mul', ['x', 'd'], ['y'], {}, { name: 'after' })],
      initializers: tensors,
    });
    const packed = packFloatData(bytes);
    expect(bytes.length - packed.length).toBeGreaterThan(many.length - 20);
    expect(packFloatData(packed)).toBe(packed);
    const model = decodeOnnxModel(bytes, 'net.onnx');
    expect(Array.from(model.initializers.values(), ({ data }) => data)).toEqual([
      floats,
      many,
      floats,
      floats,
    ]);
    expect(model.nodes[0]?.name).toBe('after');
  });

  it('of floats in both forms keeps their order', () => {
    const tensor = onnxTensor('w', [3], Float32Array.of(1), 'unpacked');
    const [first] = tensor.$unknown ?? [];
    const [run] = onnxTensor('', [2], Float32Array.of(2, 3), 'typed').$unknown ?? [];
    tensor.$unknown = [first, run].filter((field) => field !== undefined);
    expect(read(tensor)?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('of floats in several packed runs', () => {
    const run = (value: number): { no: number; wireType: WireType; data: Uint8Array } => ({
      no: 4,
      wireType: WireType.LengthDelimited,
      data: new BinaryWriter().bytes(new Uint8Array(Float32Array.of(value).buffer)).finish(),
    });
    const tensor = onnxTensor('w', [2], Float32Array.of(), 'typed');
    tensor.$unknown = [run(2), run(-3)];
    expect(read(tensor)?.data).toEqual(Float32Array.of(2, -3));
  });

  it.each([
    ['float64', Float64Array.of(1.5, -2, 1e300)],
    ['int32', Int32Array.of(1, -2, 70000)],
    ['int64', BigInt64Array.of(1n, -2n, 2n ** 62n)],
  ])('of %s, raw and typed', (elementType, data) => {
    for (const storage of ['raw', 'typed'] as const) {
      expect(read(onnxTensor('w', [3, 1], data, storage))).toEqual({
        name: 'w',
        elementType,
        shape: [3, 1],
        data,
      });
    }
  });

  it.each([
    ['uint8', Uint8Array.of(1, 255)],
    ['int8', Int8Array.of(1, -128)],
    ['uint16', Uint16Array.of(1, 65535)],
    ['int16', Int16Array.of(1, -32768)],
  ])('of %s keeps its type, raw and typed', (elementType, values) => {
    for (const storage of ['raw', 'typed'] as const) {
      const tensor = read(onnxTensor('w', [2], values, storage));
      expect(tensor).toMatchObject({ elementType, data: Int32Array.from(values) });
    }
  });

  it.each([
    ['UINT32', Uint32Array.of(1, 2 ** 32 - 1)],
    ['UINT64', BigUint64Array.of(1n, 2n ** 63n - 1n)],
  ])('of %s is widened, in all storage forms', (_, values) => {
    for (const storage of ['raw', 'typed', 'unpacked'] as const) {
      const tensor = read(onnxTensor('w', [2], values, storage));
      expect(tensor).toMatchObject({
        elementType: 'int64',
        data: BigInt64Array.from(values, BigInt),
      });
    }
  });

  it.each([
    ['FLOAT16', 10, [0x3e00, 0xc000, 0x0001, 0x7c00], [1.5, -2, 2 ** -24, Infinity]],
    ['BFLOAT16', 16, [0x3fc0, 0xc000, 0x7f80, 0x0001], [1.5, -2, Infinity, 9.183549615799121e-41]],
  ])('of %s is widened, raw and typed', (_, dataType, bits, values) => {
    for (const storage of ['raw', 'typed'] as const) {
      const tensor = read(onnxTensor('w', [4], Uint16Array.from(bits), storage, dataType));
      expect(tensor).toMatchObject({ elementType: 'float32', data: Float32Array.from(values) });
    }
  });

  it.each(['raw', 'typed'] as const)('of BOOL is 0 or 1, %s', (storage) => {
    const tensor = read(onnxTensor('w', [3], Uint8Array.of(1, 0, 7), storage, 9));
    expect(tensor).toMatchObject({ elementType: 'bool', data: Uint8Array.of(1, 0, 1) });
  });

  it.each([
    ['int4', 22, [-8, 7, -1]],
    ['uint4', 21, [8, 7, 15]],
  ])('of %s is unpacked, low half first', (elementType, dataType, values) => {
    for (const storage of ['raw', 'typed'] as const) {
      const tensor = read(onnxTensor('w', [3], Uint8Array.of(0x78, 0x0f), storage, dataType));
      expect(tensor).toMatchObject({ elementType, data: Int32Array.from(values) });
    }
  });

  it('without values is empty', () => {
    expect(read(onnxTensor('w', [0, 4], Float32Array.of()))).toMatchObject({
      shape: [0, 4],
      data: Float32Array.of(),
    });
  });
});

describe('refuses', () => {
  const at = 'net.onnx: initialiser "w"';

  it.each([
    [
      'an INT8 beyond 8 bits',
      onnxTensor('w', [1], Int32Array.of(128), 'typed', 3),
      'int32_data holds 128, which is no INT8',
    ],
    [
      'a half beyond 16 bits',
      onnxTensor('w', [1], Int32Array.of(-1), 'typed', 10),
      'int32_data holds -1, which is no FLOAT16',
    ],
    [
      'a UINT64 beyond 63 bits',
      onnxTensor('w', [1], BigUint64Array.of(2n ** 63n)),
      'the value 9223372036854775808 is beyond 2^63',
    ],
    [
      'fewer nibbles than the shape has',
      onnxTensor('w', [5], Uint8Array.of(1, 2), 'raw', 22),
      'the shape [5] needs 5 values, raw_data holds 4',
    ],
    [
      'more nibbles than the shape has',
      onnxTensor('w', [2], Uint8Array.of(1, 2), 'typed', 22),
      'the shape [2] needs 2 values, int32_data holds 4',
    ],
    [
      'unpacked floats that are too few',
      onnxTensor('w', [2], Float32Array.of(1), 'unpacked'),
      'the shape [2] needs 2 values, float_data holds 1',
    ],
    [
      'doubles that are too few',
      onnxTensor('w', [2], Float64Array.of(1), 'typed'),
      'the shape [2] needs 2 values, double_data holds 1',
    ],
    [
      'unsigned integers that are too many',
      onnxTensor('w', [1], BigUint64Array.of(1n, 2n), 'typed'),
      'the shape [1] needs 1 values, uint64_data holds 2',
    ],
  ])('%s', (_, tensor, message) => {
    expect(diagnosticsOf(() => read(tensor))).toMatchObject([
      { code: 'model/tensor', message, place: at },
    ]);
  });

  it('uint64_data that is cut off', () => {
    const tensor = onnxTensor('w', [1], BigUint64Array.of(), 'typed');
    const data = new BinaryWriter().bytes(Uint8Array.of(0x80)).finish();
    tensor.$unknown = [{ no: 11, wireType: WireType.LengthDelimited, data }];
    expect(diagnosticsOf(() => read(tensor))).toMatchObject([
      { code: 'model/tensor', message: 'uint64_data is not a list of integers', place: at },
    ]);
  });

  it.each([
    ['STRING', 8],
    ['COMPLEX64', 14],
    ['FLOAT8E4M3FN', 17],
    ['type 99', 99],
  ])('values of %s', (name, dataType) => {
    const tensor = create(TensorProtoSchema, { name: 'w', dims: [1n], dataType });
    expect(diagnosticsOf(() => read(tensor))).toEqual([
      {
        code: 'model/element-type',
        message: `values of type ${name} are not supported`,
        place: at,
        remedy: 'export the model with float32 weights',
      },
    ]);
  });

  it('attribute tensors, all of them', () => {
    const value = onnxTensor('', [2], Float32Array.of(1));
    const bytes = encodeModel({
      nodes: [
        node('Constant', [], ['a'], { value }, { name: 'first' }),
        node('Constant', [], ['b'], { value }, { name: 'second' }),
        node('Relu', ['x'], ['y']),
      ],
    });
    expect(diagnosticsOf(() => decodeOnnxModel(bytes, 'net.onnx'))).toMatchObject([
      { code: 'model/tensor', place: 'net.onnx: node "first", attribute "value"' },
      { code: 'model/tensor', place: 'net.onnx: node "second", attribute "value"' },
    ]);
  });
});
