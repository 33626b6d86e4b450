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

/** bigint = INT, number = FLOAT, number[] = INTS, Float32Array = FLOATS, string = STRING. */
export type AttributeValue =
  bigint | number | string | readonly number[] | Float32Array | TensorProto;

type Numbers =
  | Float32Array
  | Float64Array
  | Int32Array
  | BigInt64Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint32Array
  | BigUint64Array;

/** ONNX element type of an array, or the one told: bits of halves are a `Uint16Array`. */
function dataTypeOf(values: Numbers): number {
  if (values instanceof Float32Array) return 1;
  if (values instanceof Uint8Array) return 2;
  if (values instanceof Int8Array) return 3;
  if (values instanceof Uint16Array) return 4;
  if (values instanceof Int16Array) return 5;
  if (values instanceof Int32Array) return 6;
  if (values instanceof BigInt64Array) return 7;
  if (values instanceof Float64Array) return 11;
  return values instanceof Uint32Array ? 12 : 13;
}

/**
 * A tensor in one of ONNX's forms: `raw` bytes, the `typed` list of its type, or (float and
 * unsigned 32 and 64 bit only) a list with one record a value, as very old writers do.
 */
export function onnxTensor(
  name: string,
  shape: readonly number[],
  values: Numbers,
  storage: TensorStorage = 'raw',
  dataType = dataTypeOf(values),
): TensorProto {
  const base = { name, dims: shape.map(BigInt), dataType };
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (storage === 'raw') return create(TensorProtoSchema, { ...base, rawData });
  if (values instanceof BigInt64Array) {
    return create(TensorProtoSchema, { ...base, int64Data: [...values] });
  }
  if (values instanceof Float64Array) {
    return create(TensorProtoSchema, { ...base, doubleData: [...values] });
  }
  const tensor = create(TensorProtoSchema, base);
  if (values instanceof Float32Array) {
    const records = Array.from(values, (_, at) => rawData.slice(at * 4, at * 4 + 4));
    tensor.$unknown = undeclared(4, WireType.Bit32, records, storage);
  } else if (values instanceof Uint32Array || values instanceof BigUint64Array) {
    const records = Array.from<number | bigint, Uint8Array>(values, (value) =>
      new BinaryWriter().uint64(value).finish(),
    );
    tensor.$unknown = undeclared(11, WireType.Varint, records, storage);
  } else {
    tensor.int32Data = [...values];
  }
  return tensor;
}

type Unknown = NonNullable<TensorProto['$unknown']>;

/** The records of a list field that our schema leaves undeclared, packed into one or apart. */
function undeclared(
  no: number,
  wireType: WireType,
  records: readonly Uint8Array[],
  storage: TensorStorage,
): Unknown {
  if (storage === 'unpacked') return records.map((data) => ({ no, wireType, data }));
  const data = new BinaryWriter().bytes(Buffer.concat(records)).finish();
  return [{ no, wireType: WireType.LengthDelimited, data }];
}

/** A tensor whose numbers are in another file; `entries` are its location, offset, and length. */
export function externalTensor(
  name: string,
  shape: readonly number[],
  entries: Readonly<Record<string, string | number>>,
  dataType = 1,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value: String(value) })),
  });
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
  if (value instanceof Float32Array) {
    return create(AttributeProtoSchema, { name, type: 6, floats: [...value] });
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
  /** Versions of other operator sets, by domain. */
  readonly domains?: Readonly<Record<string, number>>;
  /** ONNX element type of the inputs, 1 (FLOAT) unless told. */
  readonly inputType?: number;
  /** ONNX element types of outputs by name, 1 (FLOAT) unless told. */
  readonly outputTypes?: Readonly<Record<string, number>>;
}

/** The bytes of an ONNX file. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const inputs = parts.inputs ?? { x: [1, 1, 8, 8] };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'nzflow-test',
      opsetImport: Object.entries({ '': parts.opset ?? 17, ...parts.domains }).map(
        ([domain, version]) => ({ domain, version: BigInt(version) }),
      ),
      graph: create(GraphProtoSchema, {
        name: 'test',
        node: [...parts.nodes],
        initializer: [...(parts.initializers ?? [])],
        sparseInitializer: [...(parts.sparseInitializers ?? [])],
        input: Object.entries(inputs).map(([name, dims]) =>
          valueInfo(name, dims, parts.inputType ?? 1),
        ),
        output: (parts.outputs ?? ['y']).map((name) =>
          valueInfo(name, null, parts.outputTypes?.[name] ?? 1),
        ),
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
