import { invariant, present } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type {
  ActivationFormat,
  QuantizedAdd,
  QuantizedConcat,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedMaxPool,
  QuantizedWindow,
} from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { outputSlots } from './answers.ts';
import { staticProducts, type LayerCounts, type ProductCounts } from './counts.ts';
import { finishWindow } from './finish-window.ts';
import { addScaled, formatRange } from './integer.ts';
import type { WinnerCounts } from './k-winners.ts';
import { maxPoolInto } from './max-pool.ts';
import { runSchedule, scheduleLayers } from './schedule.ts';
import { prepareSparseWindow } from './sparse-window.ts';

export { dequantizeLogits } from './answers.ts';

/** Everything a layer does for one inference, in the integers of the hardware. */
export interface LayerEvaluation {
  /**
   * [O][H][W] of `windowShape`: sums of products without bias, before pooling. Empty for a
   * layer that is no window.
   */
  readonly accumulators: Int32Array;
  /**
   * CHW of `outputShape` after everything the layer does: the tokens are its non-zeros. Empty
   * for a layer whose accumulators are an answer.
   */
  readonly values: Int16Array;
  readonly counts: LayerCounts;
}

/** One inference. */
export interface Evaluation {
  /** In the order of `graph.layers`. */
  readonly layers: readonly LayerEvaluation[];
  /**
   * Answers of all outputs one after another, in the order of `graph.outputs`, each CHW: the
   * (pooled) accumulators plus bias of a layer that does not requantise, the values of one
   * that does.
   */
  readonly logits: Int32Array;
}

/** Evaluates one sample: integers in the graph's input format, channels first. */
export type Evaluator = (input: Int16Array) => Evaluation;

/**
 * Evaluates one sample and shows every layer's result once, in order; nothing is kept for
 * longer than a later layer needs it. Returns what `Evaluation.logits` is.
 */
export type EvaluationVisitor = (
  input: Int16Array,
  visit: (result: LayerEvaluation, index: number) => void,
) => Int32Array;

/**
 * The reference that defines the arithmetic, for every kind of layer. Prepares the weights
 * once; the function it returns skips zero weights and zero activations.
 */
export function prepareEvaluator(graph: QuantizedGraph): Evaluator {
  const visitLayers = prepareEvaluationVisitor(graph);
  return (input) => {
    const layers: LayerEvaluation[] = [];
    const logits = visitLayers(input, (result) => layers.push(result));
    return { layers, logits };
  };
}

/** `prepareEvaluator` for networks whose maps are too large to keep all of them. */
export function prepareEvaluationVisitor(graph: QuantizedGraph): EvaluationVisitor {
  const evaluators = graph.layers.map((layer) => prepareLayer(layer, graph.keepTies));
  const layers = graph.layers.map(({ layer }) => layer);
  const schedule = scheduleLayers(graph.input.name, layers);
  const inputSize = shapeSize(graph.input.shape);
  const { words, slots } = outputSlots(graph.outputs, layers);
  return (input, visit) => {
    invariant(input.length === inputSize, `a sample has ${inputSize} values`);
    const logits = new Int32Array(words);
    runSchedule(schedule, input, (index, inputs) => {
      const result = present(evaluators[index], 'one evaluator per layer')(inputs);
      const answer = result.answer ?? result.values;
      for (const start of slots[index] ?? []) logits.set(answer, start);
      const { accumulators, values } = result;
      visit({ accumulators, values, counts: countsOf(result, inputs) }, index);
      return values;
    });
    return logits;
  };
}

/** `prepareEvaluator` for a single sample. */
export function evaluateQuantized(graph: QuantizedGraph, input: Int16Array): Evaluation {
  return prepareEvaluator(graph)(input);
}

interface LayerResult {
  readonly accumulators: Int32Array;
  readonly values: Int16Array;
  /** Where it is not `values`. */
  readonly answer?: Int32Array;
  readonly products: ProductCounts;
  readonly winners: WinnerCounts;
}

type LayerEvaluator = (inputs: readonly Int16Array[]) => LayerResult;

function prepareLayer(quantized: QuantizedLayer, keepTies: boolean): LayerEvaluator {
  switch (quantized.kind) {
    case 'window':
      return prepareWindow(quantized, keepTies);
    case 'max-pool':
      return (inputs) => withoutProducts(pooledMap(quantized, inputs));
    case 'add':
      return (inputs) => withoutProducts(addedMap(quantized, inputs));
    case 'concat':
      return (inputs) => withoutProducts(joinedMap(quantized, inputs));
  }
}

function prepareWindow(quantized: QuantizedWindow, keepTies: boolean): LayerEvaluator {
  const window = prepareSparseWindow(quantized.layer, quantized.weights);
  const fixedProducts = staticProducts(quantized.layer, window.nonZeroWeights);
  return ([input]) => {
    const { sums, products } = window.sum(present(input, 'a window has an input'));
    const accumulators = new Int32Array(sums);
    const { values, answer, winners } = finishWindow(quantized, accumulators, keepTies);
    return {
      accumulators,
      values,
      ...(quantized.requantization === null ? { answer } : {}),
      products: { ...fixedProducts, bothSparse: products },
      winners,
    };
  };
}

function pooledMap({ layer }: QuantizedMaxPool, [input]: readonly Int16Array[]): Int16Array {
  const values = new Int16Array(shapeSize(layer.outputShape));
  const map = present(input, 'a max-pool has an input');
  maxPoolInto(map, layer.inputShape, layer, values, layer.outputShape);
  return values;
}

function addedMap(quantized: QuantizedAdd, [left, right]: readonly Int16Array[]): Int16Array {
  return addScaled(
    present(left, 'a sum has two inputs'),
    present(right, 'a sum has two inputs'),
    quantized.multipliers,
    quantized.shift,
    quantized.outputRange,
  );
}

function joinedMap({ layer }: QuantizedConcat, inputs: readonly Int16Array[]): Int16Array {
  const values = new Int16Array(shapeSize(layer.outputShape));
  let start = 0;
  for (const input of inputs) {
    values.set(input, start);
    start += input.length;
  }
  return values;
}

function withoutProducts(values: Int16Array): LayerResult {
  return {
    accumulators: new Int32Array(0),
    values,
    products: { dense: 0, weightSparse: 0, bothSparse: 0 },
    winners: { vectors: 0, tiedVectors: 0 },
  };
}

function countsOf({ products, winners }: LayerResult, inputs: readonly Int16Array[]): LayerCounts {
  return {
    inferences: 1,
    products,
    inputValues: inputs.reduce((sum, input) => sum + input.length, 0),
    inputNonZeros: inputs.reduce((sum, input) => sum + countNonZeros(input), 0),
    ...winners,
  };
}

function countNonZeros(values: Int16Array): number {
  let count = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] !== 0) count += 1;
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
