import { invariant, present } from '../base/invariant.ts';
import { finishWindow } from '../evaluate/finish-window.ts';
import type { WinnerCounts } from '../evaluate/k-winners.ts';
import { prepareLayer } from '../evaluate/quantized-layer.ts';
import { runSchedule, scheduleLayers } from '../evaluate/schedule.ts';
import { prepareSparseWindow } from '../evaluate/sparse-window.ts';
import type { IntegerRange, QuantizedLayer, QuantizedWindow } from '../ir/quantized.ts';
import { isIdentityWindow } from './identity-window.ts';
import { biasCorrection, channelMeans } from './quantize-bias.ts';
import { largestBias } from './quantize-layers.ts';
import type { ObservedLayer } from './quantize-observe.ts';
import { accumulatorBits } from './quantize-scaling.ts';

/** A layer after a run on the integer outputs of the layers before it. */
export interface FittedLayer {
  readonly layer: QuantizedLayer;
  /** Share of its k-WTA vectors where the tie rule decides; null without k-WTA. */
  readonly tieRate: number | null;
}

/** What `fitLayers` needs beside the layers. */
export interface FitContext {
  readonly inputName: string;
  /** Samples in integers. */
  readonly inputs: readonly Int16Array[];
  /** By edge: the integers that can occur on it. */
  readonly rangeOf: (edge: string) => IntegerRange;
  /** In the order of the layers; null: leave the biases alone. */
  readonly observed: readonly ObservedLayer[] | null;
  readonly keepTies: boolean;
}

/**
 * Runs the samples through the integer layers, in topological order. The bias of a window is
 * corrected by what the float network shows of its sums before its output is handed on; an
 * identity window keeps its bias of 0, or it would turn zeros into values.
 */
export function fitLayers(
  layers: readonly QuantizedLayer[],
  context: FitContext,
): readonly FittedLayer[] {
  const fitted: FittedLayer[] = [];
  const schedule = scheduleLayers(
    context.inputName,
    layers.map(({ layer }) => layer),
  );
  runSchedule(schedule, context.inputs, (index, inputs) => {
    const layer = present(layers[index], 'a step is a layer');
    const result = fitLayer(layer, inputs, context, context.observed?.[index]);
    fitted.push(result);
    return result.values;
  });
  return fitted.map(({ layer, tieRate }) => ({ layer, tieRate }));
}

type FitResult = FittedLayer & { readonly values: readonly Int16Array[] };

/** `inputs` holds all samples for each edge the layer reads. */
function fitLayer(
  quantized: QuantizedLayer,
  inputs: readonly (readonly Int16Array[])[],
  context: FitContext,
  observed: ObservedLayer | undefined,
): FitResult {
  if (quantized.kind === 'window') return fitWindow(quantized, inputs[0] ?? [], context, observed);
  const evaluate = prepareLayer(quantized, context.keepTies);
  const results = evaluate(inputs);
  return {
    layer: quantized,
    values: results.map(({ values }) => values),
    tieRate: tieRate(quantized, results),
  };
}

/** Of the vectors of all samples. */
function tieRate(
  { layer }: QuantizedLayer,
  results: readonly { readonly winners: WinnerCounts }[],
): number | null {
  const vectors = results.reduce((sum, { winners }) => sum + winners.vectors, 0);
  const tied = results.reduce((sum, { winners }) => sum + winners.tiedVectors, 0);
  return layer.kWinners === null || vectors === 0 ? null : tied / vectors;
}

function fitWindow(
  rounded: QuantizedWindow,
  inputs: readonly Int16Array[],
  context: FitContext,
  observed: ObservedLayer | undefined,
): FitResult {
  const window = prepareSparseWindow(rounded.layer, rounded.weights);
  const accumulators = window.sumMany(inputs).map(({ sums }) => sums);
  const layer =
    observed === undefined || isIdentityWindow(rounded.layer)
      ? rounded
      : correctLayer(rounded, accumulators, observed, context.rangeOf(rounded.layer.input));
  const finished = accumulators.map((sums) => finishWindow(layer, sums, context.keepTies));
  return {
    layer,
    values: finished.map(({ values }) => values),
    tieRate: tieRate(layer, finished),
  };
}

function correctLayer(
  rounded: QuantizedWindow,
  accumulators: readonly Int32Array[],
  observed: ObservedLayer,
  inputRange: IntegerRange,
): QuantizedWindow {
  const { inputFormat, weightScale, weights } = rounded;
  invariant(observed.sumMeans.length === accumulators.length, 'the same samples in float');
  const actual = accumulators.map((sums) => {
    const means = channelMeans(sums, weightScale.length);
    return means.map((mean, channel) => mean * inputFormat.scale * (weightScale[channel] ?? 0));
  });
  const correction = biasCorrection(observed.sumMeans, actual);
  const bias = rounded.bias.map((value, channel) => {
    const unit = inputFormat.scale * (weightScale[channel] ?? 1);
    const steps = Math.floor((correction[channel] ?? 0) / unit + 0.5);
    return value + Math.min(largestBias - 1, Math.max(-largestBias, steps));
  });
  return { ...rounded, bias, accumulatorBits: accumulatorBits(weights, bias, inputRange) };
}
