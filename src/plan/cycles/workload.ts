import { invariant, present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { LayerPlan, Plan } from '../../ir/plan.ts';
import { groupsOf } from '../lower/lower-tail.ts';
import { queueReaders, tokenOrder } from './token-order.ts';

/** All that the timing of a design depends on besides its plan: how many tokens travel where. */
export interface Workload {
  readonly inferences: number;
  /**
   * Per layer, per inference: tokens of every output site after the tail, raster order. Empty
   * for a layer whose sums are an answer: they are all sent.
   */
  readonly outputTokens: readonly (readonly Uint16Array[])[];
  /**
   * Likewise of every group of channels that has winners of its own, group by group at each site.
   * Empty for a layer without.
   */
  readonly groupTokens: readonly (readonly Uint16Array[])[];
  /**
   * Per layer, per inference: channels of these tokens, site after site in the order in which
   * they leave. Empty where the timing does not depend on it: for layers not read by queues.
   */
  readonly outputChannels: readonly (readonly Uint16Array[])[];
}

/** The workload of inferences in the order in which they are sent. */
export function workloadOf(plan: Plan, evaluations: readonly Evaluation[]): Workload {
  const tokens = (groupsIn: (layer: LayerPlan) => number): Workload['outputTokens'] =>
    plan.layers.map((layer, index) => {
      const groups = groupsIn(layer);
      const sites = layer.output.height * layer.output.width;
      return evaluations.map((evaluation) => {
        const { values } = present(evaluation.layers[index], `evaluation of ${layer.name}`);
        return groups === 0 ? new Uint16Array(0) : tokensOfSites(values, sites, groups);
      });
    });
  return {
    inferences: evaluations.length,
    outputTokens: tokens(() => 1),
    groupTokens: tokens(winnerGroups),
    outputChannels: plan.layers.map((_, index) =>
      queueReaders(plan, index).length === 0
        ? []
        : evaluations.map((evaluation) => tokenOrder(plan, index, evaluation)),
    ),
  };
}

/** Groups of channels with winners of their own; 0 where there are not several. */
export function winnerGroups(layer: LayerPlan): number {
  const groups = hasEngines(layer) ? groupsOf(layer.tail) : 1;
  return groups > 1 ? groups : 0;
}

/** Non-zero values of every site, and group of channels in it, of a channels-first map. */
export function tokensOfSites(values: Int16Array, sites: number, groups = 1): Uint16Array {
  if (values.length === 0) return new Uint16Array(0);
  const counts = new Uint16Array(sites * groups);
  const valuesOfGroup = values.length / groups;
  values.forEach((value, index) => {
    if (value === 0) return;
    const place = (index % sites) * groups + Math.floor(index / valuesOfGroup);
    counts[place] = (counts[place] ?? 0) + 1;
  });
  return counts;
}

/** The part of a workload that one copy gets: every `copies`-th inference from `copy` on. */
export function workOfCopy(workload: Workload, copy: number, copies: number): Workload {
  const mine = <Value>(all: readonly Value[]): readonly Value[] =>
    all.filter((_, inference) => inference % copies === copy);
  const part = (layers: Workload['outputTokens']): Workload['outputTokens'] =>
    layers.map((layer) => {
      invariant(layer.length === workload.inferences, 'a workload of equally many inferences');
      return mine(layer);
    });
  return {
    inferences: Math.max(0, Math.ceil((workload.inferences - copy) / copies)),
    outputTokens: part(workload.outputTokens),
    groupTokens: part(workload.groupTokens),
    outputChannels: workload.outputChannels.map(mine),
  };
}

/** Inference after inference in one array. */
export function joined(parts: readonly Uint16Array[]): Uint16Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new Uint16Array(length);
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
