import { present } from '../base/invariant.ts';
import { inputsOf, type Graph, type Layer, type WindowLayer } from '../ir/graph.ts';
import type { QuantizedLayer, QuantizedWindow, Requantization } from '../ir/quantized.ts';
import type { EdgeNumbers, Edges } from './quantize-edges.ts';
import { accumulatorBits, addScaling, requantizationOf } from './quantize-scaling.ts';
import { givenWeights, quantizeWeights, type QuantizedWeights } from './quantize-weights.ts';

/** Room for a bias in units of the accumulator; the sums need the rest of the 32 bits. */
export const largestBias = 2 ** 30;

/**
 * A weight scale is fine enough when rounding all weights of a channel, or its bias, moves its
 * output by no more than half this share of an output unit, whatever the input.
 */
const harmlessShare = 1 / 8;

/** All layers in integers between edges of the given numbers; biases are not corrected. */
export function quantizeLayers(
  graph: Graph,
  edges: Edges,
  weightBits: number,
): readonly QuantizedLayer[] {
  return graph.layers.map((layer) => {
    const inputs = inputsOf(layer).map((edge) => {
      return present(edges.get(edge), `${layer.name} reads an edge that has numbers`);
    });
    return quantizeLayer(graph, layer, inputs, edges.get(layer.name) ?? null, weightBits);
  });
}

function quantizeLayer(
  graph: Graph,
  layer: Layer,
  inputs: readonly EdgeNumbers[],
  output: EdgeNumbers | null,
  weightBits: number,
): QuantizedLayer {
  const first = present(inputs[0], `${layer.name} has an input`);
  if (layer.kind === 'window') return quantizeWindow(graph, layer, first, output, weightBits);
  const { format: outputFormat, range: outputRange } = present(output, `${layer.name} has numbers`);
  const common = { name: layer.name, outputFormat, outputRange };
  switch (layer.kind) {
    case 'max-pool':
      return { ...common, kind: 'max-pool', layer, inputFormat: first.format };
    case 'concat':
      return { ...common, kind: 'concat', layer, inputFormats: inputs.map(({ format }) => format) };
    case 'add': {
      const second = present(inputs[1], `${layer.name} has two inputs`);
      const [leftSign, rightSign] = layer.signs;
      return {
        ...common,
        kind: 'add',
        layer,
        inputFormats: [first.format, second.format],
        ...addScaling(
          (leftSign * first.format.scale) / outputFormat.scale,
          (rightSign * second.format.scale) / outputFormat.scale,
        ),
      };
    }
  }
}

function quantizeWindow(
  graph: Graph,
  layer: WindowLayer,
  input: EdgeNumbers,
  output: EdgeNumbers | null,
  weightBits: number,
): QuantizedWindow {
  const given = graph.given?.weights.get(layer.name);
  const bits = given === undefined ? weightBits : Math.max(2, given.bits);
  const { weights, scale } =
    given === undefined
      ? chooseWeights(layer, input, output, bits)
      : givenWeights(layer, given.scale, bits);
  const inputScale = input.format.scale;
  const bias = Float64Array.from(layer.bias, (value, channel) => {
    return Math.floor(value / (inputScale * (scale[channel] ?? 1)) + 0.5);
  });
  return {
    kind: 'window',
    name: layer.name,
    layer,
    inputFormat: input.format,
    weights,
    weightBits: bits,
    weightScale: scale,
    bias: Int32Array.from(bias),
    accumulatorBits: accumulatorBits(weights, bias, input.range),
    ...requantizationsOf(layer, scale, inputScale, output),
    outputFormat: output?.format ?? null,
    outputRange: output?.range ?? null,
  };
}

function chooseWeights(
  layer: WindowLayer,
  input: EdgeNumbers,
  output: EdgeNumbers | null,
  weightBits: number,
): QuantizedWeights {
  const inputScale = input.format.scale;
  const largestInput = Math.max(-input.range.minimum, input.range.maximum) * inputScale;
  const outputStep = output?.format.scale ?? 0;
  const kernelSize = layer.weights.length / layer.bias.length;
  return quantizeWeights(layer, weightBits, (channel) => {
    const start = channel * kernelSize;
    const terms = countNonZeros(layer.weights.subarray(start, start + kernelSize));
    const bias = Math.abs(layer.bias[channel] ?? 0);
    const harmless = (harmlessShare * outputStep) / (largestInput * (terms || 1));
    return {
      least: Math.max(harmless, bias / (inputScale * largestBias)),
      greatest: bias === 0 ? Infinity : (harmlessShare * outputStep) / inputScale,
    };
  });
}

function requantizationsOf(
  layer: WindowLayer,
  weightScale: Float64Array,
  inputScale: number,
  output: EdgeNumbers | null,
): {
  readonly requantization: Requantization | null;
  readonly negativeRequantization: Requantization | null;
} {
  if (output === null) return { requantization: null, negativeRequantization: null };
  const factors = weightScale.map((value) => (inputScale * value) / output.format.scale);
  const { activation } = layer;
  const slope = activation.kind === 'leaky-relu' ? activation.slope : 0;
  return {
    requantization: requantizationOf(factors),
    negativeRequantization:
      slope === 0 || output.range.minimum === 0
        ? null
        : requantizationOf(factors.map((factor) => factor * slope)),
  };
}

export function countNonZeros(values: Float32Array | Int16Array): number {
  let count = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] !== 0) count += 1;
  return count;
}
