import { invariant, present } from '../base/invariant.ts';
import { formatRange } from '../evaluate/integer.ts';
import { quantizeSamples, sampleAt } from '../evaluate/quantized.ts';
import { shapeSize, type Graph, type Layer } from '../ir/graph.ts';
import type {
  ActivationFormat,
  IntegerRange,
  QuantizedGraph,
  QuantizedLayer,
} from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { checkAccumulators, checkCalibration } from './quantize-checks.ts';
import { fitLayers, type FittedLayer } from './quantize-correction.ts';
import { chooseEdges, type Edges } from './quantize-edges.ts';
import { countNonZeros, quantizeLayers } from './quantize-layers.ts';
import { observeGraph, type Observed } from './quantize-observe.ts';
import {
  createHistogram,
  measureRange,
  type ChosenRange,
  type MagnitudeHistogram,
  type RangeRule,
} from './quantize-ranges.ts';

export interface QuantizeOptions {
  /** 2 to 9; 8 unless told. */
  readonly weightBits?: number;
  /** 2 to 9; 8 unless told. */
  readonly activationBits?: number;
  /** `error` unless told. */
  readonly ranges?: RangeRule;
  /** Whether biases make up for the mean error of each channel; true unless told. */
  readonly correctBias?: boolean;
  /** Whether k-WTA keeps every value equal to the k-th; false unless told. */
  readonly keepTies?: boolean;
}

/** What quantisation chose for one layer and what it did to the calibration samples. */
export interface LayerQuantization {
  readonly name: string;
  /** Range of the output edge; null for a layer whose accumulators are an answer. */
  readonly range: ChosenRange | null;
  /** Non-zero weights of the model, and those of them that became 0. */
  readonly nonZeroWeights: number;
  readonly weightsRoundedToZero: number;
  /**
   * Share of k-WTA vectors of the calibration samples where the tie rule decides, 0 .. 1;
   * null without k-WTA or samples.
   */
  readonly tieRate: number | null;
}

export interface QuantizationReport {
  readonly input: ChosenRange;
  /** In the order of `graph.layers`. */
  readonly layers: readonly LayerQuantization[];
  /**
   * Calibration samples that biases were corrected on, and those they would have been corrected on
   * if maps were smaller; null where none was corrected.
   */
  readonly correction: { readonly samples: number; readonly wanted: number } | null;
}

export interface Quantization {
  readonly graph: QuantizedGraph;
  readonly report: QuantizationReport;
}

/** Samples run through the integer layers to correct biases and count ties. */
const correctionSamples = 128;
/** Values of the largest map times samples held at a time; a big network uses fewer samples. */
const correctionValues = 2 ** 26;

/**
 * The network in integers (docs/numbers.md). Activation ranges come from the float network on
 * the calibration samples, on the winners alone where a layer has k-WTA; weights are symmetric
 * per output channel; biases make up for the mean error that rounding leaves in each channel.
 * What an already quantised model gives is used as it is: its scales, ranges and integer weights,
 * biases rounded and not corrected. Deterministic.
 *
 * Without samples (null) everything has to be given by the model. Throws `UserError` when the
 * calibration does not match the model, when a given format has too many bits, or when an
 * accumulator would need more than 32 bits (all such layers at once).
 */
