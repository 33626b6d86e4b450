import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { OnnxTensor } from '../../src/ir/onnx.ts';
import { present } from '../../src/base/invariant.ts';
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/read/onnx-schema/onnx_pb.ts';
import { decodeTensor } from '../../src/read/onnx-tensor.ts';

/** One test of the ONNX project: a model and what it must answer. */
export interface TestCase {
  /** Folder name, such as `test_relu`. */
  readonly name: string;
  /** Operators of its nodes, each once, with their domain where they are not of the standard. */
  readonly operators: readonly string[];
  /** Data sets; most tests have one. */
  readonly runs: readonly TestRun[];
}

/** What stays an input of the model: its data (the first input), or nothing. */
export type Kept = 'data' | 'nothing';

/** The model with its other inputs turned into constants of one data set. */
export interface TestRun {
  readonly model: Uint8Array;
  /** The first input; null when it is a constant too. */
  readonly input: OnnxTensor | null;
  readonly expected: OnnxTensor;
}

/** A test that cannot be run at all: its data is no tensor of numbers. */
export class UnreadableData extends Error {}

/** The tests in a folder as `onnx/backend/test/data/node`, by name. */
export function listTests(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'model.onnx')))
    .sort();
}

/** The operators of a test. */
export function readOperators(folder: string, name: string): readonly string[] {
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(join(folder, name, 'model.onnx')));
  const operators = (graph?.node ?? []).map(({ domain, opType }) =>
    domain === '' || domain === 'ai.onnx' ? opType : `${domain}::${opType}`,
  );
  return [...new Set(operators)];
}

/**
 * Model and data of a test. In these tests the weights of a layer are inputs like its data;
 * here they become initialisers. Throws `UnreadableData` for sequences, optionals and text.
 */
export function readTestCase(folder: string, name: string, kept: Kept): TestCase {
  const path = join(folder, name);
  const sets = readdirSync(path).filter((entry) => entry.startsWith('test_data_set_'));
  return {
    name,
    operators: readOperators(folder, name),
    runs: sets.sort().map((set) => readRun(path, join(path, set), kept)),
  };
}

function readRun(path: string, data: string, kept: Kept): TestRun {
  const proto = fromBinary(ModelProtoSchema, readFileSync(join(path, 'model.onnx')));
  const graph = present(proto.graph, 'a test model has a graph');
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !initialized.has(name));
  const tensors = inputs.map((info, index) => readTensor(data, `input_${index}`, info));
  const [first, ...others] = tensors;
  const constant = kept === 'data' ? others : tensors;
  graph.initializer.push(...constant);
  const constants = new Set(constant.map(({ name }) => name));
  graph.input = graph.input.filter(({ name }) => !constants.has(name));
  return {
    model: toBinary(ModelProtoSchema, proto),
    input: first === undefined || kept === 'nothing' ? null : decode(first, data),
    expected: decode(readTensor(data, 'output_0', graph.output[0]), data),
  };
}

const uint16 = 4;
const bfloat16 = 16;

/** The tensor in a file as the input or output that `info` declares. */
function readTensor(folder: string, file: string, info: ValueInfoProto | undefined): TensorProto {
  const path = join(folder, `${file}.pb`);
  const type = info?.type?.value;
  const declared = type?.case === 'tensorType' ? type.value.elemType : null;
  try {
    const tensor = fromBinary(TensorProtoSchema, readFileSync(path));
    tensor.name = info?.name ?? '';
    // The tests were written with NumPy, which keeps bfloat16 as its bits.
    if (declared === bfloat16 && tensor.dataType === uint16) tensor.dataType = bfloat16;
    return tensor;
  } catch (cause) {
    throw new UnreadableData(`${file} is no tensor`, { cause });
  }
}

function decode(tensor: TensorProto, place: string): OnnxTensor {
  try {
    return decodeTensor(tensor, place);
  } catch (cause) {
    throw new UnreadableData('its data is no tensor of numbers', { cause });
  }
}
