import { prepareEvaluator } from '../../src/evaluate/quantized.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { fitWeights } from '../../src/plan/refit/fit-weights.ts';
import { leaveRoom } from '../../src/plan/search/leave-room.ts';
import { loadStream } from '../../src/plan/memories/load-stream.ts';
import { packNetwork } from '../../src/plan/lower/packing-of-layer.ts';
import { planNetwork } from '../../src/plan/plan-network.ts';
import type { PlannedNetwork } from '../../src/plan/plan-network.ts';
import { siteBySite } from '../../src/simulate/reference-store.ts';
import { seededRandom } from '../evaluate/random-graph.ts';
import { randomCase } from './random-case.ts';
import { planContext } from './plan-context.ts';

/** Weights for a loadable design: the beats that load them and what samples then give. */
export interface LoadedModel {
  readonly network: PlannedNetwork;
  readonly stream: Uint8Array;
  readonly logits: readonly number[];
}

/** A random loadable design, the weights it was planned from and others of the same structure. */
export interface LoadCase {
  readonly samples: readonly Int16Array[];
  readonly first: LoadedModel;
  readonly second: LoadedModel;
}

const context = { modelSha256: '0', maximumBeatBits: 64 };

/** The same for the same seed. `loadBits` of a beat of the load stream. */
export function loadCase(seed: number, variant: VariantName, loadBits: number): LoadCase {
  const { graph, choice, samples } = randomCase(seed, variant, 2);
  const roomy = leaveRoom(graph, loadBits);
  const network = planNetwork(roomy, packNetwork(roomy, variant), choice, planContext(variant));
  const other = otherWeights(graph, seed);
  return {
    samples,
    first: loaded(graph, network, samples),
    second: loaded(other, fitWeights(other, network.plan, context), samples),
  };
}

function loaded(
  graph: QuantizedGraph,
  network: PlannedNetwork,
  samples: readonly Int16Array[],
): LoadedModel {
  const { load, memories, output } = network.plan;
  if (load === undefined) throw new Error('the design has no load stream');
  const evaluate = prepareEvaluator(graph);
  const texts = network.images.map(({ text }) => text);
  return {
    network,
    stream: loadStream(load, memories, texts),
    logits: samples.flatMap((sample) =>
      Array.from(siteBySite(output.answers, evaluate(sample).logits)),
    ),
  };
}

/** Kernels in reverse order, so that masks move, every weight negated, biases and shifts changed. */
function otherWeights(graph: QuantizedGraph, seed: number): QuantizedGraph {
  const random = seededRandom(seed);
  const change = (layer: QuantizedLayer): QuantizedLayer => {
    if (layer.kind !== 'window') return layer;
    const outputs = layer.bias.length;
    const size = layer.weights.length / outputs;
    // kernels of different groups read different channels
    const from = (output: number): number =>
      layer.layer.groups === 1 ? outputs - 1 - output : output;
    const moved = <Values extends Int16Array | Float32Array>(values: Values): Values =>
      values.map((_, at) => {
        return -(values[from(Math.floor(at / size)) * size + (at % size)] ?? 0);
      }) as Values;
    const shift = layer.requantization?.shift.map((value) => value + (random() < 0.5 ? 1 : 0));
    return {
      ...layer,
      weights: moved(layer.weights),
      layer: { ...layer.layer, weights: moved(layer.layer.weights) },
      bias: layer.bias.map((value) => value + Math.floor(random() * 9) - 4),
      requantization:
        layer.requantization === null || shift === undefined
          ? null
          : { ...layer.requantization, shift },
    };
  };
  return { ...graph, layers: graph.layers.map(change) };
}
