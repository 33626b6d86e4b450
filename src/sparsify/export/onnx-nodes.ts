import { create } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
} from '../../read/onnx-schema/onnx_pb.ts';
import type { AttributeProto, NodeProto, TensorProto } from '../../read/onnx-schema/onnx_pb.ts';

/** What an attribute may be here: a list of whole numbers, one of them, or a real number. */
export type AttributeValue =
  { readonly int: number } | { readonly ints: readonly number[] } | { readonly float: number };

/** The nodes and constants of a model while it is written; names are unique. */
export interface NodeWriter {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** The name, or with a number behind it where it is taken. */
  readonly unique: (wanted: string) => string;
  /** Adds a node with one result and returns the result's name. */
  readonly node: (node: NewNode) => string;
  /** A node whose second result is not wanted (TopK) is like any other. */
  readonly floats: (wanted: string, shape: readonly number[], data: Float32Array) => string;
  readonly integers: (wanted: string, values: readonly number[]) => string;
}

export interface NewNode {
  readonly operator: string;
  /** Of the node; made unique. */
  readonly name: string;
  readonly inputs: readonly string[];
  /** Name of the result where it is given (an output of the model); else made from `name`. */
  readonly output?: string;
  /** Results that nobody reads. */
  readonly unread?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

const elementTypes = { float: 1, int64: 7 } as const;

/** `taken` are names of values that are used otherwise: inputs and outputs of the model. */
export function nodeWriter(taken: readonly string[]): NodeWriter {
  const names = new Set(taken);
  const nodes: NodeProto[] = [];
  const nodeNames = new Set<string>();
  const initializers: TensorProto[] = [];

  const unique = (wanted: string): string => uniqueIn(names, wanted);
  const node = ({ operator, name, inputs, output, unread = [], attributes }: NewNode): string => {
    const result = output ?? unique(`${name}/result`);
    nodes.push(
      create(NodeProtoSchema, {
        opType: operator,
        name: uniqueIn(nodeNames, name),
        input: [...inputs],
        output: [result, ...unread.map(unique)],
        attribute: Object.entries(attributes ?? {}).map(([key, value]) => attribute(key, value)),
      }),
    );
    return result;
  };
  const floats = (wanted: string, shape: readonly number[], data: Float32Array): string => {
    const name = unique(wanted);
    initializers.push(tensor(name, shape, elementTypes.float, data));
    return name;
  };
  const integers = (wanted: string, values: readonly number[]): string => {
    const name = unique(wanted);
    const data = BigInt64Array.from(values, BigInt);
    initializers.push(tensor(name, [values.length], elementTypes.int64, data));
    return name;
  };
  return { nodes, initializers, unique, node, floats, integers };
}

function uniqueIn(names: Set<string>, wanted: string): string {
  let name = wanted;
  for (let number = 2; names.has(name); number += 1) name = `${wanted}#${number}`;
  names.add(name);
  return name;
}

function tensor(
  name: string,
  shape: readonly number[],
  dataType: number,
  data: Float32Array | BigInt64Array,
): TensorProto {
  const rawData = new Uint8Array(data.slice().buffer);
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData });
}

/** ONNX AttributeProto.AttributeType: FLOAT 1, INT 2, INTS 7. */
function attribute(name: string, value: AttributeValue): AttributeProto {
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: 1, f: value.float });
  }
  if ('int' in value) {
    return create(AttributeProtoSchema, { name, type: 2, i: BigInt(value.int) });
  }
  return create(AttributeProtoSchema, { name, type: 7, ints: value.ints.map(BigInt) });
}
