import { invariant, present } from '../base/invariant.ts';
import { inputsOf, shapeSize } from '../ir/graph.ts';
import { windowOf } from '../ir/quantized.ts';
import type {
  ActivationFormat,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedWindow,
} from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { staticProducts, type LayerCounts } from './counts.ts';
import { formatRange, scaleRounded } from './integer.ts';
import { keepWinners, type WinnerCounts } from './k-winners.ts';
import { maxPool, prepareSparseWindow } from './sparse-window.ts';

/** Everything a layer does for one inference, in the integers of the hardware. */
export interface LayerEvaluation {
  /** [O][H][W] of `windowShape`: sums of products without bias, before pooling. */
  readonly accumulators: Int32Array;
  /**
   * CHW of `outputShape` after pooling, bias, requantisation, ReLU and k-WTA: the tokens
   * are its non-zeros. Empty for the last layer.
   */
  readonly values: Int16Array;
  readonly counts: LayerCounts;
}

/** One inference. */
export interface Evaluation {
  /** In the order of `graph.layers`. */
  readonly layers: readonly LayerEvaluation[];
  /** Accumulators (pooled, if the last layer pools) plus bias of the last layer, CHW. */
  readonly logits: Int32Array;
}

/** Evaluates one sample: integers in the graph's input format, channels first. */
export type Evaluator = (input: Int16Array) => Evaluation;

/**
 * The reference that defines the arithmetic: window sum, max-pool on accumulators, bias,
 * requantise, ReLU clamp, k-WTA. Prepares the weights once; the function it returns
 * skips zero weights and zero activations.
 */
export function prepareEvaluator(graph: QuantizedGraph): Evaluator {
  const steps = graph.layers.map((layer) => ({ layer, evaluate: prepareLayer(layer) }));
  const lastIndex = steps.length - 1;
  const inputSize = shapeSize(graph.input.shape);
  return (input) => {
    invariant(input.length === inputSize, `a sample has ${inputSize} values`);
    const edges = new Map<string, Int16Array>([[graph.input.name, input]]);
    const layers: LayerEvaluation[] = [];
    let logits: Int32Array = new Int32Array(0);
    steps.forEach(({ layer, evaluate }, index) => {
      const [edge = ''] = inputsOf(layer.layer);
      const values = present(edges.get(edge), `${layer.name} reads an unknown edge`);
      const result = evaluate(values);
      edges.set(layer.name, result.values);
      layers.push(result);
      if (index === lastIndex) logits = result.logits;
    });
    return { layers, logits };
  };
}

/** `prepareEvaluator` for a single sample. */
export function evaluateQuantized(graph: QuantizedGraph, input: Int16Array): Evaluation {
  return prepareEvaluator(graph)(input);
}

type LayerResult = LayerEvaluation & { readonly logits: Int32Array };

function prepareLayer(any: QuantizedLayer): (input: Int16Array) => LayerResult {
  const quantized = windowOf(any);
  const window = prepareSparseWindow(quantized.layer, quantized.weights);
  const fixedProducts = staticProducts(quantized.layer, window.nonZeroWeights);
  return (input) => {
    const { sums, products } = window.sum(input);
    const accumulators = new Int32Array(sums);
    const { values, logits, winners } = finishLayer(quantized, accumulators);
    const counts = {
      inferences: 1,
      products: { ...fixedProducts, bothSparse: products },
      inputValues: input.length,
      inputNonZeros: countNonZeros(input),
      ...winners,
    };
    return { accumulators, values, counts, logits };
  };
}

/** What a layer makes of its window sums. */
export interface FinishedLayer {
  /** As `LayerEvaluation.values`. */
  readonly values: Int16Array;
  /** As `Evaluation.logits`; empty for a layer that is not the last. */
  readonly logits: Int32Array;
  readonly winners: WinnerCounts;
}

/**
 * Everything after the window sum, from accumulators [O][H][W] of `windowShape` without
 * bias: max-pool, bias, requantise, ReLU clamp, k-WTA.
 */
export function finishLayer(quantized: QuantizedWindow, accumulators: Int32Array): FinishedLayer {
  const { layer } = quantized;
  const pooled = maxPool(accumulators, layer.windowShape, layer.pooling, layer.outputShape);
  const biased = biasedCopy(pooled, quantized.bias);
  const noContest = { vectors: 0, tiedVectors: 0 };
  if (quantized.requantization === null) {
    return { values: new Int16Array(0), logits: new Int32Array(biased), winners: noContest };
  }
  const values = requantizeMap(quantized, biased);
  const winners =
    layer.kWinners === null ? noContest : keepWinners(values, layer.outputShape, layer.kWinners);
  return { values, logits: new Int32Array(0), winners };
}

/** The map with the bias of its channel added to every value. */
function biasedCopy(values: Int32Array | Float64Array, bias: Int32Array): Float64Array {
  const sites = values.length / bias.length;
  const result = new Float64Array(values.length);
  for (let at = 0, channel = 0; channel < bias.length; channel += 1) {
    for (let site = 0; site < sites; site += 1, at += 1) {
      result[at] = (values[at] ?? 0) + (bias[channel] ?? 0);
    }
  }
  return result;
}

/** `requantize` of a whole map, the range looked up once. */
function requantizeMap(quantized: QuantizedWindow, biased: Float64Array): Int16Array {
  const { multiplier, shift } = present(quantized.requantization, 'an inner layer requantises');
  const { minimum, maximum } = present(quantized.outputRange, 'an inner layer has a range');
  const sites = biased.length / multiplier.length;
  const result = new Int16Array(biased.length);
  for (let at = 0, channel = 0; channel < multiplier.length; channel += 1) {
    const channelMultiplier = multiplier[channel] ?? 0;
    const channelShift = shift[channel] ?? 0;
    for (let site = 0; site < sites; site += 1, at += 1) {
      const scaled = scaleRounded(biased[at] ?? 0, channelMultiplier, channelShift);
      result[at] = Math.min(maximum, Math.max(minimum, scaled));
    }
  }
  return result;
}

function countNonZeros(values: Int16Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count += 1;
  return count;
}

/** One real value as an integer of the format: round half up, then clamp. */
export function quantizeValue(value: number, format: ActivationFormat): number {
  const { minimum, maximum } = formatRange(format);
  return Math.min(maximum, Math.max(minimum, Math.floor(value / format.scale + 0.5))) + 0;
}

/** All samples as integers of the format, one after another, channels first. */
export function quantizeSamples(format: ActivationFormat, samples: Samples): Int16Array {
  return Int16Array.from(samples.data, (value) => quantizeValue(value, format));
}

/** Sample `index` of integers made by `quantizeSamples`; a view, not a copy. */
export function sampleAt(values: Int16Array, sampleSize: number, index: number): Int16Array {
  return values.subarray(index * sampleSize, (index + 1) * sampleSize);
}

/** Integer logits as real numbers: integer * input scale * weight scale of the channel. */
export function dequantizeLogits(graph: QuantizedGraph, logits: Int32Array): Float64Array {
  const last = windowOf(present(graph.layers.at(-1), 'a graph has a layer'));
  const sites = logits.length / last.weightScale.length;
  return Float64Array.from(logits, (logit, at) => {
    return logit * last.inputFormat.scale * (last.weightScale[Math.floor(at / sites)] ?? 0);
  });
}
