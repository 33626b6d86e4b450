import { present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import type { SearchContext } from './search-context.ts';
import { positionSums } from '../lower/lane-sums.ts';
import type { PositionSums } from '../lower/lane-sums.ts';
import type { LayerPlace } from '../lower/layer-context.ts';
import { drainSlots, lowerLayer } from '../lower/lower-layer.ts';
import { packingAt } from '../lower/packing-of-layer.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';
import { edgesInto } from '../streams/topology.ts';
import { lowerWired } from '../wired/lower-wired.ts';

/** What lowering a layer takes from a search. */
type Lowered = Pick<SearchContext, 'packings' | 'queued' | 'wired' | 'streamed'>;

/** Lowers many foldings of the window layers of a network: what they have in common is worked out once. */
export class ChoiceLowering {
  readonly #graph: QuantizedGraph;
  readonly #streams: NetworkStreams;
  readonly #context: Lowered;
  /** By layer: where it stands. */
  readonly #places: readonly LayerPlace[];
  /** Drain slots by the sets of a packing and how many are parallel: long lists, much shared. */
  readonly #slots = new Map<Packing['sets'], Map<number, readonly number[]>>();
  readonly #positionSums = new Map<QuantizedWindow, PositionSums>();
  /** Wired layers are lowered for every interval that is tried: their forms do not depend on it. */
  readonly #wired = new Map<string, EngineLayerPlan>();

  constructor(graph: QuantizedGraph, streams: NetworkStreams, context: Lowered) {
    this.#graph = graph;
    this.#streams = streams;
    this.#context = context;
    const { topology } = streams;
    this.#places = graph.layers.map((_, index) => ({
      inputs: edgesInto(topology, index),
      readers: topology.readersOf(index).length,
    }));
  }

  /** The edges around a layer. */
  placeOf(index: number): LayerPlace {
    return present(this.#places[index], 'the place of a layer');
  }

  /** A window layer with a choice; queues are packed as their estimates say. */
  lower(index: number, choice: LayerChoice, output: StreamPlan): EngineLayerPlan {
    const layer = windowOf(present(this.#graph.layers[index], 'layer'));
    const place = this.placeOf(index);
    const { from } = present(place.inputs[0], 'a layer has an input');
    const input = this.#streams.stream(from, choice.inputTokens);
    const { keepTies } = this.#graph;
    const around = { index, layer, choice, input, output, keepTies, place };
    if (choice.core === 'wired') {
      const key = [index, output.tokensPerBeat, ...Object.values(choice)].join(' ');
      const known = this.#wired.get(key);
      if (known !== undefined) return known;
      const graph = present(this.#context.wired[index]?.get(choice.values), 'wires');
      const plan = lowerWired({ ...around, graph });
      this.#wired.set(key, plan);
      return plan;
    }
    const packing =
      choice.queues > 0
        ? present(this.#context.queued[index], 'queues').estimates.packing(choice)
        : packingAt(this.#context.packings, index);
    const weightStream = this.#context.streamed[index] ?? null;
    return lowerLayer({
      ...around,
      packing,
      slots: this.#slotsOf(packing, choice.setsParallel),
      ...(choice.lanes > 1 ? { positionSums: this.#positionSumsOf(layer) } : {}),
      ...(weightStream === null ? {} : { weightStream }),
    });
  }

  #slotsOf(packing: Packing, setsParallel: number): readonly number[] {
    const known = this.#slots.get(packing.sets) ?? new Map<number, readonly number[]>();
    this.#slots.set(packing.sets, known);
    const slots = known.get(setsParallel) ?? drainSlots(packing, setsParallel);
    known.set(setsParallel, slots);
    return slots;
  }

  #positionSumsOf(layer: QuantizedWindow): PositionSums {
    const sums = this.#positionSums.get(layer) ?? positionSums(layer);
    this.#positionSums.set(layer, sums);
    return sums;
  }
}
