import { z } from 'zod';
import { crc32 } from '../base/crc32.ts';
import type { FinishedJob, JobOutcome } from './trial.ts';

/** Version of the file; a store of another one is refused. */
export const storeVersion = 1;

/** First line: which search the jobs belong to. */
export const headerSchema = z.strictObject({
  kind: z.literal('nzflow-search'),
  version: z.int(),
  tool: z.strictObject({ name: z.string(), version: z.string() }),
  /** SHA-256 of all that decides what is proposed and what comes out, and of its parts by name. */
  parts: z.record(z.string(), z.string()),
  /** The file that described the search, as it was. */
  definition: z.string(),
  created: z.string(),
});
export type StoreHeader = z.infer<typeof headerSchema>;

const value = z.union([z.number(), z.string(), z.boolean()]);
export const pointSchema = z.array(z.tuple([z.string(), value]));
export const outcomeSchema = z.union([
  z.strictObject({ values: z.array(z.tuple([z.string(), z.number()])) }),
  z.strictObject({ failed: z.string() }),
]);

/** How a job went, beside what came of it. */
export const jobCircumstances = {
  /** When it began, and how long it took. */
  began: z.string(),
  seconds: z.number().nonnegative(),
  /** Which worker did it. */
  worker: z.string(),
  /** What it said, a line each. */
  log: z.array(z.string()),
};

/** Every other line: a job that was finished. */
export const recordSchema = z.strictObject({
  number: z.int().nonnegative(),
  trial: z.int().nonnegative(),
  task: z.int().nonnegative(),
  point: pointSchema,
  outcome: outcomeSchema,
  ...jobCircumstances,
});
export type StoredJob = z.infer<typeof recordSchema>;

/** A line: checksum of the text after it, the text. Without the newline. */
export function lineOf(content: unknown): string {
  const text = JSON.stringify(content);
  return `${checksum(text)} ${text}`;
}

/** The content of a line; null when it is not whole. */
export function contentOf(line: string): unknown {
  const text = line.slice(9);
  if (line[8] !== ' ' || checksum(text) !== line.slice(0, 8)) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function checksum(text: string): string {
  return crc32(new TextEncoder().encode(text)).toString(16).padStart(8, '0');
}

export function finishedJob({ number, trial, task, point, outcome }: StoredJob): FinishedJob {
  return {
    number,
    trial,
    task,
    point: new Map(point),
    outcome: outcomeOf(outcome),
  };
}

export type JobCircumstances = Pick<StoredJob, keyof typeof jobCircumstances>;

export function storedJob(job: FinishedJob, circumstances: JobCircumstances): StoredJob {
  const { number, trial, task, point, outcome } = job;
  return {
    number,
    trial,
    task,
    point: [...point],
    outcome: storedOutcome(outcome),
    ...circumstances,
  };
}

/** An outcome without maps, as files and messages have it; and back. */
export function storedOutcome(outcome: JobOutcome): StoredJob['outcome'] {
  return outcome.kind === 'failed'
    ? { failed: outcome.reason }
    : { values: [...outcome.values].map(([name, value]) => [name, value]) };
}

export function outcomeOf(stored: StoredJob['outcome']): JobOutcome {
  return 'failed' in stored
    ? { kind: 'failed', reason: stored.failed }
    : { kind: 'done', values: new Map(stored.values) };
}
