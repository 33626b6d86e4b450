import { invariant, present } from '../../base/invariant.ts';
import { isNonNegative } from '../../ir/graph.ts';
import type { Graph, Layer } from '../../ir/graph.ts';
import type { Samples } from '../../ir/tensor.ts';
import { seededRandom } from '../../pack/seeded-random.ts';
import type { RandomBelow } from '../../pack/seeded-random.ts';
import { augmenter } from './augment.ts';
import type { Augmentation } from './augment.ts';
import { trainedParameters } from './parameters.ts';
import type { TrainedParameters } from './parameters.ts';
import type { Rounding } from './shape-values.ts';
import { trainNetwork } from './train-network.ts';
import type { EdgeRounding, TrainNetwork } from './train-network.ts';

export interface FinetuneOptions {
  /** The network whose answers are taught beside the labels, [sample][class]; null for none. */
  readonly teacher: Float64Array | null;
  /** Times every sample is seen. */
  readonly epochs: number;
  readonly seed: number;
  readonly augmentation: Augmentation;
  /** Called after every few samples: lets others run, and throws when the user gives up. */
  readonly pause: () => Promise<void>;
  /** Share of the work done, the epoch, and the mean loss in it so far. */
  readonly tell: (fraction: number, epoch: number, loss: number) => void;
}

/** Samples of one step, and how many of them are computed together. */
const batchSize = 64;
const chunkSize = 16;

/** Length of a step at first, as share of the weights of a layer (root of their mean square). */
const rate = 0.02;

/** Share of the steps over which the rate rises from 0. */
const warmUp = 0.05;

/** Share of the epochs at the end with weights and values rounded to 8 bits. */
const roundedShare = 0.25;

/**
 * Trains the weights that are not 0, and the biases, towards the labels: gradient descent (Adam)
 * through ReLU, pooling and k-WTA. Zeros stay; time is in proportion to the weights that are left. In
 * the last quarter of the epochs weights and values are rounded to 8 bits on the way forward. The
 * result depends on its arguments alone. Throws what `pause` throws.
 */
export async function finetune(
  graph: Graph,
  samples: Samples,
  labels: Uint32Array,
  options: FinetuneOptions,
): Promise<Graph> {
  invariant(labels.length === samples.count, 'one label per sample');
  const { epochs, seed, pause, tell, teacher } = options;
  const random = seededRandom(seed);
  const chunk = Math.min(chunkSize, samples.count);
  const chunks = Math.max(1, Math.min(batchSize / chunk, Math.floor(samples.count / chunk)));
  const network = trainNetwork(graph, chunk);
  const parameters = trainedParameters(network);
  const vary = augmenter(samples, graph.input.shape, options.augmentation, random);
  const { sampleSize } = samples;
  const data = new Float64Array(chunk * sampleSize);
  const chunkLabels = new Uint32Array(chunk);
  const classes = teacher === null ? 0 : teacher.length / samples.count;
  const taught = teacher === null ? null : new Float64Array(chunk * classes);
  const stepsOfEpoch = Math.floor(samples.count / (chunk * chunks));
  const steps = stepsOfEpoch * epochs;
  const firstRounded = epochs - Math.max(1, Math.round(epochs * roundedShare));
  let largest: ReadonlyMap<string, number> = new Map();
  let done = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const isRounded = epochs > 1 && epoch >= firstRounded;
    const rounding = isRounded ? roundingOf(graph.layers, largest) : new Map<string, Rounding>();
    const seen = new Map<string, number>();
    const order = shuffled(samples.count, random);
    let loss = 0;
    for (let step = 0; step < stepsOfEpoch; step += 1, done += 1) {
      parameters.refresh(isRounded);
      for (let part = 0; part < chunks; part += 1) {
        const first = (step * chunks + part) * chunk;
        for (let n = 0; n < chunk; n += 1) {
          const sample = order[first + n] ?? 0;
          const values = samples.data.subarray(sample * sampleSize, (sample + 1) * sampleSize);
          vary(values, data.subarray(n * sampleSize, (n + 1) * sampleSize));
          chunkLabels[n] = labels[sample] ?? 0;
          if (teacher === null) continue;
          taught?.set(teacher.subarray(sample * classes, (sample + 1) * classes), n * classes);
        }
        const batch = { data, labels: chunkLabels, teacher: taught };
        loss += network.run(batch, chunk * chunks, rounding);
        await pause();
      }
      if (!isRounded) noteLargest(network, seen);
      parameters.step(rate * schedule((done + 0.5) / steps));
      tell((done + 1) / steps, epoch, loss / (step + 1));
    }
    if (!isRounded) largest = seen;
  }
  return withParameters(graph, parameters);
}

/** Rises in a straight line, then falls along a parabola to 0. */
function schedule(fraction: number): number {
  return fraction < warmUp ? fraction / warmUp : ((1 - fraction) / (1 - warmUp)) ** 2;
}

function shuffled(count: number, random: RandomBelow): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let at = count - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    const value = order[at] ?? 0;
    order[at] = order[other] ?? 0;
    order[other] = value;
  }
  return order;
}

/** The largest magnitudes that left each layer, mean over the batches. */
function noteLargest(network: TrainNetwork, seen: Map<string, number>): void {
  for (const { layer, output } of network.layers) {
    let largest = 0;
    for (let at = 0; at < output.values.length; at += 1) {
      largest = Math.max(largest, Math.abs(output.values[at] ?? 0));
    }
    seen.set(layer.name, Math.max(seen.get(layer.name) ?? 0, largest));
  }
}

/** 8-bit steps for every edge but the answers; without sign where nothing is negative. */
function roundingOf(layers: readonly Layer[], largest: ReadonlyMap<string, number>): EdgeRounding {
  const rounding = new Map<string, Rounding>();
  for (const [name, most] of largest) {
    const layer = present(
      layers.find((each) => each.name === name),
      'edges are of layers',
    );
    if (most === 0 || layer.activation.kind === 'identity') continue;
    const isPositive = isNonNegative(layer.activation);
    const maximum = isPositive ? 255 : 127;
    rounding.set(name, { scale: most / maximum, minimum: isPositive ? 0 : -127, maximum });
  }
  return rounding;
}

function withParameters(graph: Graph, parameters: TrainedParameters): Graph {
  return {
    ...graph,
    layers: graph.layers.map((layer): Layer => {
      const trained = parameters.of(layer.name);
      if (trained === null || layer.kind !== 'window') return layer;
      const weights = new Float32Array(layer.weights.length);
      trained.positions.forEach((at, n) => (weights[at] = trained.weights[n] ?? 0));
      return { ...layer, weights, bias: Float32Array.from(trained.bias) };
    }),
  };
}
