import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../ir/onnx.ts';
import { refuse } from './operator-rule.ts';

/** An integer attribute, or what ONNX assumes without it. */
export function intAttribute(node: OnnxNode, name: string, absent: number): number {
  const found = node.attributes.get(name);
  if (found === undefined) return absent;
  return found.kind === 'int' ? found.value : refuseKind(name, found, 'an integer');
}

/** A float attribute, or what ONNX assumes without it. */
export function floatAttribute(node: OnnxNode, name: string, absent: number): number {
  const found = node.attributes.get(name);
  if (found === undefined) return absent;
  return found.kind === 'float' ? found.value : refuseKind(name, found, 'a float');
}

/** A string attribute, or what ONNX assumes without it. */
export function stringAttribute(node: OnnxNode, name: string, absent: string): string {
  const found = node.attributes.get(name);
  if (found === undefined) return absent;
  return found.kind === 'string' ? found.value : refuseKind(name, found, 'a string');
}

/** A list of integers, or null. */
export function intsAttribute(node: OnnxNode, name: string): readonly number[] | null {
  const found = node.attributes.get(name);
  if (found === undefined) return null;
  return found.kind === 'ints' ? found.value : refuseKind(name, found, 'a list of integers');
}

/** A tensor, or null. */
export function tensorAttribute(node: OnnxNode, name: string): OnnxTensor | null {
  const found = node.attributes.get(name);
  if (found === undefined) return null;
  return found.kind === 'tensor' ? found.value : refuseKind(name, found, 'a tensor');
}

function refuseKind(name: string, found: OnnxAttribute, wanted: string): never {
  return refuse(`the attribute "${name}" is of kind ${found.kind}, not ${wanted}`);
}
