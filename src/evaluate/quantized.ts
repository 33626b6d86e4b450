import { invariant, present } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type { ActivationFormat, IntegerRange, QuantizedGraph } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { outputSlots } from './answers.ts';
import type { LayerCounts } from './counts.ts';
import { formatRange, roundInto } from './integer.ts';
import { countsOf, ofSample, prepareLayer, type BySample } from './quantized-layer.ts';
import { runSchedule, scheduleLayers } from './schedule.ts';

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

/** Evaluates several samples in less time than one by one. */
export type BatchEvaluator = (inputs: BySample<Int16Array>) => BySample<Evaluation>;

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

/** `prepareEvaluator` for several samples at once. */
export function prepareBatchEvaluator(graph: QuantizedGraph): BatchEvaluator {
  const visitLayers = prepareBatchVisitor(graph);
  return (inputs) => {
    const layers = inputs.map((): LayerEvaluation[] => []);
    const logits = visitLayers(inputs, (result, _, sample) => layers[sample]?.push(result));
    return layers.map((own, sample) => {
      return { layers: own, logits: present(logits[sample], 'an answer for every sample') };
    });
  };
}

/** `prepareEvaluator` for networks whose maps are too large to keep all of them. */
export function prepareEvaluationVisitor(graph: QuantizedGraph): EvaluationVisitor {
  const visitLayers = prepareBatchVisitor(graph);
  return (input, visit) => {
    const [logits] = visitLayers([input], visit);
    return present(logits, 'an answer');
  };
}

type BatchVisitor = (
  inputs: BySample<Int16Array>,
  visit: (result: LayerEvaluation, index: number, sample: number) => void,
) => BySample<Int32Array>;

function prepareBatchVisitor(graph: QuantizedGraph): BatchVisitor {
  const evaluators = graph.layers.map((layer) => prepareLayer(layer, graph.keepTies));
  const layers = graph.layers.map(({ layer }) => layer);
  const schedule = scheduleLayers(graph.input.name, layers);
  const inputSize = shapeSize(graph.input.shape);
  const { words, slots } = outputSlots(graph.outputs, layers);
  return (samples, visit) => {
    for (const input of samples)
      invariant(input.length === inputSize, `a sample has ${inputSize} values`);
    const logits = samples.map(() => new Int32Array(words));
    runSchedule(schedule, samples, (index, inputs) => {
      const results = present(evaluators[index], 'one evaluator per layer')(inputs);
      return results.map((result, sample) => {
        const answer = result.answer ?? result.values;
        for (const start of slots[index] ?? []) logits[sample]?.set(answer, start);
        const { accumulators, values } = result;
        const counts = countsOf(result, ofSample(inputs, sample));
        visit({ accumulators, values, counts }, index, sample);
        return values;
      });
    });
    return logits;
  };
}

/** `prepareEvaluator` for a single sample. */
export function evaluateQuantized(graph: QuantizedGraph, input: Int16Array): Evaluation {
  return prepareEvaluator(graph)(input);
}

/** One real value as an integer of the format: round half up, then clamp. */
export function quantizeValue(value: number, format: ActivationFormat): number {
  return roundInto(value / format.scale, formatRange(format));
}

/** All samples as integers the network takes, one after another, channels first. */
export function quantizeInputs(graph: QuantizedGraph, samples: Samples): Int16Array {
  return quantizeSamples(graph.input.format, samples, graph.input.range);
}

/** All samples as integers of the format, clamped to its range or a narrower one. */
export function quantizeSamples(
  format: ActivationFormat,
  samples: Samples,
  range: IntegerRange = formatRange(format),
): Int16Array {
  const { data } = samples;
  const result = new Int16Array(data.length);
  for (let at = 0; at < result.length; at += 1) {
    result[at] = roundInto((data[at] ?? 0) / format.scale, range);
  }
  return result;
}

/** Sample `index` of integers made by `quantizeSamples`; a view, not a copy. */
export function sampleAt(values: Int16Array, sampleSize: number, index: number): Int16Array {
  return values.subarray(index * sampleSize, (index + 1) * sampleSize);
}

/** Samples `first` to `end` - 1 of integers made by `quantizeSamples`; views, not copies. */
export function samplesFrom(
  values: Int16Array,
  sampleSize: number,
  first: number,
  end: number,
): BySample<Int16Array> {
  return Array.from({ length: end - first }, (_, index) =>
    sampleAt(values, sampleSize, first + index),
  );
}

/** Samples that are worth evaluating at once, and sums of so many that may be held meanwhile. */
const wantedBatch = 12;
const batchSums = 2 ** 21;

/** How many samples to give a `BatchEvaluator` at once: fewer of a large network. */
export function samplesAtOnce({ layers }: QuantizedGraph): number {
  const sums = layers.reduce((total, { layer }) => {
    return total + shapeSize(layer.kind === 'window' ? layer.windowShape : layer.outputShape);
  }, 0);
  return Math.max(1, Math.min(wantedBatch, Math.floor(batchSums / sums)));
}
