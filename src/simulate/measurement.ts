import { z } from 'zod';
import { accuracy, predictedClass } from '../evaluate/accuracy.ts';
import { present } from '../base/invariant.ts';
import type { Plan } from '../ir/plan.ts';
import { describeMismatch } from './describe-mismatch.ts';
import { median, percentile, steadyInterval } from './interval.ts';
import type { StoredReference } from './reference-store.ts';
import type { LayerActivity, SimulationResult } from './run-result.ts';
import { wordsNeverRead } from './words-never-read.ts';

const nonNegative = z.number().nonnegative();

export const layerMeasurement = z.object({
  name: z.string(),
  /** Per inference, summed over the engines of a copy. */
  windows: nonNegative,
  busyCycles: nonNegative,
  starvedCycles: nonNegative,
  blockedCycles: nonNegative,
  /** Lane steps that read a weight word and multiply. */
  issues: nonNegative,
  steps: nonNegative,
  /** On the stream that leaves the layer. */
  beats: nonNegative,
  tokens: nonNegative,
});

const pipelineBar = z.object({
  layer: z.string(),
  inference: z.int().nonnegative(),
  startCycle: nonNegative,
  endCycle: nonNegative,
});

const prediction = z.object({
  /** Cycles between two inferences of the whole top. */
  interval: nonNegative,
  /** Median of the isolated samples. */
  latency: nonNegative,
  /** Median under full load. */
  latencyLoaded: nonNegative,
  /** No inference alone takes longer, whatever its values. */
  latencyBound: nonNegative,
  /** Per layer: cycles an inference of one copy takes it alone. */
  layerIntervals: z.array(nonNegative.nullable()),
});

/** What simulation found out about a variant: the content of `sim/result.json`. */
export const measurementSchema = z.object({
  measurementVersion: z.literal(1),
  /**
   * `whole`: the design was simulated. `layers`: every layer in a design of its own; there are no
   * `cycles` then.
   */
  method: z.enum(['whole', 'layers']),
  simulator: z.string(),
  samples: z.int().nonnegative(),
  /** Differences of all checks of all runs, a hang counted as one. */
  mismatches: z.int().nonnegative(),
  /** First differences, one line each, in network order. */
  differences: z.array(z.string()),
  accuracy: z.number().min(0).max(1).nullable(),
  cyclesSimulated: nonNegative,
  /** Cycles that loading the weights took; absent where they are fixed. */
  loadCycles: nonNegative.exactOptional(),
  /** Beats of streamed weights an inference of the run; absent where the device holds them. */
  weightBeats: nonNegative.exactOptional(),
  seconds: nonNegative,
  accumulatorsCompared: nonNegative,
  streamsCompared: nonNegative,
  gapSeeds: z.array(z.int().nonnegative()),
  /** Samples of every run with gaps. */
  gapSamples: z.int().nonnegative(),
  /** Weight words that no sample had a non-zero activation for. */
  wordsNeverRead: z.int().nonnegative(),
  /** Null when the design hung before there was anything to measure, or was not simulated whole. */
  cycles: z
    .object({
      interval: nonNegative,
      latency: nonNegative,
      latencyP99: nonNegative,
      latencyWorst: nonNegative,
      latencyLoaded: nonNegative,
      samplesIsolated: z.int().nonnegative(),
      /** Of these: each took, from its first beat to its last, the cycles that were predicted for it. */
      isolatedAsPredicted: z.int().nonnegative(),
    })
    .nullable(),
  /** Null where a layer alone hung. */
  prediction: prediction.nullable(),
  layers: z.array(layerMeasurement),
  /** Of layers simulated alone: cycles an inference; none otherwise. */
  layerCycles: z.array(
    z.object({
      name: z.string(),
      measured: nonNegative.nullable(),
      predicted: nonNegative,
      exact: z.boolean(),
    }),
  ),
  pipeline: z.array(pipelineBar),
});

export type Measurement = Readonly<z.infer<typeof measurementSchema>>;
export type LayerMeasurement = Measurement['layers'][number];
export type Prediction = Readonly<z.infer<typeof prediction>>;

export interface GapRun {
  readonly seed: number;
  readonly result: SimulationResult;
}

/** Everything that was run on one design. */
export interface VerificationRuns {
  /** For example `Verilator 5.006`. */
  readonly simulator: string;
  /** Input always valid, output always ready: the one that is measured. */
  readonly main: SimulationResult;
  readonly gapRuns: readonly GapRun[];
}

/** What is known about the runs without the design. */
export interface MeasurementContext {
  readonly reference: StoredReference;
  /** One per sample, null when there are none. */
  readonly labels: readonly number[] | null;
  /** Of every class the place in the first answer, channels first; null where that is the class. */
  readonly classPlaces: readonly number[] | null;
  readonly predicted: Prediction | null;
  /** Cycles of every isolated sample, in the order of the run. */
  readonly predictedLatencies: readonly number[];
}

