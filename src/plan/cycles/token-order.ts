import { invariant, present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { EngineLayerPlan, Plan } from '../../ir/plan.ts';

/** Layers whose timing depends on which channels a giver has tokens for. */
export function queueReaders(plan: Plan, giver: number): readonly EngineLayerPlan[] {
  return plan.layers.filter(
    (layer): layer is EngineLayerPlan =>
      hasEngines(layer) &&
      layer.choice.queues > 0 &&
      layer.input.kind === 'tokens' &&
      layer.inputs[0]?.from === giver,
  );
}

/** Channels of all tokens that a layer gives, site after site, in the order of the stream. */
export function tokenOrder(plan: Plan, index: number, evaluation: Evaluation): Uint16Array {
  const values = evaluation.layers.map((layer) => layer.values);
  return Uint16Array.from(sitesOf(plan, index, values).flat());
}

/**
 * The same with as many tokens in every site as there can be, those with the most words in the
 * layers that read them; null where nothing depends on it.
 */
export function fullChannels(plan: Plan, index: number): Uint16Array | null {
  const readers = queueReaders(plan, index);
  if (readers.length === 0) return null;
  const ones = plan.layers.map(({ output, outputChannels }) =>
    new Int16Array(outputChannels * output.height * output.width).fill(1),
  );
  const { output } = present(plan.layers[index], 'a layer');
  const words = new Float64Array(output.channels);
  for (const { queueWords } of readers) {
    for (const counts of queueWords) {
      counts.forEach((count, at) => {
        const channel = at % output.channels;
        words[channel] = (words[channel] ?? 0) + count;
      });
    }
  }
  const most = Array.from(words.keys())
    .sort((one, two) => (words[two] ?? 0) - (words[one] ?? 0))
    .slice(0, output.maximumTokens);
  const chosen = new Set(most);
  return Uint16Array.from(
    sitesOf(plan, index, ones).flatMap((site) => site.filter((channel) => chosen.has(channel))),
  );
}

/** By site: channels of the tokens. `values`: of every layer. */
function sitesOf(
  plan: Plan,
  index: number,
  values: readonly Int16Array[],
): readonly (readonly number[])[] {
  const layer = present(plan.layers[index], 'a layer');
  const own = present(values[index], `values of ${layer.name}`);
  const sites = layer.output.height * layer.output.width;
  invariant(layer.kind !== 'winners', `${layer.name}: the order of its tokens is not modelled`);
  if (hasEngines(layer)) return engineOrder(layer, own, sites);
  if (layer.kind === 'add') return inOrderOf(allChannels(layer.outputChannels), own, sites);
  // tokens of the inputs in turn, as they come: streams into one that has tokens have them too
  const inputs = layer.inputs.map(({ from }) => sitesOf(plan, from, values));
  const first = firstChannels(layer.inputStreams);
  return Array.from({ length: sites }, (_, site) =>
    inputs.flatMap((tokens, input) =>
      (tokens[site] ?? []).map((channel) => channel + (first[input] ?? 0)),
    ),
  );
}

/** The place of every input's first channel in a concatenation. */
function firstChannels(streams: readonly { readonly channels: number }[]): readonly number[] {
  let first = 0;
  return streams.map(({ channels }) => {
    const own = first;
    first += channels;
    return own;
  });
}

function allChannels(count: number): readonly number[] {
  return Array.from({ length: count }, (_, channel) => channel);
}

function inOrderOf(
  order: readonly number[],
  values: Int16Array,
  sites: number,
): readonly (readonly number[])[] {
  return Array.from({ length: sites }, (_, site) =>
    order.filter((channel) => (values[channel * sites + site] ?? 0) !== 0),
  );
}

/**
 * Winners by insertion largest first, lower channels first among equals; winners by histogram by
 * channel; other values in the order of the drain.
 */
function engineOrder(
  layer: EngineLayerPlan,
  values: Int16Array,
  sites: number,
): readonly (readonly number[])[] {
  if (layer.tail.kind === 'nonzero') {
    return inOrderOf(
      layer.slots.filter((channel) => channel >= 0),
      values,
      sites,
    );
  }
  const ordered = inOrderOf(allChannels(layer.outputChannels), values, sites);
  if (layer.tail.kind !== 'insert') return ordered;
  // sorting is stable: equal values keep the order of their channels
  return ordered.map((channels, site) =>
    [...channels].sort(
      (one, two) => (values[two * sites + site] ?? 0) - (values[one * sites + site] ?? 0),
    ),
  );
}
