import { signedBits } from '../../src/base/bits.ts';
import { present } from '../../src/base/invariant.ts';
import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { Evaluation, LayerEvaluation } from '../../src/evaluate/quantized.ts';
import { identityActivation, reluActivation } from '../../src/ir/graph.ts';
import type { KWinners, WindowLayer } from '../../src/ir/graph.ts';
import type { QuantizedGraph, QuantizedWindow, Requantization } from '../../src/ir/quantized.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import type { Kernel, Sparsity } from './kernel.ts';
import { kernelWeights } from './masks.ts';

/** A kernel with weights, between a layer that gives its tokens and one that takes what leaves. */
export interface KernelGraph {
  readonly kernel: Kernel;
  readonly sparsity: Sparsity;
  readonly graph: QuantizedGraph;
  readonly layer: QuantizedWindow;
  /** What comes into the kernel, by sample, and what it makes of it. */
  readonly inputs: readonly Int16Array[];
  readonly evaluations: readonly Evaluation[];
  /** Mean of the tokens of a site, of the input and of the output. */
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Products that are made where every zero is left out, mean of the samples. */
  readonly products: number;
}

/** Place of the kernel in its graph. */
export const kernelIndex = 1;

const format = { bits: 8, signed: false, scale: 1 } as const;
const samples = 2;

/** Two samples: at every site equally many channels, anywhere, with any value. */
function sparseMaps({ input }: Kernel, activations: number, seed: number): readonly Int16Array[] {
  const random = seededRandom(seed);
  const { channels, height, width } = input;
  const active = Math.max(1, Math.round(channels / activations));
  const sites = height * width;
  return Array.from({ length: samples }, () => {
    const values = new Int16Array(channels * sites);
    for (let site = 0; site < sites; site += 1) {
      const order = Array.from({ length: channels }, (_, channel) => channel);
      for (let at = 0; at < active; at += 1) {
        const other = at + random(channels - at);
        const chosen = present(order[other], 'a channel');
        order[other] = present(order[at], 'a channel');
        values[chosen * sites + site] = 1 + random(255);
      }
    }
    return values;
  });
}

type Layout = Pick<
  WindowLayer,
  'input' | 'inputShape' | 'windowShape' | 'kernel' | 'padding' | 'groups' | 'kWinners'
>;

interface Integers {
  readonly weights: Int16Array;
  readonly bias: Int32Array;
  readonly requantization: Requantization | null;
}

/** A quantised layer of these integers, ReLU behind it unless its sums are the answer. */
function windowLayer(name: string, layout: Layout, integers: Integers): QuantizedWindow {
  const outputs = layout.windowShape.channels;
  const answer = integers.requantization === null;
  const { weights, bias } = integers;
  const layer: WindowLayer = {
    kind: 'window',
    name,
    operator: 'conv',
    origin: [name],
    ...layout,
    outputShape: layout.windowShape,
    weights: Float32Array.from(weights),
    bias: Float32Array.from(bias),
    stride: { height: 1, width: 1 },
    dilation: { height: 1, width: 1 },
    pooling: null,
    activation: answer ? identityActivation : reluActivation,
  };
  return {
    kind: 'window',
    name,
    layer,
    inputFormat: format,
    weights,
    weightBits: 8,
    weightScale: new Float64Array(outputs).fill(1),
    bias,
    accumulatorBits: sumBits(weights, bias),
    requantization: integers.requantization,
    negativeRequantization: null,
    outputFormat: answer ? null : format,
    outputRange: answer ? null : { minimum: 0, maximum: 255 },
  };
}

/** Two's complement bits that hold every sum, with and without its bias. */
function sumBits(weights: Int16Array, bias: Int32Array): number {
  const inputs = weights.length / bias.length;
  let low = 0;
  let high = 0;
  bias.forEach((offset, output) => {
    let least = 0;
    let most = 0;
    for (const weight of weights.subarray(output * inputs, (output + 1) * inputs)) {
      if (weight < 0) least += 255 * weight;
      else most += 255 * weight;
    }
    low = Math.min(low, least, least + offset);
    high = Math.max(high, most, most + offset);
  });
  return signedBits(low, high);
}

const noPadding = { top: 0, left: 0, bottom: 0, right: 0 } as const;
const onePosition = { height: 1, width: 1 } as const;

function kernelLayout({ input, side, padded, outputs }: Kernel, winners: KWinners | null): Layout {
  const pad = padded ? (side - 1) / 2 : 0;
  const shape = {
    channels: outputs,
    height: input.height + 2 * pad - side + 1,
    width: input.width + 2 * pad - side + 1,
  };
  return {
    input: 'source',
    inputShape: input,
    windowShape: shape,
    kernel: { height: side, width: side },
    padding: { top: pad, left: pad, bottom: pad, right: pad },
    groups: 1,
    kWinners: winners,
  };
}

/** Scales the largest of the sums to 255. */
function requantizationOf(largest: number, outputs: number): Requantization {
  const scale = 255 / Math.max(1, largest);
  const shift = 15 - Math.floor(Math.log2(scale));
  return {
    multiplier: new Uint16Array(outputs).fill(Math.min(65535, Math.round(scale * 2 ** shift))),
    shift: new Uint8Array(outputs).fill(shift),
  };
}

