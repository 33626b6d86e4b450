import { present } from '../../base/invariant.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { Plan } from '../../ir/plan.ts';
import { predictIsolated } from './cycle-model.ts';
import { fullChannels } from './token-order.ts';
import { winnerGroups, type Workload } from './workload.ts';

/** Inferences in which every site of every stream has as many tokens as it can have. */
export function fullestWorkload(plan: Plan, inferences: number): Workload {
  const every = (tokens: Uint16Array): readonly Uint16Array[] =>
    Array.from({ length: inferences }, () => tokens);
  return {
    inferences,
    outputTokens: plan.layers.map(({ output }) => {
      const sites = output.kind === 'logits' ? 0 : output.height * output.width;
      return every(new Uint16Array(sites).fill(output.maximumTokens));
    }),
    groupTokens: plan.layers.map((layer) => {
      const { height, width, maximumTokens } = layer.output;
      const groups = winnerGroups(layer);
      return every(
        new Uint16Array(height * width * groups).fill(maximumTokens / Math.max(1, groups)),
      );
    }),
    outputChannels: plan.layers.map((_, index) => {
      const channels = fullChannels(plan, index);
      return channels === null ? [] : Array.from({ length: inferences }, () => channels);
    }),
  };
}

/**
 * Cycles from the first input beat to the last output beat that no inference exceeds which is alone
 * in the design, its input always offered and its output always taken: with fewer tokens nothing
 * happens later. (Winners that queues read are only taken to be those with the most words.)
 */
export function latencyBound(plan: Plan): number {
  const latency = present(predictIsolated(plan, fullestWorkload(plan, 1))[0], 'an inference');
  const { sections = [] } = plan.weightStream ?? {};
  if (sections.length < 2) return latency;
  // where the weight stream stands decides how long each of its layers waits for its words
  const periods = plan.layers.map((layer) => (hasEngines(layer) ? layer.streamed : undefined));
  return latency + periods.reduce((sum, one) => sum + Math.ceil(one?.periodCycles ?? 0), 0);
}
