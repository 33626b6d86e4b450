import { present } from '../base/invariant.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';
import { predictCycles } from '../plan/cycles/cycle-model.ts';
import { latencyBound } from '../plan/cycles/worst-case.ts';
import { workloadOf } from '../plan/cycles/workload.ts';
import { joinInterval } from '../plan/join-folding.ts';
import { layerRate } from '../plan/layer-rate.ts';
import { median, steadyInterval } from './interval.ts';
import type { Prediction } from './measurement.ts';
import { evaluationOf, predictedLatencies } from './predicted-latencies.ts';
import type { StoredReference } from './reference-store.ts';

/** What the cycle model says about the run that `verifyDesign` measures, by the same definitions. */
export function predictRun(
  plan: Plan,
  reference: StoredReference,
  schedule: {
    readonly streamInferences: number;
    readonly predictedLatencies: readonly number[];
  },
): Prediction {
  const evaluations = reference.values.map(evaluationOf);
  const sent = Array.from({ length: schedule.streamInferences }, (_, inference) =>
    present(evaluations[inference % evaluations.length], 'a run has samples'),
  );
  const stream = predictCycles(plan, workloadOf(plan, sent));
  return {
    interval: steadyInterval(Array.from(stream.completions), plan.copies),
    latency: median(schedule.predictedLatencies) ?? 0,
    latencyBound: latencyBound(plan),
    layerIntervals: plan.layers.map((layer) => {
      const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map((giver) => {
        return meanTokens(
          reference.values.map((values) => values[giver]),
          giver === -1 ? plan.input.stream.channels : plan.layers[giver]?.outputChannels,
        );
      });
      return hasEngines(layer)
        ? layerRate(layer, tokens[0] ?? 1, tokens.at(-1) ?? 1).interval
        : joinInterval(layer, tokens);
    }),
  };
}

/** Inferences a copy that are enough to see the interval of a design that is not simulated. */
const roundsPredicted = 4;

/** What the cycle model says about a design as a whole that is not simulated. */
export function predictWhole(plan: Plan, reference: StoredReference): Prediction {
  return predictRun(plan, reference, {
    streamInferences: roundsPredicted * plan.copies,
    predictedLatencies: predictedLatencies(plan, reference, [0]),
  });
}

/** Mean over samples and sites of max(1, non-zero values); all channels where nothing is known. */
function meanTokens(maps: readonly (Int16Array | undefined)[], channels = 1): number {
  let sites = 0;
  let tokens = 0;
  for (const map of maps) {
    if (map === undefined || map.length === 0) return channels;
    const siteCount = map.length / channels;
    for (let site = 0; site < siteCount; site += 1) {
      let nonZeros = 0;
      for (let at = site; at < map.length; at += siteCount) if (map[at] !== 0) nonZeros += 1;
      tokens += Math.max(1, nonZeros);
    }
    sites += siteCount;
  }
  return sites === 0 ? channels : tokens / sites;
}
