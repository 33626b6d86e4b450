import type { NodeProto, TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, floats, onnxNode, onnxTensor, type AttributeValue } from '../onnx-builder.ts';
import {
  zeroPointTensor,
  type Quantization,
  type QuantisedNetwork,
  type WindowStep,
} from './network.ts';
import type { Shape } from './reference.ts';

/** A model being written: nodes and constants in order. */
export interface ModelWriter {
  readonly node: (
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    domain?: string,
  ) => void;
  /** Adds a constant, gives its name. */
  readonly constant: (tensor: TensorProto) => string;
  /** The bytes; `watched` are quantised values made outputs too, for comparison. */
  readonly finish: (outputs: readonly string[], watched: Watched) => Uint8Array;
}

/** ONNX names of quantised values and their types, by name of the step. */
export type Watched = ReadonlyMap<
  string,
  { readonly onnxName: string; readonly type: Quantization['type'] }
>;

/** A model in one form, and where its quantised values are. */
export interface QuantisedModel {
  readonly bytes: Uint8Array;
  readonly watched: Watched;
}

const elementTypes = { uint8: 2, int8: 3 } as const;

export function modelWriter({ input }: QuantisedNetwork, opset: number): ModelWriter {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  return {
    node: (operator, inputs, outputs, attributes = {}, domain = '') => {
      nodes.push(
        onnxNode(operator, inputs, outputs, attributes, {
          name: `${outputs.join('_')}_node`,
          domain,
        }),
      );
    },
    constant: (tensor) => {
      if (!initializers.some(({ name }) => name === tensor.name)) initializers.push(tensor);
      return tensor.name;
    },
    finish: (outputs, watched) =>
      encodeModel({
        nodes,
        initializers,
        inputs: { [input.name]: [1, ...input.shape] },
        outputs: [...outputs, ...Array.from(watched.values(), ({ onnxName }) => onnxName)],
        outputTypes: Object.fromEntries(
          Array.from(watched.values(), ({ onnxName, type }) => [onnxName, elementTypes[type]]),
        ),
        opset,
        domains: { 'com.microsoft': 1 },
      }),
  };
}

/** Scale and zero point of a value as scalar constants. */
export function formatConstants(
  writer: ModelWriter,
  name: string,
  output: Quantization,
): readonly [string, string] {
  return [
    writer.constant(floats(`${name}_scale`, [], [output.scale])),
    writer.constant(zeroPointTensor(`${name}_zero_point`, output)),
  ];
}

/** [output][input][3][3] or [output][length]; `transposed` [length][output] for MatMul. */
export function weightConstants(
  writer: ModelWriter,
  step: WindowStep,
  layout: 'as-stored' | 'transposed' = 'as-stored',
): readonly [weights: string, scales: string, zeroPoints: string] {
  const outputs = step.bias.length;
  const each = step.weights.length / outputs;
  const rows = step.operator === 'conv' ? [outputs, each / 9, 3, 3] : [outputs, each];
  const stored = layout === 'as-stored';
  const values = stored
    ? step.weights
    : Int8Array.from(
        step.weights,
        (_, at) => step.weights[(at % outputs) * each + Math.floor(at / outputs)] ?? 0,
      );
  const name = `${step.name}.weight`;
  return [
    writer.constant(onnxTensor(`${name}_quantized`, stored ? rows : [each, outputs], values)),
    writer.constant(floats(`${name}_scale`, [outputs], step.scales)),
    writer.constant(onnxTensor(`${name}_zero_point`, [outputs], new Int8Array(outputs))),
  ];
}

/** int32, at scale input x weight. */
export function biasConstant(writer: ModelWriter, step: WindowStep): string {
  const name = `${step.name}.bias_quantized`;
  return writer.constant(onnxTensor(name, [step.bias.length], step.bias));
}

/** Bias scales as ONNX Runtime stores them: float32 products. */
export function biasScales(step: WindowStep, input: Quantization): Float32Array {
  return step.scales.map((scale) => Math.fround(scale * input.scale));
}

/** ONNX attributes of our 3x3 convolution. */
export const convAttributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] };
export const poolAttributes = { kernel_shape: [2, 2], strides: [2, 2] };

/** Output formats by name of the step, the input's included. */
export function formatsOf(network: QuantisedNetwork): ReadonlyMap<string, Quantization> {
  return new Map([network.input, ...network.steps].map(({ name, output }) => [name, output]));
}

export function lengthOf(shape: Shape): number {
  return shape.reduce((total, length) => total * length, 1);
}
