import { present } from '../../base/invariant.ts';
import { classPlaces } from '../../evaluate/answers.ts';
import { shapeSize } from '../../ir/graph.ts';
import type { Graph, Layer } from '../../ir/graph.ts';
import { crossEntropy } from './loss.ts';
import type { Targets } from './loss.ts';
import type { Rounding } from './shape-values.ts';
import { newEdge, trainLayer } from './train-layer.ts';
import type { BatchEdge, TrainLayer } from './train-layer.ts';

/** Some samples with what they are to answer: one sample after another, channels first. */
export interface TrainingBatch extends Targets {
  readonly data: Float64Array;
}

/** How edges are rounded, by name; edges that are not in it are not rounded. */
export type EdgeRounding = ReadonlyMap<string, Rounding>;

/** A network that is being trained, `samples` samples at a time. */
export interface TrainNetwork {
  readonly samples: number;
  readonly layers: readonly TrainLayer[];
  /** Values of an edge of the last batch. */
  readonly edge: (name: string) => BatchEdge;
  /** Adds the gradients of the mean loss over `batchSize` to the parameters'; returns the share of it. */
  readonly run: (batch: TrainingBatch, batchSize: number, rounding: EdgeRounding) => number;
}

/** Only the first output is trained towards the labels; what leads to others alone is not trained. */
export function trainNetwork(graph: Graph, samples: number): TrainNetwork {
  const { shape, name: inputName } = graph.input;
  const edges = new Map<string, BatchEdge>();
  const input = newEdge(shapeSize(shape) * samples);
  edges.set(inputName, input);
  const layers = graph.layers.map((layer: Layer) => {
    const trained = trainLayer(layer, edges, samples, inputName);
    edges.set(layer.name, trained.output);
    return trained;
  });
  const places = classPlaces(graph);
  const answer = present(edges.get(graph.outputs[0]?.layer ?? ''), 'an output is a layer');
  const sites = shape.height * shape.width;

  const run = (batch: TrainingBatch, batchSize: number, rounding: EdgeRounding): number => {
    toBatchOrder(batch.data, input.values, shape.channels, samples, sites);
    for (const { layer, forward } of layers) forward(rounding.get(layer.name) ?? null);
    for (const { gradients } of edges.values()) gradients.fill(0);
    const loss = lossOf(graph, answer, places, batch, batchSize);
    for (const { backward } of layers.toReversed()) backward();
    return loss;
  };
  const edge = (name: string): BatchEdge => present(edges.get(name), 'an edge of the graph');
  return { samples, layers, edge, run };
}

/** The answers of a map are [channel][sample][site]: classes of one site each here. */
function lossOf(
  graph: Graph,
  answer: BatchEdge,
  places: readonly number[],
  targets: Targets,
  batchSize: number,
): number {
  const layer = graph.layers.find(({ name }) => name === graph.outputs[0]?.layer);
  const { height, width } = present(layer, 'an output is a layer').outputShape;
  const sites = height * width;
  if (sites === 1) {
    return crossEntropy(answer.values, answer.gradients, places, targets, batchSize);
  }
  const samples = targets.labels.length;
  const values = new Float64Array(answer.values.length);
  const gradients = new Float64Array(answer.values.length);
  const swap = (from: Float64Array, to: Float64Array, isBack: boolean): void => {
    for (let at = 0; at < values.length; at += 1) {
      const [channel, rest] = [Math.floor(at / (samples * sites)), at % (samples * sites)];
      const place = (channel * sites + (rest % sites)) * samples + Math.floor(rest / sites);
      if (isBack) to[at] = from[place] ?? 0;
      else to[place] = from[at] ?? 0;
    }
  };
  swap(answer.values, values, false);
  const loss = crossEntropy(values, gradients, places, targets, batchSize);
  swap(gradients, answer.gradients, true);
  return loss;
}

function toBatchOrder(
  data: Float64Array,
  values: Float64Array,
  channels: number,
  samples: number,
  sites: number,
): void {
  for (let sample = 0; sample < samples; sample += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      const from = (sample * channels + channel) * sites;
      const to = (channel * samples + sample) * sites;
      values.set(data.subarray(from, from + sites), to);
    }
  }
}
