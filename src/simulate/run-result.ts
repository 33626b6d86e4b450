import { z } from 'zod';

/** Which comparison found a difference. `protocol`: the rules of the output stream. */
export const checkNames = ['accumulator', 'stream', 'logit', 'protocol'] as const;
export type CheckName = (typeof checkNames)[number];

const whole = z.number().int();

const mismatch = z.object({
  check: z.enum(checkNames),
  /** Index of the layer in the plan. */
  layer: whole,
  /** Differences this check found in this layer; the rest describes the first of them. */
  count: whole,
  copy: whole,
  /** -1 where the check does not know it. */
  engine: whole,
  /** Number of the inference in the run, and the sample that it was. */
  inference: whole,
  sample: whole,
  /** Window (accumulators) or output site (streams); -1 without one. */
  row: whole,
  column: whole,
  /** Output channel, or word of the logits; -1 without one. */
  channel: whole,
  expected: whole,
  got: whole,
  cycle: whole,
  what: z.string(),
});

/** Sums over copies and engines for the stream part of a run. */
const activity = z.object({
  windows: whole,
  busyCycles: whole,
  starvedCycles: whole,
  blockedCycles: whole,
  /** Lane steps, and those that read a weight word and multiply. */
  steps: whole,
  issues: whole,
  /** Of the stream that leaves the layer; 0 for the last one. */
  beats: whole,
  tokens: whole,
});

/** The JSON file a simulator writes (sim/result_writer.cpp). */
export const rawResultSchema = z.object({
  resultVersion: z.literal(1),
  ending: z.enum(['complete', 'hang']),
  cycles: whole,
  seconds: z.number(),
  /** From the first load beat offered until inferences may enter; 0 where nothing is loaded. */
  loadCycles: whole,
  /** Beats of the weight stream taken in the stream part. */
  weightBeats: whole,
  inferencesSent: whole,
  wrongInferences: whole,
  wrongSamples: whole,
  accumulatorsCompared: whole,
  sitesCompared: whole,
  valuesCompared: whole,
  mismatchTotal: whole,
  mismatches: z.array(mismatch),
  firstInput: z.array(whole),
  lastOutput: z.array(whole),
  layers: z.array(activity),
  spans: z.array(z.object({ layer: whole, inference: whole, start: whole, end: whole })),
  positions: z.array(z.object({ copy: whole, layer: whole, windows: whole, sites: whole })),
});

export type RawResult = z.infer<typeof rawResultSchema>;
export type Mismatch = Readonly<z.infer<typeof mismatch>>;
export type LayerActivity = Readonly<z.infer<typeof activity>>;

/** When a layer worked on an inference: first step to last beat, in cycles of the run. */
export interface LayerSpan {
  readonly layer: number;
  readonly inference: number;
  readonly startCycle: number;
  readonly endCycle: number;
}

/** What a run of the design found. */
export interface SimulationResult {
  /** `hang`: nothing moved any more; everything else covers the time until then. */
  readonly ending: 'complete' | 'hang';
  /** Where every layer stood when the design hung, upstream first; empty otherwise. */
  readonly stuck: readonly string[];
  /** Samples that were compared: distinct ones that came out of the design. */
  readonly samples: number;
  /** Different samples with a wrong logit. */
  readonly wrongSamples: number;
  /** All differences of all checks; 0 is what proves the design. */
  readonly mismatchTotal: number;
  /** First difference of every check in every layer, in network order. */
  readonly mismatches: readonly Mismatch[];
  readonly accumulatorsCompared: number;
  /** Sites of streams between layers, and their values, compared. */
  readonly sitesCompared: number;
  readonly valuesCompared: number;
  readonly cycles: number;
  readonly seconds: number;
  /** Cycles that loading the weights took; 0 where nothing is loaded. */
  readonly loadCycles: number;
  readonly weightBeats: number;
  /**
   * Cycle in which each inference of the stream part gave its last output beat, and in which its
   * first input beat was taken.
   */
  readonly completionCycles: readonly number[];
  readonly startCycles: readonly number[];
  /** Last output beat - first input beat, of every inference of the stream part. */
  readonly loadedLatencies: readonly number[];
  /** The same for the isolated samples, in the order asked for. */
  readonly isolatedLatencies: readonly number[];
  /** Per layer of the plan, stream part only. */
  readonly layers: readonly LayerActivity[];
  /** First inferences of the run. */
  readonly spans: readonly LayerSpan[];
  /** [inference of the run][word] as received. */
  readonly logits: Int32Array;
  /** Received logits of a sample (its first inference in the run), null when it never came. */
  readonly logitsOf: (sample: number) => Int32Array | null;
}
