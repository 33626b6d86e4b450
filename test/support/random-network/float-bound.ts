import { activate } from '../../../src/evaluate/activate.ts';
import { prepareFloatEvaluator } from '../../../src/evaluate/float.ts';
import type { FloatLayerEvaluation } from '../../../src/evaluate/float.ts';
import { maxPoolInto } from '../../../src/evaluate/max-pool.ts';
import type { Evaluation } from '../../../src/evaluate/quantized.ts';
import { prepareSparseWindow } from '../../../src/evaluate/sparse-window.ts';
import { inputsOf, shapeSize } from '../../../src/ir/graph.ts';
import type { Graph, KWinners } from '../../../src/ir/graph.ts';
import type {
  IntegerRange,
  QuantizedAdd,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedWindow,
} from '../../../src/ir/quantized.ts';

/** Float values of an edge, and how far the integers there may be from them. */
interface Edge {
  readonly values: Float32Array;
  readonly bound: Float32Array;
  readonly scale: number;
}

/** Float32 of all intermediate results, and doubles: relative, and of the scale of the edge. */
const slack = 1e-4;

/**
 * Compares every value of the integer reference with the float network, each within a bound that
 * follows from what was rounded on the way to it: weights, biases, multipliers, halves of a step
 * and what formats cut off. Winners may differ: then the bound is the value that only one of both
 * kept. The first value beyond its bound in words, null where there is none.
 */
export function beyondFloatBound(
  float: Graph,
  graph: QuantizedGraph,
  samples: readonly Int16Array[],
  evaluations: readonly Evaluation[],
): string | null {
  const evaluate = prepareFloatEvaluator(float);
  const { scale } = graph.input.format;
  for (const [index, sample] of samples.entries()) {
    const values = Float32Array.from(sample, (value) => value * scale);
    const floats = evaluate(values);
    const edges = new Map<string, Edge>([
      [graph.input.name, { values, bound: new Float32Array(values.length), scale }],
    ]);
    for (const [at, layer] of graph.layers.entries()) {
      const result = floats.layers[at];
      const integers = evaluations[index]?.layers[at];
      if (result === undefined || integers === undefined) return `layer ${layer.name} is missing`;
      const inputs = inputsOf(layer.layer).map((name) => edges.get(name));
      const bounded = boundOf(
        layer,
        inputs.filter((edge) => edge !== undefined),
        result,
      );
      // an answer in accumulators has no values
      if (layer.outputFormat === null) continue;
      const edge = kept(layer, bounded, result, integers.values, layer.outputFormat.scale);
      const worst = firstBeyond(edge, integers.values);
      if (worst !== null) return `sample ${index}, layer ${at} ${layer.name}: ${worst}`;
      edges.set(layer.name, edge);
    }
  }
  return null;
}

function firstBeyond({ values, bound, scale }: Edge, integers: Int16Array): string | null {
  for (const [at, integer] of integers.entries()) {
    const value = values[at] ?? NaN;
    const error = Math.abs(integer * scale - value);
    const allowed = (bound[at] ?? 0) * (1 + slack) + slack * (scale + Math.abs(value));
    if (!(error <= allowed)) {
      return `value ${at} is ${integer * scale}, ${value} in float, bound ${allowed}`;
    }
  }
  return null;
}

/** By how much values before k-WTA may differ. */
function boundOf(
  layer: QuantizedLayer,
  inputs: readonly Edge[],
  result: FloatLayerEvaluation,
): Float32Array {
  const [first] = inputs;
  if (first === undefined) throw new Error(`${layer.name} reads nothing`);
  switch (layer.kind) {
    case 'window':
      return windowBound(layer, first, result);
    case 'max-pool': {
      const bound = new Float32Array(shapeSize(layer.layer.outputShape));
      const { inputShape, outputShape } = layer.layer;
      maxPoolInto(first.bound, inputShape, layer.layer, bound, outputShape);
      return bound;
    }
    case 'add':
      return addBound(layer, inputs, result);
    case 'concat':
      return Float32Array.from(inputs.flatMap(({ bound }) => [...bound]));
    case 'winners':
      return first.bound;
  }
}

