import type { OnnxAttribute, OnnxNode } from '../ir/onnx.ts';
import { UserError, fail, type Diagnostic } from '../base/diagnostics.ts';
import type { AttributeProto, GraphProto, NodeProto } from './onnx-schema/onnx_pb.ts';
import { decodeTensor } from './onnx-tensor.ts';

/**
 * The nodes in the order of the file, each with a name of its own. Throws one `UserError` with
 * every attribute that cannot be read.
 */
export function decodeNodes(graph: GraphProto, place: string): readonly OnnxNode[] {
  const names = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  const nodes = graph.node.map((node, index) => {
    const name = uniqueName(givenName(node, index), names);
    names.add(name);
    const attributes = new Map<string, OnnxAttribute>();
    for (const attribute of node.attribute) {
      const at = `${place}: node "${name}", attribute "${attribute.name}"`;
      try {
        attributes.set(attribute.name, decodeAttribute(attribute, at));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        diagnostics.push(...error.diagnostics);
      }
    }
    return {
      name,
      operator: node.opType,
      domain: node.domain === 'ai.onnx' ? '' : node.domain,
      inputs: node.input,
      outputs: node.output,
      attributes,
    };
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return nodes;
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
        return fail('model/tensor', 'the tensor is missing', {
          place,
          remedy: 'export the model again',
        });
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
