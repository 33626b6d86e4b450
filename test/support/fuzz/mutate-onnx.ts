import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../../src/read/onnx-schema/onnx_pb.ts';
import type {
  AttributeProto,
  GraphProto,
  NodeProto,
  TensorProto,
} from '../../../src/read/onnx-schema/onnx_pb.ts';
import { operatorRules } from '../../../src/passes/operators/table.ts';
import { integerBetween } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { mutateBytes, oneOf } from './mutate-bytes.ts';
import { oddIntegers, oddNames, oddNumbers } from './odd-values.ts';

const operators = [...operatorRules.keys()];

/** A model with a few of its nodes, tensors, shapes and names changed, sometimes bytes as well. */
export function mutateOnnx(random: Random, bytes: Uint8Array): Uint8Array {
  if (random() < 0.15) return mutateBytes(random, bytes);
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (graph === undefined) return mutateBytes(random, bytes);
  for (let changes = integerBetween(random, 1, 4); changes > 0; changes -= 1) {
    const draw = random();
    if (draw < 0.35) changeTensor(random, oneOfOrNone(random, graph.initializer), graph);
    else if (draw < 0.75) changeNode(random, graph);
    else if (draw < 0.9) changePort(random, graph);
    else if (draw < 0.95) {
      const [operatorSet] = model.opsetImport;
      if (operatorSet !== undefined) operatorSet.version = oneOf(random, oddIntegers);
    } else model.irVersion = oneOf(random, oddIntegers);
  }
  let changed: Uint8Array;
  try {
    changed = toBinary(ModelProtoSchema, model);
  } catch {
    // text that is no UTF-8 cannot be written
    return mutateBytes(random, bytes);
  }
  return random() < 0.1 ? mutateBytes(random, changed) : changed;
}

function oneOfOrNone<Value>(random: Random, values: readonly Value[]): Value | null {
  return values.length === 0 ? null : oneOf(random, values);
}

function changeTensor(random: Random, tensor: TensorProto | null, graph: GraphProto): void {
  if (tensor === null) return;
  switch (integerBetween(random, 0, 9)) {
    case 0:
      tensor.dims[integerBetween(random, 0, tensor.dims.length)] = oneOf(random, oddIntegers);
      tensor.dims = tensor.dims.filter((size) => size !== undefined);
      break;
    case 1:
      tensor.dims.pop();
      break;
    case 2:
      tensor.dims = Array.from({ length: integerBetween(random, 0, 70) }, () =>
        oneOf(random, oddIntegers),
      );
      break;
    case 3:
      tensor.dataType = integerBetween(random, -1, 30);
      break;
    case 4:
      tensor.rawData = tensor.rawData.slice(0, integerBetween(random, 0, tensor.rawData.length));
      break;
    case 5:
      tensor.doubleData.push(oneOf(random, oddNumbers));
      break;
    case 6:
      if (tensor.rawData.length >= 4) {
        const at = 4 * integerBetween(random, 0, Math.floor(tensor.rawData.length / 4) - 1);
        const odd = Buffer.alloc(4);
        odd.writeFloatLE(oneOf(random, oddNumbers));
        tensor.rawData = Uint8Array.from([
          ...tensor.rawData.subarray(0, at),
          ...odd,
          ...tensor.rawData.subarray(at + 4),
        ]);
      }
      break;
    case 7:
      tensor.dataLocation = 1;
      break;
    case 8:
      graph.initializer.push(tensor);
      break;
    case 9:
      tensor.name = oneOf(random, oddNames);
      break;
  }
}

function changeNode(random: Random, graph: GraphProto): void {
  const node = oneOfOrNone(random, graph.node);
  if (node === null) return;
  const at = graph.node.indexOf(node);
  switch (integerBetween(random, 0, 9)) {
    case 0:
      graph.node.splice(at, 1);
      break;
    case 1:
      graph.node.push(node);
      break;
    case 2:
      node.opType = random() < 0.9 ? oneOf(random, operators) : oneOf(random, oddNames);
      break;
    case 3:
      node.name = oneOf(random, oddNames);
      break;
    case 4:
      rewire(random, node, graph);
      break;
    case 5:
      node.input.pop();
      break;
    case 6:
      node.output = [oneOf(random, [...node.input, ...node.output, oneOf(random, oddNames)])];
      break;
    case 7:
      node.attribute.pop();
      break;
    default:
      changeAttribute(random, oneOfOrNone(random, node.attribute));
  }
}

/** Reads another edge: perhaps a later one, or its own. */
function rewire(random: Random, node: NodeProto, graph: GraphProto): void {
  const edges = [
    ...graph.node.flatMap(({ output }) => output),
    ...graph.initializer.map(({ name }) => name),
    '',
    'nothing',
  ];
  const place = integerBetween(random, 0, node.input.length);
  node.input.splice(place, random() < 0.7 ? 1 : 0, oneOf(random, edges));
}

function changeAttribute(random: Random, attribute: AttributeProto | null): void {
  if (attribute === null) return;
  switch (integerBetween(random, 0, 5)) {
    case 0:
      attribute.i = oneOf(random, oddIntegers);
      break;
    case 1:
      attribute.f = oneOf(random, oddNumbers);
      break;
    case 2:
      attribute.ints = attribute.ints.map((value) =>
        random() < 0.4 ? oneOf(random, oddIntegers) : value,
      );
      break;
    case 3:
      attribute.ints.push(oneOf(random, oddIntegers));
      break;
    case 4:
      attribute.type = integerBetween(random, 0, 14);
      break;
    case 5:
      attribute.s = new TextEncoder().encode(oneOf(random, oddNames));
      break;
  }
}

function changePort(random: Random, graph: GraphProto): void {
  const port = oneOfOrNone(random, [...graph.input, ...graph.output]);
  const type = port?.type?.value;
  if (port === null || type?.case !== 'tensorType') return;
  const dims = type.value.shape?.dim ?? [];
  const dim = oneOfOrNone(random, dims);
  switch (integerBetween(random, 0, 4)) {
    case 0:
    case 1:
      if (dim !== null) dim.value = { case: 'dimValue', value: oneOf(random, oddIntegers) };
      break;
    case 2:
      if (dim !== null) dim.value = { case: 'dimParam', value: oneOf(random, oddNames) };
      break;
    case 3:
      port.name = oneOf(random, [...graph.node.flatMap(({ output }) => output), ...oddNames]);
      break;
    case 4:
      dims.pop();
      break;
  }
}
