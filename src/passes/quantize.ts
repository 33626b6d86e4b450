import { fail, UserError, type Diagnostic } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { tieRate, sumCounts } from '../evaluate/counts.ts';
import { prepareFloatEvaluator } from '../evaluate/float.ts';
import { formatRange } from '../evaluate/integer.ts';
import { prepareEvaluator, quantizeSamples, sampleAt } from '../evaluate/quantized.ts';
import { shapeSize, type Graph, type Layer } from '../ir/graph.ts';
import type { ActivationFormat, QuantizedGraph, QuantizedLayer } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
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
  /** `mse` unless told. */
  readonly ranges?: RangeRule;
}

/** What quantisation chose for one layer and what it did to the calibration samples. */
export interface LayerQuantization {
  readonly name: string;
  /** Range of the output edge; null for the last layer, which is not requantised. */
  readonly range: ChosenRange | null;
  /** Non-zero weights of the model, and those of them that became 0. */
  readonly nonZeroWeights: number;
  readonly weightsRoundedToZero: number;
  /** Share of k-WTA vectors where the tie rule decides, 0 .. 1; null without k-WTA. */
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

const accumulatorLimit = 32;

/**
 * The network in integers (DESIGN: numbers). Activation ranges come from the float
 * network on the calibration samples, on the winners alone where a layer has k-WTA;
 * weights are symmetric per output channel. Deterministic.
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
  const { weightBits = 8, activationBits = 8, ranges = 'mse' } = options;
  invariant(weightBits >= 2 && weightBits <= 8, 'weights have 2 to 8 bits');
  invariant(activationBits >= 2 && activationBits <= 9, 'activations have 2 to 9 bits');
  checkCalibration(graph, calibration);
  checkLastLayer(graph);

  const histograms = observe(graph, calibration);
  const inputHistogram = present(histograms.get(graph.input.name), 'the input was observed');
  const inputSigned = inputHistogram.smallest < 0;
  const input = chooseRange(inputHistogram, activationBits, inputSigned, ranges);

  const formats = new Map<string, ActivationFormat>([[graph.input.name, input.format]]);
  const chosen = graph.layers.map((layer, index): ChosenRange | null => {
    if (index === graph.layers.length - 1) return null;
    const histogram = present(histograms.get(layer.name), 'every layer was observed');
    const range = chooseRange(histogram, activationBits, !layer.relu, ranges);
    formats.set(layer.name, range.format);
    return range;
  });
  const layers = graph.layers.map((layer, index) => {
    const inputFormat = present(formats.get(layer.input), 'layers are in topological order');
    return quantizeLayer(layer, inputFormat, chosen[index]?.format ?? null, weightBits);
  });
  checkAccumulators(layers);

  const quantized: QuantizedGraph = {
    name: graph.name,
    input: { ...graph.input, format: input.format },
    layers,
    hostOperators: graph.hostOperators,
    notes: graph.notes,
  };
  const ties = tieRates(quantized, calibration);
  const report = layers.map((layer, index): LayerQuantization => {
    const nonZeroWeights = countNonZeros(layer.layer.weights);
    return {
      name: layer.name,
      range: chosen[index] ?? null,
      nonZeroWeights,
      weightsRoundedToZero: nonZeroWeights - countNonZeros(layer.weights),
      tieRate: ties[index] ?? null,
    };
  });
  return { graph: quantized, report: { input, layers: report } };
}

/** Histograms of what travels on every edge of the float network, by edge name. */
function observe(graph: Graph, calibration: Samples): Map<string, MagnitudeHistogram> {
  const histograms = new Map<string, MagnitudeHistogram>();
  const add = (edge: string, values: Float32Array): void => {
    let histogram = histograms.get(edge);
    if (histogram === undefined) {
      histogram = createHistogram();
      histograms.set(edge, histogram);
    }
    addToHistogram(histogram, values);
  };
  const evaluate = prepareFloatEvaluator(graph);
  for (let index = 0; index < calibration.count; index += 1) {
    const start = index * calibration.sampleSize;
    const sample = calibration.data.subarray(start, start + calibration.sampleSize);
    add(graph.input.name, sample);
    evaluate(sample).layers.forEach((result, layerIndex) => {
      add(present(graph.layers[layerIndex], 'one result per layer').name, result.values);
    });
  }
  return histograms;
}

/**
 * A weight scale is fine enough when rounding all weights of a channel moves its output by
 * no more than half this share of an output unit, whatever the input.
 */
const harmlessShare = 1 / 8;
/** Room for a bias in units of the accumulator; the sums need the rest of the 32 bits. */
const largestBias = 2 ** 30;

function quantizeLayer(
  layer: Layer,
  inputFormat: ActivationFormat,
  outputFormat: ActivationFormat | null,
  weightBits: number,
): QuantizedLayer {
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
    outputFormat,
  };
}

/** Per layer, the share of k-WTA vectors with a tie; null without k-WTA. */
function tieRates(graph: QuantizedGraph, calibration: Samples): readonly (number | null)[] {
  const integers = quantizeSamples(graph.input.format, calibration);
  const evaluate = prepareEvaluator(graph);
  const evaluations = Array.from({ length: calibration.count }, (_, index) => {
    return evaluate(sampleAt(integers, calibration.sampleSize, index)).layers.map(
      ({ counts }) => counts,
    );
  });
  return graph.layers.map(({ layer }, index) => {
    if (layer.kWinners === null) return null;
    const counts = evaluations.flatMap((layers) => layers[index] ?? []);
    return tieRate(present(sumCounts(counts), 'there is a calibration sample'));
  });
}

function checkCalibration(graph: Graph, calibration: Samples): void {
  const expected = shapeSize(graph.input.shape);
  if (calibration.count === 0) {
    fail('quantize/no-calibration', 'there is no calibration sample', {
      remedy: 'give at least one sample, better a hundred, of data like that of real use',
    });
  }
  if (calibration.sampleSize !== expected) {
    fail(
      'quantize/calibration-shape',
      `a calibration sample has ${calibration.sampleSize} values, the model takes ${expected}`,
      { place: graph.input.name },
    );
  }
}

function checkLastLayer(graph: Graph): void {
  const last = present(graph.layers.at(-1), 'a graph has a layer');
  if (!last.relu && last.kWinners === null) return;
  fail(
    'quantize/output-activation',
    `the last layer ends in ${last.relu ? 'ReLU' : 'k-WTA'}, but its accumulators are the logits`,
    { place: last.name, remedy: 'end the model with the layer that computes the logits' },
  );
}

function checkAccumulators(layers: readonly QuantizedLayer[]): void {
  const diagnostics = layers.flatMap((layer): readonly Diagnostic[] => {
    if (layer.accumulatorBits <= accumulatorLimit) return [];
    return [
      {
        code: 'quantize/accumulator-too-wide',
        message: `the sums of this layer need ${layer.accumulatorBits} bits, there are ${accumulatorLimit}`,
        place: layer.name,
        remedy: 'use fewer weight or activation bits, prune the layer or split it',
      },
    ];
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}

function countNonZeros(values: Float32Array | Int8Array): number {
  let count = 0;
  for (const value of values) if (value !== 0) count += 1;
  return count;
}
