import type { Plan } from '../ir/plan.ts';
import { inferencesToStream } from './interval.ts';
import { predictedLatencies, weightWordBehind } from './predicted-latencies.ts';
import type { StoredReference } from './reference-store.ts';

/** What a run sends through a design. */
export interface RunSchedule {
  /** Inferences back to back: samples 0, 1, ... and again from 0. */
  readonly streamInferences: number;
  /** Then these samples alone. */
  readonly isolatedSamples: readonly number[];
  /** Cycles that these take, by the cycle model. */
  readonly predictedLatencies: readonly number[];
}

/** Samples whose latency is measured alone, in an otherwise empty design. */
const mostIsolatedSamples = 64;

/** Enough of them where latency does not depend on the data: one to measure, one to compare. */
const fewestIsolatedSamples = 2;

/**
 * The run that is measured: every sample at least once, then samples alone. Where the latency is
 * the same for all of these by the cycle model, two are sent: they take a large part of the time
 * in designs of many slow copies.
 */
export function runSchedule(plan: Plan, reference: StoredReference): RunSchedule {
  const { samples } = reference.files;
  const isolated = Array.from({ length: Math.min(samples, mostIsolatedSamples) }, (_, at) => at);
  const streamInferences = inferencesToStream(samples, plan.copies);
  const latencies = predictedLatencies(
    plan,
    reference,
    isolated,
    weightWordBehind(plan, reference, streamInferences),
  );
  const sent = new Set(latencies).size === 1 ? fewestIsolatedSamples : isolated.length;
  return {
    streamInferences,
    isolatedSamples: isolated.slice(0, sent),
    predictedLatencies: latencies.slice(0, sent),
  };
}
