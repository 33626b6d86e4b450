import { invariant, present } from '../base/invariant.ts';
import { prepareFloatEvaluator } from '../evaluate/float.ts';
import { finishWindow } from '../evaluate/finish-window.ts';
import { formatRange } from '../evaluate/integer.ts';
import { quantizeSamples, sampleAt } from '../evaluate/quantized.ts';
import { prepareSparseWindow } from '../evaluate/sparse-window.ts';
import { isNonNegative } from '../ir/graph.ts';
import type { Graph, Layer, WindowLayer } from '../ir/graph.ts';
import type {
  ActivationFormat,
  IntegerRange,
  QuantizedGraph,
  QuantizedWindow,
} from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { biasCorrection, channelMeans } from './quantize-bias.ts';
import { checkAccumulators, checkCalibration, checkLastLayer } from './quantize-checks.ts';
import {
  addToHistogram,
  chooseRange,
  createHistogram,
  type ChosenRange,
  type MagnitudeHistogram,
  type RangeRule,
} from './quantize-ranges.ts';
import { accumulatorBits, requantizationOf } from './quantize-scaling.ts';
import { quantizeWeights } from './quantize-weights.ts';

export interface QuantizeOptions {
  /** 2 to 8; 8 unless told. */
  readonly weightBits?: number;
  /** 2 to 9; 8 unless told. */
  readonly activationBits?: number;
  /** `error` unless told. */
  readonly ranges?: RangeRule;
  /** Whether biases make up for the mean error of each channel; true unless told. */
  readonly correctBias?: boolean;
}

/** What quantisation chose for one layer and what it did to the calibration samples. */
export interface LayerQuantization {
  readonly name: string;
  /** Range of the output edge; null for the last layer, which is not requantised. */
  readonly range: ChosenRange | null;
  /** Non-zero weights of the model, and those of them that became 0. */
  readonly nonZeroWeights: number;
  readonly weightsRoundedToZero: number;
  /**
   * Share of k-WTA vectors of the calibration samples where the tie rule decides, 0 .. 1;
   * null without k-WTA.
   */
  readonly tieRate: number | null;
}

export interface QuantizationReport {
  readonly input: ChosenRange;
  /** In the order of `graph.layers`. */
  readonly layers: readonly LayerQuantization[];
}

export interface Quantization {
  readonly graph: QuantizedGraph;
  readonly report: QuantizationReport;
}

/** Samples run through the integer layers to correct biases and count ties. */
const correctionSamples = 128;

/**
 * The network in integers (DESIGN: numbers). Activation ranges come from the float
 * network on the calibration samples, on the winners alone where a layer has k-WTA;
 * weights are symmetric per output channel; biases make up for the mean error that
 * rounding leaves in each channel. Deterministic.
 *
 * Throws `UserError` when the calibration does not match the model, when the last layer
 * ends in ReLU or k-WTA, or when an accumulator would need more than 32 bits (all such
 * layers at once).
 */
export function quantizeGraph(
  graph: Graph,
  calibration: Samples,
  options: QuantizeOptions = {},
): Quantization {
  const { weightBits = 8, activationBits = 8, ranges = 'error', correctBias = true } = options;
  invariant(weightBits >= 2 && weightBits <= 8, 'weights have 2 to 8 bits');
  invariant(activationBits >= 2 && activationBits <= 9, 'activations have 2 to 9 bits');
  checkCalibration(graph, calibration);
  const windows = graph.layers.map(windowLayer);
  checkLastLayer(graph);

  const observed = observe(graph, calibration);
  const inputSigned = observed.input.smallest < 0;
  const input = chooseRange(observed.input, activationBits, inputSigned, ranges);
  const chosen = observed.layers.map(({ histogram }, index): ChosenRange | null => {
    if (index === graph.layers.length - 1) return null;
    const { activation } = present(graph.layers[index], 'one observation per layer');
    return chooseRange(histogram, activationBits, !isNonNegative(activation), ranges);
  });

  const formats = new Map<string, ActivationFormat>([[graph.input.name, input.format]]);
  const rounded = windows.map((layer, index) => {
    const inputFormat = present(formats.get(layer.input), 'layers are in topological order');
    const outputFormat = chosen[index]?.format ?? null;
    if (outputFormat !== null) formats.set(layer.name, outputFormat);
    return quantizeLayer(layer, inputFormat, outputFormat, weightBits);
  });
  checkAccumulators(rounded);

  const inputs = calibrationInputs(input.format, calibration);
  const edges = new Map<string, readonly Int16Array[]>([[graph.input.name, inputs]]);
  const fitted = rounded.map((layer, index) => {
    const values = present(edges.get(layer.layer.input), 'layers are in topological order');
    const result = fitLayer(layer, values, correctBias ? observed.layers[index] : undefined);
    edges.set(layer.name, result.values);
    return result;
  });
  const layers = fitted.map(({ layer }) => layer);
  checkAccumulators(layers);

  return {
    graph: {
      name: graph.name,
      input: { ...graph.input, format: input.format },
      layers,
      keepTies: false,
      outputs: graph.outputs,
      hostOperators: graph.hostOperators,
      notes: graph.notes,
    },
    report: {
      input,
      layers: layers.map((layer, index): LayerQuantization => {
        const nonZeroWeights = countNonZeros(layer.layer.weights);
        return {
          name: layer.name,
          range: chosen[index] ?? null,
          nonZeroWeights,
          weightsRoundedToZero: nonZeroWeights - countNonZeros(layer.weights),
          tieRate: fitted[index]?.tieRate ?? null,
        };
      }),
    },
  };
}

