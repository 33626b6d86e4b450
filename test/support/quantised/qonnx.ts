import type { NodeProto, TensorProto } from '../../../src/read/onnx-schema/onnx_pb.ts';
import { encodeModel, floats, noise, onnxNode, type AttributeValue } from '../onnx-builder.ts';

/** Domain of the QONNX operators. */
export const qonnxDomain = 'qonnx.custom_op.general';

/** How the QONNX operators are written: as such, or spelled out in operators of the standard. */
export type QonnxForm = 'qonnx' | 'standard';

interface QuantOptions {
  readonly bits: number;
  readonly signed: boolean;
  readonly narrow?: boolean;
  /** One, or one per output channel of `axes` axes. */
  readonly scale: ArrayLike<number>;
  readonly axes?: number;
}

/**
 * A small network as Brevitas exports it: 8-bit signed input, conv with 4-bit narrow weights
 * per channel, ReLU to 4 bits unsigned, conv with bipolar weights, ReLU to 4 bits unsigned,
 * 2x2 average pooling with Trunc to 4 bits, gemm with 4-bit weights and a float bias.
 * Input [1, 2, 8, 8], output [1, 5].
 */
export function qonnxModel(form: QonnxForm): Uint8Array {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const node = (
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain = '',
  ): string => {
    nodes.push(
      onnxNode(operator, inputs, [output], attributes, { name: `${output}_node`, domain }),
    );
    return output;
  };
  const constant = (name: string, shape: readonly number[], values: ArrayLike<number>): string => {
    initializers.push(floats(name, shape, values));
    return name;
  };
  const scalar = (name: string, value: number): string => constant(name, [], [value]);

  const quant = (input: string, output: string, options: QuantOptions): string => {
    const { bits, signed, narrow = false, axes = 0 } = options;
    const shape = Array.from({ length: axes }, (_, axis) =>
      axis === 0 ? options.scale.length : 1,
    );
    const scale = constant(`${output}_scale`, shape, options.scale);
    if (form === 'qonnx') {
      const inputs = [input, scale, scalar(`${output}_zeropt`, 0), scalar(`${output}_bits`, bits)];
      const attributes = {
        signed: signed ? 1n : 0n,
        narrow: narrow ? 1n : 0n,
        rounding_mode: 'ROUND',
      };
      return node('Quant', inputs, output, attributes, qonnxDomain);
    }
    const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - (narrow ? 2 : 1);
    const least = signed ? -(2 ** (bits - 1)) + (narrow ? 1 : 0) : 0;
    const limits = [scalar(`${output}_least`, least), scalar(`${output}_most`, most)];
    const ratio = node('Div', [input, scale], `${output}_ratio`);
    const clamped = node('Clip', [ratio, ...limits], `${output}_clamped`);
    const rounded = node('Round', [clamped], `${output}_rounded`);
    return node('Mul', [rounded, scale], output);
  };

  const bipolar = (input: string, output: string, scaleValue: number): string => {
    const scale = scalar(`${output}_scale`, scaleValue);
    if (form === 'qonnx') return node('BipolarQuant', [input, scale], output, {}, qonnxDomain);
    const zero = scalar(`${output}_zero`, 0);
    const isUp = node('GreaterOrEqual', [input, zero], `${output}_up`);
    const sign = [scalar(`${output}_plus`, 1), scalar(`${output}_minus`, -1)];
    return node('Mul', [node('Where', [isUp, ...sign], `${output}_sign`), scale], output);
  };

  /** Drops the low bits of a sum: floor of its integer divided by 2^(in - out). */
  const trunc = (
    input: string,
    output: string,
    scaleValue: number,
    inBits: number,
    outBits: number,
  ): string => {
    const scale = scalar(`${output}_scale`, scaleValue);
    if (form === 'qonnx') {
      const inputs = [
        input,
        scale,
        scalar(`${output}_zeropt`, 0),
        scalar(`${output}_in_bits`, inBits),
        scalar(`${output}_out_bits`, outBits),
      ];
      return node('Trunc', inputs, output, { rounding_mode: 'FLOOR' }, qonnxDomain);
    }
    const ratio = node('Div', [input, scale], `${output}_ratio`);
    const rounded = node('Round', [ratio], `${output}_rounded`);
    const step = scalar(`${output}_step`, 2 ** (inBits - outBits));
    const divided = node('Div', [rounded, step], `${output}_divided`);
    return node('Mul', [node('Floor', [divided], `${output}_floor`), scale], output);
  };

  const conv = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] };
  const channelScales = noise(4, 31).map((value) => 0.05 * (1.5 + value));
  const x = quant('x', 'x_quant', { bits: 8, signed: true, scale: [1 / 64] });
  const w1 = quant(constant('c1.weight', [4, 2, 3, 3], noise(72, 32)), 'c1.weight_quant', {
    bits: 4,
    signed: true,
    narrow: true,
    scale: channelScales,
    axes: 4,
  });
  const c1 = node('Conv', [x, w1], 'c1', conv);
  const a1 = quant(node('Relu', [c1], 'r1'), 'a1', { bits: 4, signed: false, scale: [0.125] });
  const w2 = bipolar(
    constant('c2.weight', [6, 4, 3, 3], noise(216, 33)),
    'c2.weight_quant',
    0.0625,
  );
  const c2 = node('Conv', [a1, w2], 'c2', conv);
  const a2 = quant(node('Relu', [c2], 'r2'), 'a2', { bits: 4, signed: false, scale: [0.03] });
  // Brevitas exports the average as its sum of 4 (6 bits), cut to 4 bits.
  const mean = node('AveragePool', [a2], 'mean', { kernel_shape: [2, 2], strides: [2, 2] });
  const sum = node('Mul', [mean, scalar('mean_size', 4)], 'mean_sum');
  const pooled = trunc(sum, 'pooled', 0.03, 6, 4);
  const flat = node('Flatten', [pooled], 'flat', { axis: 1n });
  const w3 = quant(constant('fc.weight', [5, 96], noise(480, 34)), 'fc.weight_quant', {
    bits: 4,
    signed: true,
    narrow: true,
    scale: noise(5, 35).map((value) => 0.08 * (1.5 + value)),
    axes: 2,
  });
  const bias = constant('fc.bias', [5], noise(5, 36));
  node('Gemm', [flat, w3, bias], 'y', { transB: 1n });
  const watched = form === 'qonnx' ? [] : ['a1', 'a2', 'pooled'];
  return encodeModel({
    nodes,
    initializers,
    inputs: { x: [1, 2, 8, 8] },
    outputs: ['y', ...watched],
    ...(form === 'qonnx' ? { domains: { [qonnxDomain]: 1 } } : {}),
  });
}
