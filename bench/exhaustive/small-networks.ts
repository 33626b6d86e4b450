import { identityActivation, reluActivation } from '../../src/ir/graph.ts';
import type { FeatureShape, WindowLayer } from '../../src/ir/graph.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { Samples } from '../../src/ir/tensor.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { seededRandom } from '../../test/evaluate/random-graph.ts';
import { graphOf } from '../../test/support/small-graph.ts';

/** A network and samples it is calibrated on. */
export interface SmallNetwork {
  readonly graph: QuantizedGraph;
  readonly calibration: Samples;
}

/** A layer of a chain. */
interface LinkOptions {
  readonly channels: number;
  /** Side of the kernel; the last layer of a chain takes the whole map instead. */
  readonly kernel?: number;
  /** Side of the square that is pooled; 1 where nothing is. */
  readonly pool?: number;
  /** Winners of a site; ReLU alone where not given. */
  readonly winners?: number;
}

/** Of so many weights one is not zero: at random places, or such that masks of neighbours never overlap. */
interface Sparsity {
  readonly oneOf: number;
  readonly complementary: boolean;
}

/** Samples of every small network. */
const sampleCount = 24;

/** Layers one behind another, the last of them linear with its sums as the answer. Deterministic. */
export function chain(
  shape: FeatureShape,
  links: readonly LinkOptions[],
  sparsity: Sparsity,
): SmallNetwork {
  const random = seededRandom(17);
  const layers: WindowLayer[] = [];
  let input = { name: 'input', shape };
  links.forEach((link, index) => {
    const last = index === links.length - 1;
    const layer = linkLayer(`layer${String(index)}`, input, link, last);
    const weights = sparseWeights(layer, sparsity, random);
    layers.push({ ...layer, weights });
    input = { name: layer.name, shape: layer.outputShape };
  });
  const sampleSize = shape.channels * shape.height * shape.width;
  const data = Float32Array.from({ length: sampleCount * sampleSize }, () => random() - 0.3);
  const calibration = { count: sampleCount, sampleSize, data };
  return { graph: quantizeGraph(graphOf(shape, layers), calibration).graph, calibration };
}

function linkLayer(
  name: string,
  input: { readonly name: string; readonly shape: FeatureShape },
  { channels, kernel = 1, pool = 1, winners }: LinkOptions,
  last: boolean,
): WindowLayer {
  const { height, width } = input.shape;
  const size = last ? { height, width } : { height: kernel, width: kernel };
  const windowShape = {
    channels,
    height: height - size.height + 1,
    width: width - size.width + 1,
  };
  const square = { height: pool, width: pool };
  return {
    kind: 'window',
    name,
    operator: last ? 'linear' : 'conv',
    origin: [name],
    input: input.name,
    inputShape: input.shape,
    groups: 1,
    windowShape,
    outputShape: {
      channels,
      height: Math.floor(windowShape.height / pool),
      width: Math.floor(windowShape.width / pool),
    },
    weights: new Float32Array(channels * input.shape.channels * size.height * size.width),
    bias: new Float32Array(channels).fill(0.1),
    kernel: size,
    dilation: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: pool === 1 ? null : { kernel: square, stride: square },
    activation: last ? identityActivation : reluActivation,
    kWinners:
      winners === undefined ? null : { k: winners, scope: 'site', groups: 1, tiesInModel: false },
  };
}

function sparseWeights(
  { weights, windowShape }: WindowLayer,
  { oneOf, complementary }: Sparsity,
  random: () => number,
): Float32Array {
  const inputs = weights.length / windowShape.channels;
  return Float32Array.from(weights, (_, at) => {
    const output = Math.floor(at / inputs);
    const value = random() - 0.4;
    const kept = complementary ? (output + at) % oneOf === 0 : random() * oneOf < 1;
    return kept ? value : 0;
  });
}