/** What the float network shows of a layer. */
interface ObservedLayer {
  /** Of the values on its output edge. */
  readonly histogram: MagnitudeHistogram;
  /** Channel means of the window sums, one row per sample used for bias correction. */
  readonly sumMeans: Float64Array[];
}

interface Observed {
  readonly input: MagnitudeHistogram;
  /** In the order of `graph.layers`. */
  readonly layers: readonly ObservedLayer[];
}

function observe(graph: Graph, calibration: Samples): Observed {
  const input = createHistogram();
  const layers = graph.layers.map(() => ({
    histogram: createHistogram(),
    sumMeans: new Array<Float64Array>(),
  }));
  const evaluate = prepareFloatEvaluator(graph);
  for (let sample = 0; sample < calibration.count; sample += 1) {
    const start = sample * calibration.sampleSize;
    const values = calibration.data.subarray(start, start + calibration.sampleSize);
    addToHistogram(input, values);
    evaluate(values).layers.forEach((result, index) => {
      const layer = present(layers[index], 'one result per layer');
      addToHistogram(layer.histogram, result.values);
      if (sample >= correctionSamples) return;
      const channels = windowLayer(present(graph.layers[index], 'a layer')).windowShape.channels;
      layer.sumMeans.push(channelMeans(result.sums, channels));
    });
  }
  return { input, layers };
}

/** The calibration samples used for bias correction, in integers. */
function calibrationInputs(format: ActivationFormat, calibration: Samples): Int16Array[] {
  const { sampleSize } = calibration;
  const count = Math.min(correctionSamples, calibration.count);
  const data = calibration.data.subarray(0, count * sampleSize);
  const integers = quantizeSamples(format, { count, sampleSize, data });
  return Array.from({ length: count }, (_, index) => sampleAt(integers, sampleSize, index));
}

/** Room for a bias in units of the accumulator; the sums need the rest of the 32 bits. */
const largestBias = 2 ** 30;

interface FittedLayer {
  readonly layer: QuantizedWindow;
  /** Its output for every input given. */
  readonly values: readonly Int16Array[];
  readonly tieRate: number | null;
}

/**
 * Runs a layer on the integer outputs of the layers before it, corrects its bias by what the
 * float network shows (not without `observed`), and gives what it then puts on its edge.
 */
function fitLayer(
  rounded: QuantizedWindow,
  inputs: readonly Int16Array[],
  observed: ObservedLayer | undefined,
): FittedLayer {
  const window = prepareSparseWindow(rounded.layer, rounded.weights);
  const accumulators = inputs.map((input) => new Int32Array(window.sum(input).sums));
  const layer = observed === undefined ? rounded : correctLayer(rounded, accumulators, observed);
  const finished = accumulators.map((sums) => finishWindow(layer, sums, false));
  const vectors = finished.reduce((sum, { winners }) => sum + winners.vectors, 0);
  const tied = finished.reduce((sum, { winners }) => sum + winners.tiedVectors, 0);
  return {
    layer,
    values: finished.map(({ values }) => values),
    tieRate: layer.layer.kWinners === null ? null : tied / vectors,
  };
}

function correctLayer(
  rounded: QuantizedWindow,
  accumulators: readonly Int32Array[],
  observed: ObservedLayer,
): QuantizedWindow {
  const { inputFormat, weightScale, weights } = rounded;
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
  return {
    ...rounded,
    bias,
    accumulatorBits: accumulatorBits(weights, bias, formatRange(inputFormat)),
  };
}

/**
 * A weight scale is fine enough when rounding all weights of a channel moves its output by
 * no more than half this share of an output unit, whatever the input.
 */
const harmlessShare = 1 / 8;
function quantizeLayer(
  layer: WindowLayer,
  inputFormat: ActivationFormat,
  outputFormat: ActivationFormat | null,
  weightBits: number,
): QuantizedWindow {
  const { minimum, maximum } = formatRange(inputFormat);
  const largestInput = Math.max(-minimum, maximum) * inputFormat.scale;
  const kernelSize = layer.weights.length / layer.bias.length;
  const { weights, scale } = quantizeWeights(layer, weightBits, (channel) => {
    const start = channel * kernelSize;
    const terms = countNonZeros(layer.weights.subarray(start, start + kernelSize));
    const harmless = (harmlessShare * (outputFormat?.scale ?? 0)) / (largestInput * (terms || 1));
    const leastForBias = Math.abs(layer.bias[channel] ?? 0) / (inputFormat.scale * largestBias);
    return Math.max(harmless, leastForBias);
  });
  const bias = Int32Array.from(layer.bias, (value, channel) => {
    return Math.floor(value / (inputFormat.scale * (scale[channel] ?? 1)) + 0.5);
  });
  return {
    kind: 'window',
    name: layer.name,
    layer,
    inputFormat,
    weights,
    weightBits,
    weightScale: scale,
    bias,
    accumulatorBits: accumulatorBits(weights, bias, formatRange(inputFormat)),
    requantization:
      outputFormat === null
        ? null
        : requantizationOf(scale.map((value) => (inputFormat.scale * value) / outputFormat.scale)),
    negativeRequantization: null,
    outputFormat,
    outputRange:
      outputFormat === null ? null : outputRange(outputFormat, isNonNegative(layer.activation)),
  };
}

function outputRange(format: ActivationFormat, relu: boolean): IntegerRange {
  const range = formatRange(format);
  return relu ? { minimum: Math.max(0, range.minimum), maximum: range.maximum } : range;
}

function windowLayer(layer: Layer): WindowLayer {
  invariant(layer.kind === 'window', `${layer.name} is a window`);
  return layer;
}

function countNonZeros(values: Float32Array | Int16Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count += 1;
  return count;
}