/** The kernel alone, its input being that of the network. */
function evaluateAlone(layer: QuantizedWindow, inputs: readonly Int16Array[]): LayerEvaluation[] {
  const graph: QuantizedGraph = {
    name: 'kernel',
    input: {
      name: layer.layer.input,
      shape: layer.layer.inputShape,
      format,
      range: { minimum: 0, maximum: 255 },
    },
    layers: [layer],
    outputs: [{ name: 'kernel', layer: layer.name }],
    keepTies: false,
    hostOperators: [],
    notes: [],
  };
  const evaluate = prepareEvaluator(graph);
  return inputs.map((input) => present(evaluate(input).layers[0], 'a layer'));
}

/** Biases and a scale that let through as large a share of the sums as of the activations. */
function calibrated(
  layout: Layout,
  weights: Int16Array,
  inputs: readonly Int16Array[],
  share: number,
): Integers {
  const outputs = layout.windowShape.channels;
  const plain = {
    weights,
    bias: new Int32Array(outputs),
    requantization: requantizationOf(255, outputs),
  };
  const sums = evaluateAlone(windowLayer('kernel', layout, plain), inputs).map(
    ({ accumulators }) => accumulators,
  );
  const sites = layout.windowShape.height * layout.windowShape.width;
  // with few sites all channels have one threshold: a quantile of two sums would say nothing
  const together = sites < 16;
  let largest = 0;
  const threshold = (from: number, to: number): number => {
    const values = Int32Array.from(
      sums.flatMap((map) => Array.from(map.subarray(from, to))),
    ).sort();
    const passing = Math.round(values.length * share);
    const least = values[values.length - passing] ?? 0;
    largest = Math.max(largest, (values.at(-1) ?? 0) - least + 1);
    return 1 - least;
  };
  const bias = together
    ? new Int32Array(outputs).fill(threshold(0, outputs * sites))
    : Int32Array.from({ length: outputs }, (_, output) =>
        threshold(output * sites, (output + 1) * sites),
      );
  return { weights, bias, requantization: requantizationOf(largest, outputs) };
}

/** Kinds of what stands behind the sums of a kernel. */
export interface KernelOptions {
  /** k-WTA over the channels of a site instead of ReLU alone. */
  readonly winners?: number;
}

/**
 * A kernel of random weights and samples of random activations, both as sparse as asked for. What
 * leaves it is as sparse as what comes in, by ReLU and its biases, or by k-WTA. The layers before
 * and behind only fix what its streams look like.
 */
export function kernelGraph(
  kernel: Kernel,
  sparsity: Sparsity,
  { winners }: KernelOptions = {},
): KernelGraph {
  const share = 1 / sparsity.activations;
  const weights = kernelWeights(kernel, sparsity);
  const inputs = sparseMaps(kernel, sparsity.activations, 7 + sparsity.activations);
  const scope = 'site' as const;
  const layout = kernelLayout(
    kernel,
    winners === undefined ? null : { k: winners, scope, groups: 1, tiesInModel: false },
  );
  const integers = calibrated(layout, weights, inputs, winners === undefined ? share : 1);
  const layer = windowLayer('kernel', layout, integers);
  const { channels } = kernel.input;
  const active = Math.max(1, Math.round(channels * share));
  const source = windowLayer(
    'source',
    {
      input: 'input',
      inputShape: kernel.input,
      windowShape: kernel.input,
      kernel: onePosition,
      padding: noPadding,
      groups: channels,
      kWinners:
        sparsity.activations === 1 ? null : { k: active, scope, groups: 1, tiesInModel: false },
    },
    {
      weights: new Int16Array(channels).fill(1),
      bias: new Int32Array(channels),
      requantization: requantizationOf(255, channels),
    },
  );
  const sink = windowLayer(
    'sink',
    {
      input: 'kernel',
      inputShape: layout.windowShape,
      windowShape: { ...layout.windowShape, channels: 1 },
      kernel: onePosition,
      padding: noPadding,
      groups: 1,
      kWinners: null,
    },
    {
      weights: new Int16Array(layout.windowShape.channels).fill(1),
      bias: new Int32Array(1),
      requantization: null,
    },
  );
  const own = evaluateAlone(layer, inputs);
  const evaluations = own.map((evaluation, sample): Evaluation => {
    const nothing = { ...evaluation, accumulators: new Int32Array(0) };
    return {
      layers: [
        { ...nothing, values: present(inputs[sample], 'a sample') },
        evaluation,
        { ...nothing, values: new Int16Array(0) },
      ],
      logits: new Int32Array(layout.windowShape.height * layout.windowShape.width),
    };
  });
  const meanTokens = (maps: readonly Int16Array[], each: number): number =>
    maps.reduce(
      (sum, map) => sum + map.reduce((count, value) => count + Number(value !== 0), 0),
      0,
    ) /
    (maps.reduce((sum, map) => sum + map.length, 0) / each);
  return {
    kernel,
    sparsity,
    layer,
    graph: {
      name: `kernel ${kernel.name}`,
      input: {
        name: 'input',
        shape: kernel.input,
        format,
        range: { minimum: 0, maximum: 255 },
      },
      layers: [source, layer, sink],
      outputs: [{ name: 'sink', layer: 'sink' }],
      keepTies: false,
      hostOperators: [],
      notes: [],
    },
    inputs,
    evaluations,
    tokensIn: active,
    tokensOut: meanTokens(
      own.map(({ values }) => values),
      kernel.outputs,
    ),
    products: own.reduce((sum, { counts }) => sum + counts.products.bothSparse, 0) / own.length,
  };
}
