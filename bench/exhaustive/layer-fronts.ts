import { nextPowerOfTwo } from '../../src/base/bits.ts';
import { present } from '../../src/base/invariant.ts';
import type { BoardFamily } from '../../src/ir/board.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../src/ir/plan.ts';
import { windowOf } from '../../src/ir/quantized.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { powersUpTo } from '../../src/plan/search/candidates.ts';
import { layerRate } from '../../src/plan/search/layer-rate.ts';
import { lowerLayer } from '../../src/plan/lower/lower-layer.ts';
import { coreOf, packNetwork, packingAt } from '../../src/plan/lower/packing-of-layer.ts';
import type { PlannerOptions } from '../../src/plan/planner-options.ts';
import { queuePackings } from '../../src/plan/search/queue-packings.ts';
import { stageResources } from '../../src/plan/resources/plan-resources.ts';
import { networkStreams } from '../../src/plan/streams/stream-classes.ts';
import type { NetworkStreams } from '../../src/plan/streams/stream-classes.ts';
import { logitStream } from '../../src/plan/streams/streams.ts';
import { edgesInto } from '../../src/plan/streams/topology.ts';
import { lowerWired } from '../../src/plan/wired/lower-wired.ts';
import { wiredLayers } from '../../src/plan/wired/wired-graph.ts';
import { layerChoices } from './layer-choices.ts';
import { paretoFront } from './pareto.ts';
import type { Cost } from './pareto.ts';

/** A folding of a layer and what it comes to, as the planner counts. */
export interface Folding extends Cost {
  readonly choice: LayerChoice;
}

/** The foldings of a layer between two streams. */
export interface LayerFront {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** How many there are. */
  readonly count: number;
  /** Those that no other one beats. */
  readonly foldings: readonly Folding[];
}

/** What is looked at of a chain of window layers, whatever the board. */
export interface NetworkFoldings {
  readonly graph: QuantizedGraph;
  readonly variant: VariantName;
  readonly streams: NetworkStreams;
  readonly packings: ReturnType<typeof packNetwork>;
  readonly queued: ReturnType<typeof queuePackings>;
  readonly wired: ReturnType<typeof wiredLayers>;
  /** By layer: a front for every pair of widths. */
  readonly fronts: readonly (readonly LayerFront[])[];
}

/** Widths of the stream that leaves a layer (-1: the input); tokens no wider than all channels. */
export function widthsOf(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  giver: number,
): readonly number[] {
  const widest = streams.widest(streams.classOf(giver));
  if (streams.isDense(giver) && graph.layers[giver]?.outputFormat !== null)
    return powersUpTo(widest);
  const { channels } = windowOf(present(graph.layers[giver], 'a layer')).layer.outputShape;
  return powersUpTo(Math.min(widest, nextPowerOfTwo(channels)));
}

/** The stream that leaves a layer, at a width. */
export function streamOf(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  giver: number,
  tokens: number,
): StreamPlan {
  const layer = graph.layers[giver];
  return layer?.outputFormat === null
    ? logitStream(layer.layer.outputShape, tokens)
    : streams.stream(giver, tokens);
}

/** Lowers every folding of every layer of a chain, at every width of the streams around it. */
export function networkFoldings(
  graph: QuantizedGraph,
  variant: VariantName,
  family: BoardFamily,
  facts: Pick<PlannerOptions, 'tokensPerSite' | 'activity'>,
): NetworkFoldings {
  const streams = networkStreams(graph, variant);
  const packings = packNetwork(graph, variant);
  const queued = queuePackings(graph, packings, variant, facts);
  const wired = wiredLayers(graph, variant);
  const fronts = graph.layers.map((_, index) => {
    const layer = windowOf(present(graph.layers[index], 'a layer'));
    const packing = packingAt(packings, index);
    const place = {
      inputs: edgesInto(streams.topology, index),
      readers: streams.topology.readersOf(index).length,
    };
    const lower = (choice: LayerChoice, input: StreamPlan, output: StreamPlan): EngineLayerPlan => {
      const around = { index, layer, choice, input, output, keepTies: graph.keepTies, place };
      if (choice.core === 'wired') {
        const wires = present(wired[index]?.get(choice.values), 'wires');
        return lowerWired({ ...around, graph: wires });
      }
      const used =
        choice.queues > 0 ? present(queued[index], 'queues').estimates.packing(choice) : packing;
      return lowerLayer({ ...around, packing: used });
    };
    return widthsOf(graph, streams, index - 1).flatMap((inputTokens) =>
      widthsOf(graph, streams, index).map((outputTokens): LayerFront => {
        const input = streamOf(graph, streams, index - 1, inputTokens);
        const output = streamOf(graph, streams, index, outputTokens);
        const problem = {
          layer,
          core: coreOf(layer, variant),
          packing,
          queues: queued[index] !== null,
          wiredWindows: [...(wired[index]?.keys() ?? [])],
          input,
          output,
        };
        let count = 0;
        let foldings: Folding[] = [];
        const [before, after] = [index, index + 1].map((at) => facts.tokensPerSite[at] ?? 1);
        for (const choice of layerChoices(problem)) {
          const plan = lower(choice, input, output);
          const { interval } = layerRate(plan, before ?? 1, after);
          foldings.push({ choice, interval, resources: stageResources(plan, family) });
          count += 1;
          if (foldings.length >= 4096) foldings = [...paretoFront(foldings)];
        }
        return { inputTokens, outputTokens, count, foldings: paretoFront(foldings) };
      }),
    );
  });
  return { graph, variant, streams, packings, queued, wired, fronts };
}
