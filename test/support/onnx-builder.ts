import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  SparseTensorProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type SparseTensorProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/read/onnx-schema/onnx_pb.ts';

/** Where ONNX keeps the numbers of a tensor. */
export type TensorStorage = 'raw' | 'typed' | 'unpacked';

/** bigint = INT, number = FLOAT, number[] = INTS, string = STRING. */
export type AttributeValue = bigint | number | string | readonly number[] | TensorProto;

type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array;

/**
 * A tensor in one of ONNX's forms: `raw` bytes, the `typed` list of its type, or (float only) a
 * list with one record a value, as very old writers do.
 */
export function onnxTensor(
  name: string,
  shape: readonly number[],
  values: Numbers,
  storage: TensorStorage = 'raw',
): TensorProto {
  const base = { name, dims: shape.map(BigInt) };
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const raw = storage === 'raw';
  if (values instanceof BigInt64Array) {
    const stored = raw ? { rawData } : { int64Data: [...values] };
    return create(TensorProtoSchema, { ...base, dataType: 7, ...stored });
  }
  if (values instanceof Int32Array) {
    const stored = raw ? { rawData } : { int32Data: [...values] };
    return create(TensorProtoSchema, { ...base, dataType: 6, ...stored });
  }
  if (values instanceof Float64Array) {
    const stored = raw ? { rawData } : { doubleData: [...values] };
    return create(TensorProtoSchema, { ...base, dataType: 11, ...stored });
  }
  if (raw) return create(TensorProtoSchema, { ...base, dataType: 1, rawData });
  const tensor = create(TensorProtoSchema, { ...base, dataType: 1 });
  // float_data is field 4, which our schema leaves undeclared.
  tensor.$unknown =
    storage === 'typed'
      ? [
          {
            no: 4,
            wireType: WireType.LengthDelimited,
            data: new BinaryWriter().bytes(rawData).finish(),
          },
        ]
      : Array.from(values, (_, index) => ({
          no: 4,
          wireType: WireType.Bit32,
          data: rawData.slice(index * 4, index * 4 + 4),
        }));
  return tensor;
}

/** A float32 tensor of the given shape filled from `values`. */
export function floats(
  name: string,
  shape: readonly number[],
  values: ArrayLike<number>,
): TensorProto {
  return onnxTensor(name, shape, Float32Array.from(values));
}

/** A list of 64-bit integers, such as a shape or axes. */
export function integers(name: string, values: readonly number[]): TensorProto {
  return onnxTensor(name, [values.length], BigInt64Array.from(values, BigInt));
}

/** A single 64-bit integer. */
export function integer(name: string, value: number): TensorProto {
  return onnxTensor(name, [], BigInt64Array.of(BigInt(value)));
}

/** A sparse float initialiser with linear indices. */
export function sparseFloats(
  name: string,
  shape: readonly number[],
  entries: readonly (readonly [number, number])[],
): SparseTensorProto {
  return create(SparseTensorProtoSchema, {
    values: floats(
      name,
      [entries.length],
      entries.map(([, value]) => value),
    ),
    indices: integers(
      '',
      entries.map(([index]) => index),
    ),
    dims: shape.map(BigInt),
  });
}

/** A node; its name is empty unless told. */
export function onnxNode(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  more: { readonly name?: string; readonly domain?: string } = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType: operator,
    input: [...inputs],
    output: [...outputs],
    name: more.name ?? '',
    domain: more.domain ?? '',
    attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
  });
}

function attributeOf(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'bigint') return create(AttributeProtoSchema, { name, type: 2, i: value });
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: 1, f: value });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(value) });
  }
  if ('$typeName' in value) return create(AttributeProtoSchema, { name, type: 4, t: value });
  return create(AttributeProtoSchema, { name, type: 7, ints: value.map(BigInt) });
}

/** Lengths; a string is symbolic, null is unknown. */
export type Dimensions = readonly (number | string | null)[];

/** What the parts of a model default to: opset 17, float32 input `x`, output `y`. */
export interface ModelParts {
  readonly nodes: readonly NodeProto[];
  readonly initializers?: readonly TensorProto[];
  readonly sparseInitializers?: readonly SparseTensorProto[];
  /** Shapes by name; null leaves the type out. */
  readonly inputs?: Readonly<Record<string, Dimensions | null>>;
  readonly outputs?: readonly string[];
  readonly opset?: number;
  /** ONNX element type of the inputs, 1 (FLOAT) unless told. */
  readonly inputType?: number;
}

/** The bytes of an ONNX file. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const inputs = parts.inputs ?? { x: [1, 1, 8, 8] };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'nzflow-test',
      opsetImport: [{ domain: '', version: BigInt(parts.opset ?? 17) }],
      graph: create(GraphProtoSchema, {
        name: 'test',
        node: [...parts.nodes],
        initializer: [...(parts.initializers ?? [])],
        sparseInitializer: [...(parts.sparseInitializers ?? [])],
        input: Object.entries(inputs).map(([name, dims]) =>
          valueInfo(name, dims, parts.inputType ?? 1),
        ),
        output: (parts.outputs ?? ['y']).map((name) => valueInfo(name, null, 1)),
      }),
    }),
  );
}

function valueInfo(name: string, dims: Dimensions | null, elemType: number): ValueInfoProto {
  const dim = (dims ?? []).map((length) => ({
    value:
      typeof length === 'number'
        ? { case: 'dimValue' as const, value: BigInt(length) }
        : length === null
          ? { case: undefined }
          : { case: 'dimParam' as const, value: length },
  }));
  const tensor = dims === null ? { elemType } : { elemType, shape: { dim } };
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: tensor } },
  });
}

/** Numbers between -1 and 1 from a small linear congruential generator: the same every time. */
export function noise(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
