import type { Report } from '../report/schema.ts';
import type { JobCircumstances, StoredJob } from './store-format.ts';
import type { Job } from './trial.ts';

/** What came of a job, and how it went. */
export interface WorkerResult {
  readonly outcome: StoredJob['outcome'];
  readonly circumstances: JobCircumstances;
  /** Report of the design, after the last task. */
  readonly design: Report | null;
}

/** Whoever looks at jobs: threads of this process, or other machines. */
export interface Workforce {
  /** Looks at a job. Rejects when it cannot be looked at (`UserError`), and when the signal aborts. */
  run(job: Job, signal: AbortSignal): Promise<WorkerResult>;
  /** Ends whatever is under way. */
  close(): Promise<void>;
}
