import { present } from '../base/invariant.ts';
import type { Evaluation } from '../evaluate/quantized.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';
import { predictCycles, predictIsolated } from '../plan/cycles/cycle-model.ts';
import { workloadOf } from '../plan/cycles/workload.ts';
import { joinInterval } from '../plan/join-folding.ts';
import { layerRate } from '../plan/layer-rate.ts';
import { median, steadyInterval } from './interval.ts';
import type { RunPlan } from './manifest.ts';
import type { Prediction } from './measurement.ts';
import type { StoredReference } from './reference-store.ts';

/** What the cycle model says about the run that `verifyDesign` measures, by the same definitions. */
export function predictRun(
  plan: Plan,
  reference: StoredReference,
  schedule: Pick<RunPlan, 'streamInferences' | 'isolatedSamples'>,
): Prediction {
  const evaluations = reference.values.map(evaluationOf);
  const sent = Array.from({ length: schedule.streamInferences }, (_, inference) =>
    present(evaluations[inference % evaluations.length], 'a run has samples'),
  );
  const stream = predictCycles(plan, workloadOf(plan, sent));
  return {
    interval: steadyInterval(Array.from(stream.completions), plan.copies),
    latency: median(predictedLatencies(plan, reference, schedule.isolatedSamples)) ?? 0,
    layerIntervals: plan.layers.map((layer) => {
      const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map((giver) => {
        return meanTokens(
          reference.values.map((values) => values[giver]),
          giver === -1 ? plan.input.stream.channels : plan.layers[giver]?.outputChannels,
        );
      });
      return hasEngines(layer)
        ? layerRate(layer, present(tokens[0], 'a layer has an input')).interval
        : joinInterval(layer, tokens);
    }),
  };
}

/** Cycles that samples alone in an idle design take, by the cycle model. */
export function predictedLatencies(
  plan: Plan,
  reference: StoredReference,
  samples: readonly number[],
): readonly number[] {
  const alone = samples.map((sample) =>
    evaluationOf(present(reference.values[sample], 'an isolated sample exists')),
  );
  return Array.from(predictIsolated(plan, workloadOf(plan, alone)));
}

/** The values are all that timing depends on. */
function evaluationOf(values: readonly Int16Array[]): Evaluation {
  const counts = {
    inferences: 1,
    products: { dense: 0, weightSparse: 0, bothSparse: 0 },
    inputValues: 0,
    inputNonZeros: 0,
    vectors: 0,
    tiedVectors: 0,
  };
  return {
    layers: values.map((map) => ({ accumulators: new Int32Array(0), values: map, counts })),
    logits: new Int32Array(0),
  };
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
