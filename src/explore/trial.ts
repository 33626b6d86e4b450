import type { MetricValues } from './metrics.ts';
import type { Point } from './space.ts';

/** An evaluation of a fidelity: what it costs beside the others, by any unit. */
export interface Task {
  readonly name: string;
  readonly cost: number;
}

/** What to do next: look at a new point with a task, or at a known trial with the task after its last. */
export type Proposal =
  | { readonly kind: 'new'; readonly point: Point; readonly task: number }
  | { readonly kind: 'promote'; readonly trial: number };

/** One evaluation: a trial with a task. */
export interface Job {
  /** Place in the order of the search, from 0. */
  readonly number: number;
  /** Number of the job that was the first of this trial. */
  readonly trial: number;
  /** Index of the task. */
  readonly task: number;
  readonly point: Point;
}

/** What came of a job. A design that cannot be made (it does not fit) has failed, with the reason. */
export type JobOutcome =
  | { readonly kind: 'done'; readonly values: MetricValues }
  | { readonly kind: 'failed'; readonly reason: string };

export interface FinishedJob extends Job {
  readonly outcome: JobOutcome;
}