/** sum |w'| e + |w' - w| |x| + |b' - b|, the largest of a pooling, then what requantising adds. */
function windowBound(
  quantized: QuantizedWindow,
  { values, bound }: Edge,
  { beforeWinners }: FloatLayerEvaluation,
): Float32Array {
  const { layer, weights, weightScale, bias, inputFormat } = quantized;
  const { windowShape, outputShape, pooling } = layer;
  const perKernel = weights.length / windowShape.channels;
  const scaleOf = (index: number): number => weightScale[Math.floor(index / perKernel)] ?? 0;
  const real = Float32Array.from(weights, (weight, index) => weight * scaleOf(index));
  const sumsOf = (kernel: Float32Array, map: Float32Array): Float64Array =>
    prepareSparseWindow(layer, kernel.map(Math.abs)).sum(map.map(Math.abs)).sums;
  const carried = sumsOf(real, bound);
  const rounded = sumsOf(
    real.map((weight, index) => weight - (layer.weights[index] ?? 0)),
    values,
  );
  const sites = windowShape.height * windowShape.width;
  const errors = carried.map((error, at) => {
    const channel = Math.floor(at / sites);
    const unit = inputFormat.scale * (weightScale[channel] ?? 0);
    const biasError = Math.abs((bias[channel] ?? 0) * unit - (layer.bias[channel] ?? 0));
    return error + (rounded[at] ?? 0) + biasError;
  });
  let pooled = errors;
  if (pooling !== null) {
    pooled = new Float64Array(shapeSize(outputShape));
    maxPoolInto(errors, windowShape, pooling, pooled, outputShape);
  }
  const outSites = outputShape.height * outputShape.width;
  return Float32Array.from(pooled, (error, at) => {
    return requantised(quantized, Math.floor(at / outSites), error, beforeWinners[at] ?? 0);
  });
}

/** A value after the activation, and by how much the integers miss it. */
function requantised(
  { layer, inputFormat, weightScale, ...output }: QuantizedWindow,
  channel: number,
  error: number,
  value: number,
): number {
  const { requantization, negativeRequantization, outputFormat, outputRange } = output;
  if (requantization === null || outputFormat === null || outputRange === null) return error;
  const ideal = (inputFormat.scale * (weightScale[channel] ?? 0)) / outputFormat.scale;
  const slope = layer.activation.kind === 'leaky-relu' ? layer.activation.slope : 1;
  const relative = (pairs: typeof requantization, wanted: number): number => {
    const factor = (pairs.multiplier[channel] ?? 0) / 2 ** (pairs.shift[channel] ?? 0);
    return wanted === 0 ? 0 : Math.abs(factor / wanted - 1);
  };
  const misses = Math.max(
    relative(requantization, ideal),
    negativeRequantization === null ? 0 : relative(negativeRequantization, ideal * slope),
  );
  const before = Math.abs(value) + error;
  // the limits of a clip are rounded as well
  const halves = layer.activation.kind === 'clip' ? 2 : 1;
  const rounding = before * misses + (halves * outputFormat.scale) / 2;
  return error + rounding + cutOff(value, outputFormat.scale, outputRange);
}

/** What the range of an output takes from a value. */
function cutOff(value: number, scale: number, { minimum, maximum }: IntegerRange): number {
  return Math.max(0, value - maximum * scale, minimum * scale - value);
}

function addBound(
  { layer, inputFormats, multipliers, shift, outputFormat, outputRange }: QuantizedAdd,
  inputs: readonly Edge[],
  { beforeWinners }: FloatLayerEvaluation,
): Float32Array {
  return beforeWinners.map((value, at) => {
    let error = layer.activation.kind === 'clip' ? outputFormat.scale : outputFormat.scale / 2;
    for (const [side, input] of inputs.entries()) {
      const unit = outputFormat.scale / (inputFormats[side]?.scale ?? 1) / 2 ** shift;
      const factor = (multipliers[side] ?? 0) * unit;
      const inside = Math.abs(input.values[at] ?? 0) * Math.abs(factor - (layer.signs[side] ?? 1));
      error += Math.abs(factor) * (input.bound[at] ?? 0) + inside;
    }
    const clamped = activate(value, layer.activation);
    return error + cutOff(clamped, outputFormat.scale, outputRange);
  });
}

/** Behind k-WTA: who lost in both is 0 in both. */
function kept(
  { layer }: QuantizedLayer,
  bound: Float32Array,
  { beforeWinners, values }: FloatLayerEvaluation,
  integers: Int16Array,
  scale: number,
): Edge {
  const winners: KWinners | null = layer.kWinners;
  if (winners === null) return { values, bound, scale };
  const after = bound.map((error, at) => {
    const [float, integer] = [values[at] ?? 0, integers[at] ?? 0];
    if (float === 0 && integer === 0) return 0;
    if (float !== 0 && integer !== 0) return error;
    return error + Math.abs(beforeWinners[at] ?? 0);
  });
  return { values, bound: after, scale };
}
