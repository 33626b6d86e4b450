import type { OnnxModel, OnnxNode, OnnxTensor } from '../../../src/ir/onnx.ts';
import { present } from '../../../src/base/invariant.ts';
import { roundHalfEven } from './reference.ts';

/** A tensor of doubles. */
interface Real {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** [-2^(b-1), 2^(b-1) - 1] signed, [0, 2^b - 1] unsigned; narrow leaves the end out. */
export function quantRange(
  bits: number,
  signed: boolean,
  narrow: boolean,
): readonly [least: number, most: number] {
  if (signed) return [-(2 ** (bits - 1)) + (narrow ? 1 : 0), 2 ** (bits - 1) - 1];
  return [0, 2 ** bits - (narrow ? 2 : 1)];
}

/** The rounding modes of QONNX (table in its description of IntQuant), by name. */
export const roundingModes: ReadonlyMap<string, (value: number) => number> = new Map([
  ['ROUND', roundHalfEven],
  ['HALF_EVEN', roundHalfEven],
  ['CEIL', Math.ceil],
  ['FLOOR', Math.floor],
  ['UP', (value: number) => Math.sign(value) * Math.ceil(Math.abs(value))],
  ['DOWN', Math.trunc],
  ['HALF_UP', (value: number) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5)],
  ['HALF_DOWN', (value: number) => Math.sign(value) * Math.ceil(Math.abs(value) - 0.5)],
]);

/**
 * Every value of a QONNX model for one sample, by ONNX name, node by node as QONNX defines
 * them: no folding, no integers. Knows the operators of `qonnxModel` only.
 */
export function evaluateQonnx(model: OnnxModel, sample: Float32Array): ReadonlyMap<string, Real> {
  const shape = present(model.inputs[0]?.shape, 'the input has a shape').map(Number);
  const values = new Map<string, Real>([['x', { shape, values: Float64Array.from(sample) }]]);
  for (const [name, tensor] of model.initializers) values.set(name, realOf(tensor));
  for (const node of model.nodes) {
    const inputs = node.inputs.map((name) => present(values.get(name), 'nodes are in order'));
    const [output] = node.outputs;
    values.set(present(output, 'a node has an output'), compute(node, inputs));
  }
  return values;
}

function realOf({ shape, data }: OnnxTensor): Real {
  return { shape, values: Float64Array.from(data, Number) };
}

function compute(node: OnnxNode, inputs: readonly Real[]): Real {
  const input = (position: number): Real => present(inputs[position], 'the input is given');
  switch (node.operator) {
    case 'Quant':
      return quant(node, input(0), input(1), input(2), scalarOf(input(3)));
    case 'BipolarQuant':
      return mapped(input(0), (x) => (x >= 0 ? 1 : -1) * scalarOf(input(1)));
    case 'Trunc':
      return trunc(node, input(0), inputs.slice(1).map(scalarOf));
    case 'Relu':
      return mapped(input(0), (x) => Math.max(0, x));
    case 'Mul':
      return mapped(input(0), (x) => x * scalarOf(input(1)));
    case 'Flatten':
      return { ...input(0), shape: [1, input(0).values.length] };
    case 'AveragePool':
      return averagePool(input(0));
    case 'Conv':
      return conv(input(0), input(1));
    case 'Gemm':
      return gemm(input(0), input(1), input(2));
    default:
      throw new Error(`${node.operator} is no operator of the test model`);
  }
}

function mapped({ shape, values }: Real, change: (value: number) => number): Real {
  return { shape, values: values.map(change) };
}

function scalarOf({ values }: Real): number {
  return present(values[0], 'a scalar has a value');
}

/** Clamps before it rounds; scale and zero point are scalars or one per first axis. */
function quant(node: OnnxNode, x: Real, scale: Real, zeroPoint: Real, bits: number): Real {
  const flag = (name: string): boolean => node.attributes.get(name)?.value === 1;
  const [least, most] = quantRange(bits, flag('signed'), flag('narrow'));
  const round = roundingOf(node);
  const each = x.values.length / (x.shape[0] ?? 1);
  const values = x.values.map((value, index) => {
    const at = (tensor: Real): number =>
      tensor.values[tensor.values.length === 1 ? 0 : Math.floor(index / each)] ?? 0;
    const shifted = ratio(value, at(scale)) + at(zeroPoint);
    const integer = round(Math.max(least, Math.min(most, shifted)));
    return (integer - at(zeroPoint)) * at(scale);
  });
  return { shape: x.shape, values };
}

/** In float32, as QONNX and ONNX Runtime divide: a quotient next to a half becomes one. */
function ratio(value: number, scale: number): number {
  return Math.fround(Math.fround(value) / scale);
}

/** round(x / scale + z), then divided by 2^(in - out) and rounded; the scale stays (version 1). */
function trunc(node: OnnxNode, x: Real, parameters: readonly number[]): Real {
  const [scale = 1, zeroPoint = 0, inBits = 0, outBits = 0] = parameters;
  const round = roundingOf(node);
  return mapped(x, (value) => {
    const integer = roundHalfEven(ratio(value, scale) + zeroPoint);
    return (round(integer / 2 ** (inBits - outBits)) - zeroPoint) * scale;
  });
}

function roundingOf(node: OnnxNode): (value: number) => number {
  const mode = String(node.attributes.get('rounding_mode')?.value).toUpperCase();
  return present(roundingModes.get(mode), `the rounding mode ${mode} is known`);
}

/** 2x2, strides 2. */
function averagePool({ shape, values }: Real): Real {
  const [, channels = 1, height = 1, width = 1] = shape;
  const result: number[] = [];
  for (let channel = 0; channel < channels; channel += 1) {
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        const first = (channel * height + y) * width + x;
        const window = [first, first + 1, first + width, first + width + 1];
        result.push(window.reduce((sum, place) => sum + (values[place] ?? 0), 0) / 4);
      }
    }
  }
  return { shape: [1, channels, height / 2, width / 2], values: Float64Array.from(result) };
}

/** 3x3, pads 1. */
function conv(x: Real, weights: Real): Real {
  const [outputs = 1, channels = 1] = weights.shape;
  const [, , height = 1, width = 1] = x.shape;
  const result: number[] = [];
  for (let to = 0; to < outputs; to += 1) {
    for (let site = 0; site < height * width; site += 1) {
      let sum = 0;
      for (let tap = 0; tap < channels * 9; tap += 1) {
        const row = Math.floor(site / width) + Math.floor((tap % 9) / 3) - 1;
        const column = (site % width) + (tap % 3) - 1;
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        const value = x.values[(Math.floor(tap / 9) * height + row) * width + column] ?? 0;
        sum += value * (weights.values[to * channels * 9 + tap] ?? 0);
      }
      result.push(sum);
    }
  }
  return { shape: [1, outputs, height, width], values: Float64Array.from(result) };
}

/** transB 1. */
function gemm(x: Real, weights: Real, bias: Real): Real {
  const length = x.values.length;
  const values = bias.values.map((start, to) =>
    x.values.reduce(
      (sum, value, from) => sum + value * (weights.values[to * length + from] ?? 0),
      start,
    ),
  );
  return { shape: [1, values.length], values };
}
