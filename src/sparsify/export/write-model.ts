import { create, toBinary } from '@bufbuild/protobuf';
import { present } from '../../base/invariant.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { FeatureShape, Graph } from '../../ir/graph.ts';
import type { AxisOrder } from '../../ir/axis-order.ts';
import type { OnnxDimension, OnnxModel, OnnxValueInfo } from '../../ir/onnx.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  ValueInfoProtoSchema,
} from '../../read/onnx-schema/onnx_pb.ts';
import type { ValueInfoProto } from '../../read/onnx-schema/onnx_pb.ts';
import { nodeWriter } from './onnx-nodes.ts';
import type { NodeWriter } from './onnx-nodes.ts';
import { isVector, writeLayer } from './write-layer.ts';
import type { WrittenValue } from './write-layer.ts';

const irVersion = 7n;
const opset = 13n;

/** Behind the names of tensors: the protobuf of the model, and nothing of the machine it is made on. */
const producer = 'nzflow sparsify';

/**
 * A graph as the bytes of an ONNX model (operator set 13) that computes the same: batch
 * normalisation is in the weights, k-WTA is written as PyTorch exports it, inputs and outputs have
 * the names and shapes they have in `original`. Same graph, same bytes.
 */
export function writeModel(graph: Graph, original: OnnxModel): Uint8Array {
  const input = present(
    original.inputs.find(({ name }) => name === graph.input.name),
    'the input of a graph is one of the model',
  );
  const outputNames = graph.outputs.map(({ name }) => name);
  const writer = nodeWriter([input.name, ...outputNames]);
  const values = new Map<string, WrittenValue>();
  values.set(input.name, writeInput(writer, graph, input));
  for (const layer of graph.layers) {
    const inputs = inputsOf(layer).map((name) => present(values.get(name), 'layers are in order'));
    values.set(layer.name, writeLayer(writer, layer, inputs));
  }
  const outputs = graph.outputs.map(({ name, layer, answerOrder }) => {
    const value = present(values.get(layer), 'an output is a layer');
    const told = original.outputs.find((output) => output.name === name)?.shape ?? null;
    return writeOutput(writer, name, value, answerOrder, { told, batch: input.shape?.[0] ?? null });
  });
  const proto = create(ModelProtoSchema, {
    irVersion,
    producerName: producer,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: opset })],
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: [...writer.nodes],
      initializer: [...writer.initializers],
      input: [valueInfo(input.name, input.shape ?? [])],
      output: outputs,
    }),
  });
  return toBinary(ModelProtoSchema, proto);
}

/** From the shape the model takes to [N, C, H, W] or [N, C]. */
function writeInput(writer: NodeWriter, graph: Graph, input: OnnxValueInfo): WrittenValue {
  const { shape, sampleOrder } = graph.input;
  const wanted = dimsOf(shape);
  const given = (input.shape ?? []).slice(1);
  let name = input.name;
  if (sampleOrder !== undefined) {
    name = writeReorder(writer, 'input', name, sampleOrder);
  } else if (given.join() === wanted.join()) {
    return { name, shape };
  }
  return { name: writeReshape(writer, 'input', name, wanted), shape };
}

function writeOutput(
  writer: NodeWriter,
  name: string,
  value: WrittenValue,
  order: AxisOrder | undefined,
  shapes: { readonly told: readonly OnnxDimension[] | null; readonly batch: OnnxDimension },
): ValueInfoProto {
  const own = dimsOf(value.shape);
  const told = shapes.told?.slice(1) ?? null;
  const isKnown = told !== null && told.every((length) => typeof length === 'number');
  const untold = order?.dims ?? own;
  const dims = isKnown && product(told) === product(own) ? told : untold;
  let last = value.name;
  if (order !== undefined) last = writeReorder(writer, name, last, order);
  if (order !== undefined || dims.join() !== own.join()) {
    writeReshape(writer, name, last, dims, name);
  } else {
    writer.node({ operator: 'Identity', name, inputs: [last], output: name });
  }
  return valueInfo(name, [shapes.batch, ...dims]);
}

/** The values of a sample with their axes in another order. */
function writeReorder(writer: NodeWriter, name: string, input: string, order: AxisOrder): string {
  return writer.node({
    operator: 'Transpose',
    name: `${name}/order`,
    inputs: [writeReshape(writer, `${name}/axes`, input, order.lengths)],
    attributes: { perm: { ints: [0, ...order.axes.map((axis) => axis + 1)] } },
  });
}

function writeReshape(
  writer: NodeWriter,
  name: string,
  input: string,
  dims: readonly number[],
  output?: string,
): string {
  const shape = writer.integers(`${name}/shape`, [0, ...dims]);
  const node = { operator: 'Reshape', name: `${name}/reshape`, inputs: [input, shape] };
  return writer.node(output === undefined ? node : { ...node, output });
}

function dimsOf(shape: FeatureShape): readonly number[] {
  return isVector(shape) ? [shape.channels] : [shape.channels, shape.height, shape.width];
}

function product(lengths: readonly number[]): number {
  return lengths.reduce((size, length) => size * length, 1);
}

function valueInfo(name: string, shape: readonly OnnxDimension[]): ValueInfoProto {
  const dim = shape.map((length) =>
    typeof length === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(length) } }
      : typeof length === 'string'
        ? { value: { case: 'dimParam' as const, value: length } }
        : {},
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim } } } },
  });
}
