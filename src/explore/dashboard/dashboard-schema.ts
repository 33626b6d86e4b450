import type { Metric } from '../metrics.ts';
import type { RepeatFrame } from '../repeat.ts';
import type { Parameter, ParameterValue } from '../space.ts';
import type { Task } from '../trial.ts';

/** What the page of a search is made of: plain data, for JSON. */
export interface DashboardData {
  readonly version: 1;
  /** File name of the store, without its ending. */
  readonly name: string;
  readonly tool: { readonly name: string; readonly version: string };
  /** When the search began. */
  readonly created: string;
  /** File name of the model. */
  readonly model: string;
  /** SHA-256 of what decides the search, by name. */
  readonly hashes: readonly (readonly [string, string])[];
  readonly seed: number;
  readonly method: string;
  readonly budget: {
    readonly cost: number | null;
    readonly trials: number | null;
    readonly minutes: number | null;
  };
  readonly parameters: readonly Parameter[];
  readonly metrics: readonly DashboardMetric[];
  readonly tasks: readonly Task[];
  readonly workers: readonly string[];
  /** Sum of the costs of all jobs. */
  readonly cost: number;
  readonly repeat: RepeatFrame;
  readonly trials: readonly DashboardTrial[];
  /** In the order of the search. */
  readonly jobs: readonly DashboardJob[];
  /** Trials whose report was kept. */
  readonly reports: readonly number[];
}

export interface DashboardMetric extends Metric {
  /** The search's file names it, or it is the accuracy on the held-out samples. */
  readonly declared: boolean;
}

export interface DashboardTrial {
  readonly trial: number;
  /** A value a parameter; null where it is not active. */
  readonly point: readonly (ParameterValue | null)[];
  readonly feasible: boolean;
  readonly onFront: boolean;
}

export interface DashboardJob {
  readonly number: number;
  readonly trial: number;
  /** Index of the task. */
  readonly task: number;
  readonly began: string;
  readonly seconds: number;
  /** Index of the worker. */
  readonly worker: number;
  readonly log: readonly string[];
  /** A value a metric, null where there is none; null when it failed. */
  readonly values: readonly (number | null)[] | null;
  readonly failure: string | null;
}
