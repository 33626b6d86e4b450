import { present } from '../base/invariant.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';
import { predictCycles } from '../plan/cycles/cycle-model.ts';
import { layerActivities } from '../plan/cycles/layer-activity.ts';
import type { LayerActivity } from '../plan/cycles/layer-activity.ts';
import { latencyBound } from '../plan/cycles/worst-case.ts';
import { workloadOf } from '../plan/cycles/workload.ts';
import { joinInterval } from '../plan/search/join-folding.ts';
import { layerRate } from '../plan/search/layer-rate.ts';
import { median, steadyInterval } from './interval.ts';
import type { LayerMeasurement, Prediction } from './measurement.ts';
import { evaluationOf, predictedLatencies } from './predicted-latencies.ts';
import type { StoredReference } from './reference-store.ts';

/** What timing depends on. */
type EdgeValues = Pick<StoredReference, 'values'>;

/** What the cycle model says about the run that `verifyDesign` measures, by the same definitions. */
export function predictRun(plan: Plan, reference: EdgeValues, schedule: RunSchedule): Prediction {
  return predictionOf(plan, reference, schedule, predictStream(plan, reference, schedule));
}

interface RunSchedule {
  readonly streamInferences: number;
  readonly predictedLatencies: readonly number[];
}

/** Inferences a copy that are enough to see the interval of a design that is not simulated. */
const roundsPredicted = 4;

function wholeRun(plan: Plan, reference: EdgeValues): RunSchedule {
  return {
    streamInferences: roundsPredicted * plan.copies,
    predictedLatencies: predictedLatencies(plan, reference, [0]),
  };
}

/** What the cycle model says about a design as a whole that is not simulated. */
export function predictWhole(plan: Plan, reference: EdgeValues): Prediction {
  return predictRun(plan, reference, wholeRun(plan, reference));
}

/** What is known of a design without any simulation. */
export interface Forecast {
  readonly prediction: Prediction;
  /** What simulation would count, a mean inference of the run. */
  readonly layers: readonly LayerMeasurement[];
  /** Beats of streamed weights, a mean inference; not there where the device holds them. */
  readonly weightBeats?: number;
}

/** Cycles and activity of a design that is not simulated at all, from the values of the reference. */
export function forecast(plan: Plan, reference: EdgeValues): Forecast {
  const schedule = wholeRun(plan, reference);
  const stream = predictStream(plan, reference, schedule);
  const evaluations = reference.values.map(evaluationOf);
  const workload = workloadOf(plan, evaluations);
  const samples = evaluations.map((_, sample) => layerActivities(plan, workload, sample));
  const layers = stream.layers.map((layer, index): LayerMeasurement => {
    const mean = (of: (activity: LayerActivity) => number): number =>
      samples.reduce((sum, one) => sum + of(present(one[index], 'a layer')), 0) / samples.length;
    const each = (cycles: number): number => cycles / schedule.streamInferences;
    return {
      name: layer.name,
      windows: mean(({ windows }) => windows),
      busyCycles: each(layer.busy),
      starvedCycles: each(layer.starved),
      blockedCycles: each(layer.blocked),
      issues: mean(({ issues }) => issues),
      steps: mean(({ steps }) => steps),
      beats: mean(({ beats }) => beats),
      tokens: mean(({ tokens }) => tokens),
    };
  });
  return {
    prediction: predictionOf(plan, reference, schedule, stream),
    layers,
    ...(stream.weights === undefined
      ? {}
      : { weightBeats: stream.weights.beats / schedule.streamInferences }),
  };
}

function predictStream(
  plan: Plan,
  reference: EdgeValues,
  { streamInferences }: RunSchedule,
): ReturnType<typeof predictCycles> {
  const evaluations = reference.values.map(evaluationOf);
  const sent = Array.from({ length: streamInferences }, (_, inference) =>
    present(evaluations[inference % evaluations.length], 'a run has samples'),
  );
  return predictCycles(plan, workloadOf(plan, sent));
}

function predictionOf(
  plan: Plan,
  reference: EdgeValues,
  schedule: RunSchedule,
  stream: ReturnType<typeof predictCycles>,
): Prediction {
  return {
    interval: steadyInterval(Array.from(stream.completions), plan.copies),
    latency: median(schedule.predictedLatencies) ?? 0,
    latencyLoaded: median(loadedLatencies(stream)) ?? 0,
    latencyBound: latencyBound(plan),
    layerIntervals: plan.layers.map((layer) => {
      const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map((giver) => {
        return meanTokens(
          reference.values.map((values) => values[giver]),
          giver === -1 ? plan.input.stream.channels : plan.layers[giver]?.outputChannels,
        );
      });
      return hasEngines(layer)
        ? layerRate(layer, present(tokens[0], 'a layer has an input'), tokens.at(-1)).interval
        : joinInterval(layer, tokens);
    }),
  };
}

/** Of every inference of a run: cycles from its first input beat to its last output beat. */
function loadedLatencies({
  starts,
  completions,
}: Pick<ReturnType<typeof predictCycles>, 'starts' | 'completions'>): readonly number[] {
  return Array.from(completions, (end, inference) => end - present(starts[inference], 'a start'));
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
