import type { NodeProto, TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, type Dimensions } from '../onnx-builder.ts';

/**
 * A small model that uses one form of an operator. Together the models cover every row of the
 * table of operators; each is compared with ONNX Runtime.
 */
export interface OperatorModel {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Shape with a batch of 1. */
  readonly input: readonly number[];
  readonly outputs: readonly string[];
  readonly opset: number;
}

export interface ModelSettings {
  readonly input?: readonly number[];
  readonly outputs?: readonly string[];
  readonly opset?: number;
}

/** A model with input `x` of 1x4x7x6, output `y` and operator set 17, unless told. */
export function operatorModel(
  name: string,
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[] = [],
  { input = [1, 4, 7, 6], outputs = ['y'], opset = 17 }: ModelSettings = {},
): OperatorModel {
  return { name, nodes, initializers, input, outputs, opset };
}

export function encodeOperatorModel(
  { nodes, initializers, input, outputs, opset }: OperatorModel,
  declared: Dimensions = input,
): Uint8Array {
  const domains = { 'com.microsoft': 1 };
  return encodeModel({ nodes, initializers, inputs: { x: declared }, outputs, opset, domains });
}
