import { setImmediate } from 'node:timers/promises';
import { accuracy, predictedClass } from '../evaluate/accuracy.ts';
import { classPlaces } from '../evaluate/answers.ts';
import type { LayerCounts } from '../evaluate/counts.ts';
import { sumCounts } from '../evaluate/counts.ts';
import { prepareFloatEvaluator } from '../evaluate/float.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import {
  prepareBatchEvaluator,
  quantizeInputs,
  samplesAtOnce,
  samplesFrom,
} from '../evaluate/quantized.ts';
import { dequantizeLogits } from '../evaluate/quantized.ts';
import { formatRange } from '../evaluate/integer.ts';
import { present } from '../base/invariant.ts';
import type { Host } from '../options.ts';
import type { Quantization } from '../passes/quantize.ts';
import type { LoadedNetwork } from './load-network.ts';

/** What the network answers, in float and in the integers every design has to reproduce. */
export interface Reference {
  /** All test samples as integers, one after another. */
  readonly inputs: Int16Array;
  /** One per sample; accumulators are kept for the first `accumulatorSamples` only. */
  readonly evaluations: readonly Evaluation[];
  readonly accumulatorSamples: number;
  /** Per layer, summed over the samples. */
  readonly counts: readonly LayerCounts[];
  /** Class by sample, of the integers. */
  readonly answers: readonly number[];
  /** Share of right answers; null without labels, or without a float evaluation. */
  readonly accuracy: { readonly float: number; readonly quantized: number } | null;
  /** Share of a layer's output values at the end of their range; null for the last layer. */
  readonly clipRates: readonly (number | null)[];
}

/** Accumulators of so many bytes are kept to compare with; a sample of a big network is megabytes. */
const accumulatorBytes = 128 * 2 ** 20;

/**
 * Evaluates every test sample, in float too unless told otherwise. Yields every few samples, so that
 * Ctrl-C is heard.
 */
export async function evaluateNetwork(
  network: LoadedNetwork,
  { graph }: Quantization,
  host: Host,
  { inFloat = true }: { readonly inFloat?: boolean } = {},
): Promise<Reference> {
  const { inputs: samples, labels } = network;
  const { sampleSize, count } = samples;
  const inputs = quantizeInputs(graph, samples);
  const floatEvaluate = prepareFloatEvaluator(network.graph);
  const evaluate = prepareBatchEvaluator(graph);
  const batch = samplesAtOnce(graph);
  const places = classPlaces(network.graph);
  const floatAnswers: number[] = [];
  const answers: number[] = [];
  const evaluations: Evaluation[] = [];
  let bytesKept = 0;
  let accumulatorSamples = 0;
  for (let first = 0; first < count; first += batch) {
    const end = Math.min(count, first + batch);
    await setImmediate();
    host.signal.throwIfAborted();
    host.progress.update(first / count, `sample ${first + 1} of ${count}`);
    for (let sample = first; labels !== null && inFloat && sample < end; sample += 1) {
      const data = samples.data.subarray(sample * sampleSize, (sample + 1) * sampleSize);
      floatAnswers.push(predictedClass(floatEvaluate(data).logits, places));
    }
    for (const evaluation of evaluate(samplesFrom(inputs, sampleSize, first, end))) {
      answers.push(predictedClass(dequantizeLogits(graph, evaluation.logits), places));
      const isFirst = evaluations.length === 0;
      if (accumulatorSamples === evaluations.length && (isFirst || bytesKept < accumulatorBytes)) {
        accumulatorSamples += 1;
        bytesKept += evaluation.layers.reduce(
          (sum, layer) => sum + layer.accumulators.byteLength,
          0,
        );
        evaluations.push(evaluation);
      } else {
        evaluations.push(withoutAccumulators(evaluation));
      }
    }
  }
  return {
    inputs,
    evaluations,
    answers,
    accumulatorSamples,
    counts: graph.layers.map((_, index) =>
      present(
        sumCounts(evaluations.flatMap(({ layers }) => layers[index]?.counts ?? [])),
        'a network is evaluated on samples',
      ),
    ),
    accuracy:
      labels === null || !inFloat
        ? null
        : { float: accuracy(floatAnswers, labels), quantized: accuracy(answers, labels) },
    clipRates: graph.layers.map(({ outputFormat }, index) => {
      if (outputFormat === null) return null;
      const { minimum, maximum } = formatRange(outputFormat);
      return shareAtEnds(
        evaluations.map(({ layers }) => layers[index]?.values ?? new Int16Array(0)),
        minimum,
        maximum,
      );
    }),
  };
}

function withoutAccumulators(evaluation: Evaluation): Evaluation {
  const layers = evaluation.layers.map((layer) => ({ ...layer, accumulators: new Int32Array(0) }));
  return { ...evaluation, layers };
}

/** Share of the non-zero values that sit at an end of the range. */
function shareAtEnds(maps: readonly Int16Array[], minimum: number, maximum: number): number {
  let nonZeros = 0;
  let ends = 0;
  for (const values of maps) {
    for (const value of values) {
      if (value === 0) continue;
      nonZeros += 1;
      if (value === maximum || value === minimum) ends += 1;
    }
  }
  return nonZeros === 0 ? 0 : ends / nonZeros;
}
