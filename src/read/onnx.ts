import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from '../ir/onnx.ts';
import { UserError, fail, type Diagnostic } from '../base/diagnostics.ts';
import { readFailure } from './read-failure.ts';
import { refuseSpecialFile } from './special-file.ts';
import {
  ModelProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema/onnx_pb.ts';
import { decodeSparseTensor, decodeTensor, elementTypeName, isExternal } from './onnx-tensor.ts';
import { sortNodes } from './onnx-order.ts';

/** Operator sets that are read; what changed between them is handled per operator. */
const firstOpset = 9;
const lastOpset = 21;

/** Protobuf's own limit on a message. */
const largestFile = 2 ** 31 - 1;

const damaged = 'export the model again, or copy the file again if it was downloaded';

/**
 * Reads an ONNX file. Throws `UserError` when the file cannot be read and for everything
 * `decodeOnnxModel` refuses.
 */
export async function readOnnxModel(path: string): Promise<OnnxModel> {
  await refuseSpecialFile('model/unreadable', path);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > largestFile) {
      fail('model/too-large', `the file has ${size} bytes, more than the 2 GB ONNX allows`, {
        place: path,
        remedy: 'export a smaller model',
      });
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return readFailure('model/unreadable', path, error);
  }
  return decodeOnnxModel(bytes, path);
}

/**
 * Decodes the bytes of an ONNX file; `place` is its path, for messages and the model's name.
 * Checks that names are defined once and before use (nodes are put in topological order) and
 * that no tensor claims more data than the file has. Throws `UserError`.
 */
export function decodeOnnxModel(bytes: Uint8Array, place: string): OnnxModel {
  const proto = decodeProto(bytes, place);
  const { graph } = proto;
  if (graph === undefined) {
    return proto.irVersion === 0n && proto.opsetImport.length === 0
      ? notOnnx(place)
      : fail('model/truncated', 'the file ends before the graph', { place, remedy: damaged });
  }
  const opset = decodeOpset(proto, place);
  refuseExternalData(graph, place);
  const initializers = decodeInitializers(graph, place);
  const inputs = graph.input
    .filter((input) => !initializers.has(input.name))
    .map((input) => decodeValueInfo(input));
  const outputs = graph.output.map(decodeValueInfo);
  if (outputs.length === 0) {
    fail('model/truncated', 'the graph has no outputs', { place, remedy: damaged });
  }
  return {
    name: modelName(place),
    producer: `${proto.producerName} ${proto.producerVersion}`.trim(),
    opset,
    inputs,
    outputs,
    nodes: sortNodes(decodeNodes(graph, place), inputs, outputs, initializers, place),
    initializers,
  };
}

function decodeProto(bytes: Uint8Array, place: string): ModelProto {
  if (bytes.length === 0) fail('model/empty', 'the file is empty', { place, remedy: damaged });
  try {
    return fromBinary(ModelProtoSchema, bytes);
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

function decodeOpset(proto: ModelProto, place: string): number {
  const standard = proto.opsetImport.find(({ domain }) => domain === '' || domain === 'ai.onnx');
  if (standard === undefined) {
    return fail('model/opset', 'the model does not say which ONNX operator set it uses', {
      place,
      remedy: damaged,
    });
  }
  const opset = Number(standard.version);
  if (opset >= firstOpset && opset <= lastOpset) return opset;
  return fail(
    'model/opset',
    `operator set ${opset} is not supported, only ${firstOpset} to ${lastOpset}`,
    { place, remedy: 'export with opset_version=17' },
  );
}

function refuseExternalData(graph: GraphProto, place: string): void {
  const external = allTensors(graph).filter(isExternal);
  if (external.length === 0) return;
  const some = external.slice(0, 3).map(({ name }) => name);
  const more = external.length > some.length ? ', …' : '';
  fail(
    'model/external-data',
    `${external.length} tensors (${some.join(', ')}${more}) are stored in other files, which is not supported yet`,
    {
      place,
      remedy:
        'write one file: onnx.save(onnx.load("model.onnx"), "single.onnx", save_as_external_data=False)',
    },
  );
}

function allTensors(graph: GraphProto): readonly TensorProto[] {
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

function decodeNodes(graph: GraphProto, place: string): readonly OnnxNode[] {
  const names = new Set<string>();
  return graph.node.map((node, index) => {
    const name = uniqueName(givenName(node, index), names);
    names.add(name);
    return {
      name,
      operator: node.opType,
      domain: node.domain === 'ai.onnx' ? '' : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes: new Map(
        node.attribute.map((attribute) => [
          attribute.name,
          decodeAttribute(attribute, `${place}: node "${name}", attribute "${attribute.name}"`),
        ]),
      ),
    };
  });
}

function givenName(node: NodeProto, index: number): string {
  if (node.name !== '') return node.name;
  const output = node.output.find((name) => name !== '') ?? String(index);
  return `${node.opType}:${output}`;
}

function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}#${number}`)) number += 1;
  return `${name}#${number}`;
}

const text = new TextDecoder();

/** ONNX AttributeProto.AttributeType; a writer may leave it out, then the content tells. */
function decodeAttribute(proto: AttributeProto, place: string): OnnxAttribute {
  const type = proto.type === 0 ? guessType(proto) : proto.type;
  switch (type) {
    case 1:
      return { kind: 'float', value: proto.f };
    case 2:
      return { kind: 'int', value: Number(proto.i) };
    case 3:
      return { kind: 'string', value: text.decode(proto.s) };
    case 4:
      if (proto.t === undefined) {
        return fail('model/tensor', 'the tensor is missing', { place, remedy: damaged });
      }
      return { kind: 'tensor', value: decodeTensor(proto.t, place) };
    case 6:
      return { kind: 'floats', value: proto.floats };
    case 7:
      return { kind: 'ints', value: proto.ints.map(Number) };
    case 8:
      return { kind: 'strings', value: proto.strings.map((value) => text.decode(value)) };
    default:
      return { kind: 'other', value: null };
  }
}

function guessType(proto: AttributeProto): number {
  if (proto.t !== undefined) return 4;
  if (proto.ints.length > 0) return 7;
  if (proto.floats.length > 0) return 6;
  if (proto.strings.length > 0) return 8;
  if (proto.s.length > 0) return 3;
  return proto.f === 0 ? 2 : 1;
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