/** Sums the runs of a design up. */
export function measure(
  plan: Plan,
  runs: VerificationRuns,
  { reference, labels, classPlaces, predicted, predictedLatencies }: MeasurementContext,
): Measurement {
  const { main } = runs;
  const all = [{ title: '', result: main }, ...runs.gapRuns.map(gapTitle)];
  const sum = (of: (result: SimulationResult) => number): number =>
    all.reduce((total, { result }) => total + of(result), 0);
  return {
    measurementVersion: 1,
    method: 'whole',
    simulator: runs.simulator,
    samples: main.samples,
    mismatches: sum((result) => result.mismatchTotal + (result.ending === 'hang' ? 1 : 0)),
    differences: all.flatMap(({ title, result }) =>
      differencesOf(plan, result).map((line) => title + line),
    ),
    accuracy: labels === null ? null : accuracyOf(plan, main, labels, classPlaces),
    cyclesSimulated: sum((result) => result.cycles),
    ...(plan.load === undefined ? {} : { loadCycles: main.loadCycles }),
    ...(plan.weightStream === undefined
      ? {}
      : { weightBeats: main.weightBeats / Math.max(1, main.completionCycles.length) }),
    seconds: sum((result) => result.seconds),
    accumulatorsCompared: sum((result) => result.accumulatorsCompared),
    streamsCompared: plan.layers.length,
    gapSeeds: runs.gapRuns.map(({ seed }) => seed),
    gapSamples: runs.gapRuns[0]?.result.samples ?? 0,
    wordsNeverRead: wordsNeverRead(plan, reference.inputs, reference.values),
    cycles: main.ending === 'hang' ? null : cyclesOf(plan, main, predictedLatencies),
    prediction: predicted,
    layers: layersOf(plan, main),
    layerCycles: [],
    pipeline: pipelineOf(plan, main),
  };
}

function gapTitle({ seed, result }: GapRun): { title: string; result: SimulationResult } {
  return { title: `with gaps of seed ${seed}: `, result };
}

function differencesOf(plan: Plan, result: SimulationResult): readonly string[] {
  const lines = result.mismatches.map((mismatch) => describeMismatch(plan, mismatch));
  return result.ending === 'hang'
    ? [...lines, `the design hangs: ${result.stuck.join('; ')}`]
    : lines;
}

/**
 * The class is decided on the first answer in real numbers: words, which come site by site, times
 * the scale of their channel.
 */
function accuracyOf(
  plan: Plan,
  main: SimulationResult,
  labels: readonly number[],
  classPlaces: readonly number[] | null,
): number | null {
  const { scale, height, width } = present(plan.output.answers[0], 'a plan has an answer');
  const [channels, sites] = [scale.length, height * width];
  const places = classPlaces ?? Array.from({ length: channels * sites }, (_, place) => place);
  const answers: number[] = [];
  const wanted: number[] = [];
  labels.forEach((label, sample) => {
    const words = main.logitsOf(sample);
    if (words === null) return;
    const real = Float64Array.from({ length: channels * sites }, (_, place) => {
      const channel = Math.floor(place / sites);
      return (words[(place % sites) * channels + channel] ?? 0) * (scale[channel] ?? 1);
    });
    answers.push(predictedClass(real, places));
    wanted.push(label);
  });
  return answers.length === 0 ? null : accuracy(answers, wanted);
}

function cyclesOf(
  plan: Plan,
  main: SimulationResult,
  predictedLatencies: readonly number[],
): Measurement['cycles'] {
  return {
    interval: steadyInterval(main.completionCycles, plan.copies),
    latency: median(main.isolatedLatencies) ?? 0,
    latencyP99: percentile(main.isolatedLatencies, 99) ?? 0,
    latencyWorst: Math.max(0, ...main.isolatedLatencies),
    latencyLoaded: median(main.loadedLatencies) ?? 0,
    samplesIsolated: main.isolatedLatencies.length,
    isolatedAsPredicted: main.isolatedLatencies.filter((cycles, at) => {
      return cycles === predictedLatencies[at];
    }).length,
  };
}

function layersOf(plan: Plan, main: SimulationResult): LayerMeasurement[] {
  const inferences = Math.max(1, main.completionCycles.length);
  return plan.layers.map(({ name }, index) => {
    const activity = present(main.layers[index], 'the simulator counts every layer');
    return layerMeasurementOf(name, activity, { inferences });
  });
}

/** What a layer did an inference, from the sums over a run. */
export function layerMeasurementOf(
  name: string,
  activity: LayerActivity,
  { inferences }: { readonly inferences: number },
): LayerMeasurement {
  return {
    name,
    windows: activity.windows / inferences,
    busyCycles: activity.busyCycles / inferences,
    starvedCycles: activity.starvedCycles / inferences,
    blockedCycles: activity.blockedCycles / inferences,
    issues: activity.issues / inferences,
    steps: activity.steps / inferences,
    beats: activity.beats / inferences,
    tokens: activity.tokens / inferences,
  };
}

/** Spans of the first copy, its inferences counted from 0, cycles from its first input beat. */
function pipelineOf(plan: Plan, main: SimulationResult): Measurement['pipeline'] {
  const first = main.startCycles[0] ?? 0;
  return main.spans
    .filter(({ inference }) => inference % plan.copies === 0)
    .map(({ layer, inference, startCycle, endCycle }) => ({
      layer: plan.layers[layer]?.name ?? '',
      inference: inference / plan.copies,
      startCycle: Math.max(0, startCycle - first),
      endCycle: Math.max(0, endCycle - first),
    }));
}
