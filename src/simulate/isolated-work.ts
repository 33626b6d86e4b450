import { present } from '../base/invariant.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type { LayerPlan } from '../ir/plan.ts';
import type { IsolatedWork } from '../plan/cycles/isolated-timeline.ts';
import { tokensOfSites, winnerGroups } from '../plan/cycles/workload.ts';
import type { IsolatedLayer } from '../plan/isolate-layer.ts';
import { mapBeats } from './isolated-beats.ts';
import type { MapBeats } from './isolated-beats.ts';
import type { StoredReference } from './reference-store.ts';

/** What is known of the samples on the edges of a network. */
type EdgeValues = Pick<StoredReference, 'inputs' | 'values'>;

/** By sample, by input: the beats of what the reference says comes into a layer. */
export function mapsInto(
  layer: LayerPlan,
  { inputs, values }: EdgeValues,
): readonly (readonly MapBeats[])[] {
  const streams = inputStreamsOf(layer);
  return inputs.map((input, sample) =>
    streams.map((stream, at) => {
      const { from } = present(layer.inputs[at], 'an edge for every input');
      const map = from === -1 ? input : values[sample]?.[from];
      return mapBeats(stream, present(map, `values of layer ${from}`));
    }),
  );
}

/** Whether the channels of its tokens decide how long a layer takes. */
function readsByQueues(layer: LayerPlan): boolean {
  return hasEngines(layer) && layer.choice.queues > 0;
}

/**
 * What the cycle model has to know of a layer alone: tokens and beats of so many inferences, the
 * samples in turn.
 */
export function isolatedWork(
  isolated: IsolatedLayer,
  maps: readonly (readonly MapBeats[])[],
  { values }: EdgeValues,
  inferences: number,
): IsolatedWork {
  const { inputs } = isolated;
  const repeated = (of: (sample: number) => Uint16Array): Uint16Array => {
    const samples = maps.map((_, sample) => of(sample));
    const length = present(samples[0], 'a sample').length;
    const all = new Uint16Array(inferences * length);
    for (let at = 0; at < inferences; at += 1) {
      all.set(present(samples[at % samples.length], 'a sample'), at * length);
    }
    return all;
  };
  const mapOf = (sample: number, input: number): MapBeats =>
    present(maps[sample]?.[input], 'a map of every input');
  const { output } = isolated.layer;
  const sites = output.kind === 'logits' ? 0 : output.height * output.width;
  const groups = winnerGroups(isolated.layer);
  const tokensOf = (sample: number, parts: number): Uint16Array =>
    tokensOfSites(values[sample]?.[isolated.whole] ?? new Int16Array(0), sites, parts);
  return {
    inferences,
    // the loader lets inferences in a cycle after the reset of the copy has ended
    resetCycle: isolated.plan.load === undefined ? 0 : -1,
    beats: inputs.map((_, input) => repeated((sample) => mapOf(sample, input).counts)),
    inputTokens: inputs.map((_, input) => repeated((sample) => mapOf(sample, input).tokens)),
    inputChannels: isolated.layer.inputs.map((_, input) =>
      readsByQueues(isolated.layer)
        ? repeated((sample) => mapOf(sample, input).channels())
        : new Uint16Array(0),
    ),
    outputTokens: repeated((sample) => tokensOf(sample, 1)),
    groupTokens: groups === 0 ? new Uint16Array(0) : repeated((sample) => tokensOf(sample, groups)),
  };
}