export function quantizeGraph(
  graph: Graph,
  calibration: Samples | null,
  options: QuantizeOptions = {},
): Quantization {
  const { weightBits = 8, activationBits = 8, ranges = 'error', keepTies = false } = options;
  const correctBias = (options.correctBias ?? true) && graph.given === null;
  invariant(weightBits >= 2 && weightBits <= 9, 'weights have 2 to 9 bits');
  invariant(activationBits >= 2 && activationBits <= 9, 'activations have 2 to 9 bits');
  checkCalibration(graph, calibration);

  const observed =
    calibration === null ? null : observeGraph(graph, calibration, fitSamples(graph, calibration));
  const edges = chooseEdges(graph, observed, activationBits, ranges);
  const rounded = quantizeLayers(graph, edges, weightBits);
  checkAccumulators(rounded);

  const { format } = present(edges.get(graph.input.name), 'the input has a format');
  const input = { ...graph.input, format, range: inputRange(graph, format) };
  const decided = correctBias || graph.layers.some(({ kWinners }) => kWinners !== null);
  const fitted =
    calibration === null || !decided
      ? rounded.map((layer): FittedLayer => ({ layer, tieRate: null }))
      : fitLayers(rounded, {
          inputName: graph.input.name,
          inputs: fitInputs(graph, input, calibration),
          rangeOf: (edge) => present(edges.get(edge), `edge ${edge} has numbers`).range,
          observed: correctBias ? (observed?.layers ?? null) : null,
          keepTies,
        });
  const layers = fitted.map(({ layer }) => layer);
  checkAccumulators(layers);

  return {
    graph: {
      name: graph.name,
      input,
      layers,
      keepTies,
      outputs: graph.outputs,
      hostOperators: graph.hostOperators,
      notes: graph.notes,
    },
    report: {
      ...reportOf(graph, fitted, edges, observed),
      correction:
        calibration === null || !correctBias
          ? null
          : {
              samples: fitSamples(graph, calibration),
              wanted: Math.min(correctionSamples, calibration.count),
            },
    },
  };
}

/** How many samples are run through the integer layers. */
function fitSamples(graph: Graph, calibration: Samples): number {
  const largest = Math.max(...graph.layers.map(mapSize));
  const affordable = Math.max(1, Math.floor(correctionValues / largest));
  return Math.min(correctionSamples, affordable, calibration.count);
}

function mapSize(layer: Layer): number {
  return shapeSize(layer.kind === 'window' ? layer.windowShape : layer.outputShape);
}

/** The samples run through the integer layers, in integers. */
function fitInputs(
  graph: Graph,
  { format, range }: QuantizedGraph['input'],
  calibration: Samples,
): Int16Array[] {
  const { sampleSize } = calibration;
  const count = fitSamples(graph, calibration);
  const data = calibration.data.subarray(0, count * sampleSize);
  const integers = quantizeSamples(format, { count, sampleSize, data }, range);
  return Array.from({ length: count }, (_, index) => sampleAt(integers, sampleSize, index));
}

/** What samples are clamped to. Widths are made for the whole format: anyone may send anything. */
function inputRange(graph: Graph, format: ActivationFormat): IntegerRange {
  const given = graph.given?.edges.get(graph.input.name);
  if (given === undefined) return formatRange(format);
  return { minimum: given.minimum, maximum: given.maximum };
}

function reportOf(
  graph: Graph,
  fitted: readonly FittedLayer[],
  edges: Edges,
  observed: Observed | null,
): Omit<QuantizationReport, 'correction'> {
  const rangeOf = (edge: string, seen: MagnitudeHistogram | undefined): ChosenRange | null => {
    const numbers = edges.get(edge);
    return numbers === undefined ? null : measureRange(seen ?? createHistogram(), numbers.format);
  };
  return {
    input: present(rangeOf(graph.input.name, observed?.input), 'the input has a range'),
    layers: fitted.map(({ layer, tieRate }, index): LayerQuantization => {
      const { real, integer } = weightCounts(layer);
      return {
        name: layer.name,
        range: rangeOf(layer.name, observed?.layers[index]?.histogram),
        nonZeroWeights: real,
        weightsRoundedToZero: real - integer,
        tieRate,
      };
    }),
  };
}

/** Non-zero weights of a layer, in the model and in integers. */
function weightCounts(quantized: QuantizedLayer): { real: number; integer: number } {
  if (quantized.kind !== 'window') return { real: 0, integer: 0 };
  return {
    real: countNonZeros(quantized.layer.weights),
    integer: countNonZeros(quantized.weights),
  };
}
