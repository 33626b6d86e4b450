import type { Diagnostic } from '../base/diagnostics.ts';
import type { Report } from '../report/schema.ts';
import type { ParameterValue } from './space.ts';
import type { StoredJob } from './store-format.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** Of the file that describes the search. */
  readonly definitionFile: string;
  readonly definitionText: string;
  /** Keeps layers that were made sparse. */
  readonly layerFolder: string;
  /** Files that are elsewhere on this machine: their paths in the search, and here. */
  readonly files: readonly (readonly [string, string])[];
}

/** To a worker: look at this, or end what you are doing. */
export type ToWorker = JobMessage | { readonly kind: 'stop' };

export interface JobMessage {
  readonly kind: 'job';
  readonly number: number;
  readonly trial: number;
  readonly task: number;
  readonly point: readonly (readonly [string, ParameterValue])[];
}

/** From a worker: it is ready; it did a job; it cannot go on. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'done';
      readonly number: number;
      readonly outcome: StoredJob['outcome'];
      readonly log: readonly string[];
      /** Report of the design, after the last task. */
      readonly design: Report | null;
    }
  | {
      readonly kind: 'failed';
      readonly diagnostics: readonly Diagnostic[];
      readonly exitCode: number;
    }
  | { readonly kind: 'broken'; readonly stack: string };
