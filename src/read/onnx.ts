import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import type { OnnxModel, OnnxTensor, OnnxValueInfo } from '../ir/onnx.ts';
import { UserError, fail, type Diagnostic } from '../base/diagnostics.ts';
import { readFailure } from './read-failure.ts';
import { refuseSpecialFile } from './special-file.ts';
import {
  ModelProtoSchema,
  type GraphProto,
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema/onnx_pb.ts';
import { elementTypeName } from './onnx-element-type.ts';
import { isExternal, readExternalData } from './onnx-external.ts';
import { decodeNodes } from './onnx-nodes.ts';
import { checkOperatorForms, decodeOperatorSets } from './onnx-opset.ts';
import { packFloatData } from './onnx-pack-floats.ts';
import { sortNodes } from './onnx-order.ts';
import { decodeSparseTensor } from './onnx-sparse-tensor.ts';
import { decodeTensor } from './onnx-tensor.ts';

/** Protobuf's own limit on a message. */
const largestFile = 2 ** 31 - 1;

/** Ten times what networks have: folding looks at all nodes for each of them. */
const mostNodes = 10_000;

const damaged = 'export the model again, or copy the file again if it was downloaded';

/**
 * Reads an ONNX file and the files beside it that hold its external data. Throws `UserError`
 * when a file cannot be read and for everything `decodeOnnxModel` refuses.
 */
export async function readOnnxModel(path: string): Promise<OnnxModel> {
  await refuseSpecialFile('model/unreadable', path);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > largestFile) {
      fail('model/too-large', `the file has ${size} bytes, more than the 2 GB ONNX allows`, {
        place: path,
        remedy: 'keep the weights in a file beside it: onnx.save(…, save_as_external_data=True)',
      });
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return readFailure('model/unreadable', path, error);
  }
  const proto = decodeProto(bytes, path);
  const external = allTensors(proto.graph).filter(isExternal);
  const externalFiles = await readExternalData(external, path);
  return decodeModel(proto, path, externalFiles);
}

/**
 * Decodes the bytes of an ONNX file; `place` is its path, for messages and the model's name.
 * Checks that names are defined once and before use (nodes are put in topological order), that
 * no tensor claims more data than the file has, and that nodes have the form of the model's
 * operator set. Throws `UserError`, also for external data, which only a file can have.
 */
export function decodeOnnxModel(bytes: Uint8Array, place: string): OnnxModel {
  const proto = decodeProto(bytes, place);
  const external = allTensors(proto.graph).filter(isExternal);
  if (external.length > 0) {
    const names = external.map(({ name }) => `"${name}"`).join(', ');
    fail('model/external-data', `the numbers of ${names} are stored in other files`, {
      place,
      remedy: 'give the path of the model, with these files in its folder',
    });
  }
  return decodeModel(proto, place, []);
}

/** `proto` with its external data already in place. */
function decodeModel(
  proto: ModelProto,
  place: string,
  externalFiles: readonly string[],
): OnnxModel {
  const { graph } = proto;
  if (graph === undefined) {
    return proto.irVersion === 0n && proto.opsetImport.length === 0
      ? notOnnx(place)
      : fail('model/truncated', 'the file ends before the graph', { place, remedy: damaged });
  }
  if (graph.node.length > mostNodes) {
    fail('model/too-large', `the graph has ${graph.node.length} nodes, more than ${mostNodes}`, {
      place,
      remedy: 'export a part of it: networks that fit on a device have hundreds',
    });
  }
  const { opset, domains } = decodeOperatorSets(proto, place);
  const initializers = decodeInitializers(graph, place);
  const inputs = graph.input
    .filter((input) => !initializers.has(input.name))
    .map((input) => decodeValueInfo(input));
  const outputs = graph.output.map(decodeValueInfo);
  if (outputs.length === 0) {
    fail('model/truncated', 'the graph has no outputs', { place, remedy: damaged });
  }
  const nodes = decodeNodes(graph, place);
  checkOperatorForms(nodes, opset, place);
  return {
    name: modelName(place),
    producer: `${proto.producerName} ${proto.producerVersion}`.trim(),
    opset,
    domains,
    inputs,
    outputs,
    nodes: sortNodes(nodes, inputs, outputs, initializers, place),
    initializers,
    externalFiles,
  };
}

function decodeProto(bytes: Uint8Array, place: string): ModelProto {
  if (bytes.length === 0) fail('model/empty', 'the file is empty', { place, remedy: damaged });
  try {
    return fromBinary(ModelProtoSchema, packFloatData(bytes));
  } catch (cause) {
    // Every writer puts ir_version (field 1, a varint) first.
    if (bytes[0] === 0x08 && cause instanceof RangeError) {
      return fail('model/truncated', 'the file is cut off: it ends inside a value', {
        place,
        remedy: damaged,
        cause,
      });
    }
    return notOnnx(place, cause);
  }
}

function notOnnx(place: string, cause?: unknown): never {
  return fail('model/not-onnx', 'this is not an ONNX model', {
    place,
    remedy: 'give a file written by torch.onnx.export or another ONNX exporter',
    cause,
  });
}

function allTensors(graph: GraphProto | undefined): readonly TensorProto[] {
  if (graph === undefined) return [];
  const sparse = graph.sparseInitializer.flatMap(({ values, indices }) => [values, indices]);
  const attributes = graph.node.flatMap(({ attribute }) => attribute.map(({ t }) => t));
  return [...graph.initializer, ...sparse, ...attributes].filter((tensor) => tensor !== undefined);
}

function decodeInitializers(graph: GraphProto, place: string): Map<string, OnnxTensor> {
  const tensors = new Map<string, OnnxTensor>();
  const diagnostics: Diagnostic[] = [];
  const add = (name: string, decode: (tensorPlace: string) => OnnxTensor): void => {
    const tensorPlace = `${place}: initialiser "${name}"`;
    if (name === '' || tensors.has(name)) {
      const message = name === '' ? 'an initialiser has no name' : 'two initialisers share a name';
      diagnostics.push({ code: 'model/names', message, place: tensorPlace, remedy: damaged });
      return;
    }
    try {
      tensors.set(name, decode(tensorPlace));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  };
  for (const tensor of graph.initializer) add(tensor.name, (at) => decodeTensor(tensor, at));
  for (const sparse of graph.sparseInitializer) {
    add(sparse.values?.name ?? '', (at) => decodeSparseTensor(sparse, at));
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return tensors;
}

function decodeValueInfo(proto: ValueInfoProto): OnnxValueInfo {
  const type = proto.type?.value;
  if (type?.case !== 'tensorType') return { name: proto.name, elementType: null, shape: null };
  const shape = type.value.shape?.dim.map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    // An empty name is how some writers say "unknown".
    return value.case === 'dimParam' && value.value !== '' ? value.value : null;
  });
  return {
    name: proto.name,
    elementType: elementTypeName(type.value.elemType),
    shape: shape ?? null,
  };
}

/** `keyword-cnn` for `examples/keyword-cnn/model.onnx`, otherwise the file name. */
function modelName(path: string): string {
  const stem = basename(path).replace(/\.onnx$/i, '');
  if (stem !== 'model') return stem;
  const folder = basename(dirname(path));
  return folder === '' || folder === '.' || folder === '..'
    ? basename(dirname(resolve(path)))
    : folder;
}
