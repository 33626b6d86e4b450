import { formatRange } from '../../src/evaluate/integer.ts';
import { inputsOf, isNonNegative, type Graph, type Layer } from '../../src/ir/graph.ts';
import type {
  ActivationFormat,
  IntegerRange,
  QuantizedGraph,
  QuantizedLayer,
  QuantizedWindow,
  Requantization,
} from '../../src/ir/quantized.ts';
import { accumulatorAnswers } from '../../src/passes/quantize-edges.ts';
import { accumulatorBits } from '../../src/passes/quantize-scaling.ts';
import { integerBetween, type Random } from './random-graph.ts';

interface Numbers {
  readonly format: ActivationFormat;
  readonly range: IntegerRange;
}

/** One scale for all edges, so that any of them may meet in a concat. */
const scale = 0.05;

/**
 * A float graph given random integers in place of quantised ones: every legal number may
 * appear, whether or not calibration would have chosen it.
 */
export function randomIntegers(graph: Graph, random: Random): QuantizedGraph {
  const between = (least: number, greatest: number): number =>
    integerBetween(random, least, greatest);
  const inputFormat = { bits: between(2, 8), signed: random() < 0.5, scale };
  const edges = new Map<string, Numbers>([
    [graph.input.name, { format: inputFormat, range: formatRange(inputFormat) }],
  ]);
  const answers = accumulatorAnswers(graph);
  const layers = graph.layers.map((layer): QuantizedLayer => {
    const inputs = inputsOf(layer).map((edge): Numbers => {
      const found = edges.get(edge);
      if (found === undefined) throw new Error(`${layer.name} reads ${edge}`);
      return found;
    });
    const output = answers.has(layer.name) ? null : outputNumbers(random, layer, inputs);
    if (output !== null) edges.set(layer.name, output);
    return integerLayer(random, layer, inputs, output);
  });
  const { name, outputs, hostOperators, notes } = graph;
  return {
    name,
    outputs,
    hostOperators,
    notes,
    input: { ...graph.input, format: inputFormat, range: formatRange(inputFormat) },
    layers,
    keepTies: random() < 0.3,
  };
}

function outputNumbers(random: Random, layer: Layer, inputs: readonly Numbers[]): Numbers {
  const [first] = inputs;
  if ((layer.kind === 'max-pool' || layer.kind === 'winners') && first !== undefined) return first;
  if (layer.kind === 'concat') {
    const range = {
      minimum: Math.min(...inputs.map((numbers) => numbers.range.minimum)),
      maximum: Math.max(...inputs.map((numbers) => numbers.range.maximum)),
    };
    const signed = inputs.some((numbers) => numbers.format.signed);
    const bits = inputs.map(({ format }) => format.bits + (signed && !format.signed ? 1 : 0));
    return { format: { bits: Math.max(...bits), signed, scale }, range };
  }
  const signed = !isNonNegative(layer.activation);
  // A sign costs a bit where this meets unsigned values in a concat: 9 bits at most.
  const format = { bits: integerBetween(random, 2, signed ? 9 : 8), signed, scale };
  const whole = formatRange(format);
  if (random() < 0.6) return { format, range: whole };
  const range = {
    minimum: integerBetween(random, whole.minimum, 0),
    maximum: integerBetween(random, 0, whole.maximum),
  };
  return { format, range };
}

function integerLayer(
  random: Random,
  layer: Layer,
  inputs: readonly Numbers[],
  output: Numbers | null,
): QuantizedLayer {
  const first = inputs[0];
  if (first === undefined) throw new Error(`${layer.name} reads nothing`);
  if (layer.kind === 'window') {
    return {
      ...integerWindow(random, layer, first),
      outputFormat: output?.format ?? null,
      outputRange: output?.range ?? null,
      requantization: output === null ? null : requantization(random, layer.bias.length),
      negativeRequantization:
        output === null || layer.activation.kind !== 'leaky-relu'
          ? null
          : requantization(random, layer.bias.length),
    };
  }
  if (output === null) throw new Error(`${layer.name} has numbers`);
  const common = { name: layer.name, outputFormat: output.format, outputRange: output.range };
  switch (layer.kind) {
    case 'max-pool':
      return { ...common, kind: 'max-pool', layer, inputFormat: first.format };
    case 'winners':
      return { ...common, kind: 'winners', layer, inputFormat: first.format };
    case 'concat':
      return { ...common, kind: 'concat', layer, inputFormats: inputs.map(({ format }) => format) };
    case 'add': {
      const larger = integerBetween(random, 32768, 65535) * (random() < 0.5 ? 1 : -1);
      const smaller = integerBetween(random, -65535, 65535);
      return {
        ...common,
        kind: 'add',
        layer,
        inputFormats: [first.format, inputs[1]?.format ?? first.format],
        multipliers: random() < 0.5 ? [larger, smaller] : [smaller, larger],
        shift: integerBetween(random, 14, 19),
      };
    }
  }
}

function integerWindow(
  random: Random,
  layer: QuantizedWindow['layer'],
  input: Numbers,
): Omit<
  QuantizedWindow,
  'outputFormat' | 'outputRange' | 'requantization' | 'negativeRequantization'
> {
  const channels = layer.bias.length;
  const weightBits = integerBetween(random, 8, 9);
  const largest = 2 ** (weightBits - 1) - 1;
  const weights = Int16Array.from(layer.weights, (weight) => Math.round(weight * largest));
  const bias = Int32Array.from({ length: channels }, () => integerBetween(random, -3000, 3000));
  return {
    kind: 'window',
    name: layer.name,
    layer,
    inputFormat: input.format,
    weights,
    weightBits,
    weightScale: new Float64Array(channels).fill(0.01),
    bias,
    accumulatorBits: accumulatorBits(weights, bias, input.range),
  };
}

function requantization(random: Random, channels: number): Requantization {
  return {
    multiplier: Uint16Array.from({ length: channels }, () => integerBetween(random, 32768, 65535)),
    shift: Uint8Array.from({ length: channels }, () => integerBetween(random, 18, 25)),
  };
}
