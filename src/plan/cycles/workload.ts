import { invariant, present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import type { Plan } from '../../ir/plan.ts';
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
   * Per layer, per inference: channels of these tokens, site after site in the order in which
   * they leave. Empty where the timing does not depend on it: for layers not read by queues.
   */
  readonly outputChannels: readonly (readonly Uint16Array[])[];
}

/** The workload of inferences in the order in which they are sent. */
export function workloadOf(plan: Plan, evaluations: readonly Evaluation[]): Workload {
  const outputTokens = plan.layers.map((layer, index) => {
    const sites = layer.output.height * layer.output.width;
    return evaluations.map((evaluation) => {
      const { values } = present(evaluation.layers[index], `evaluation of ${layer.name}`);
      return tokensOfSites(values, sites);
    });
  });
  const outputChannels = plan.layers.map((_, index) =>
    queueReaders(plan, index).length === 0
      ? []
      : evaluations.map((evaluation) => tokenOrder(plan, index, evaluation)),
  );
  return { inferences: evaluations.length, outputTokens, outputChannels };
}

/** Non-zero values of every site of a map in channels-first order. */
function tokensOfSites(values: Int16Array, sites: number): Uint16Array {
  if (values.length === 0) return new Uint16Array(0);
  const counts = new Uint16Array(sites);
  values.forEach((value, index) => {
    if (value !== 0) counts[index % sites] = (counts[index % sites] ?? 0) + 1;
  });
  return counts;
}

/** The part of a workload that one copy gets: every `copies`-th inference from `copy` on. */
export function workOfCopy(workload: Workload, copy: number, copies: number): Workload {
  const mine = <Value>(all: readonly Value[]): readonly Value[] =>
    all.filter((_, inference) => inference % copies === copy);
  const outputTokens = workload.outputTokens.map((layer) => {
    invariant(layer.length === workload.inferences, 'a workload of equally many inferences');
    return mine(layer);
  });
  return {
    inferences: Math.max(0, Math.ceil((workload.inferences - copy) / copies)),
    outputTokens,
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
