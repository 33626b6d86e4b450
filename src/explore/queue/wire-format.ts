import { posix } from 'node:path';
import { z } from 'zod';
import { exitCodes } from '../../base/diagnostics.ts';
import type { Diagnostic, ExitCode } from '../../base/diagnostics.ts';
import type { Report } from '../../report/schema.ts';
import { jobCircumstances, outcomeSchema, pointSchema } from '../store-format.ts';

/** Version of all that goes through the server. */
export const wireVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A file that workers need. */
export const sharedFileSchema = z.strictObject({
  /** As the search names it. */
  path: z.string(),
  sha256,
  /** Of external weights: path relative to the folder of the model. Null for all other files. */
  besideModel: z
    .string()
    .regex(/^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\\\0]+$/s)
    .nullable(),
});
export type SharedFile = z.infer<typeof sharedFileSchema>;

/** What any version of nzflow reads of a search: whether it is one to work for. */
export const searchHeadSchema = z.object({
  wire: z.int(),
  version: z.string(),
  name: z.string(),
});

/** A search that wants workers. */
export const announcementSchema = z.strictObject({
  wire: z.literal(wireVersion),
  /** Of nzflow: workers of another one are refused. */
  version: z.string(),
  /** For people: its file and the machine it runs on. */
  name: z.string(),
  /** Of Node: another one may round the last digit of a logarithm in another way. */
  node: z.string(),
  /** Tells searches on a server apart; a new one each time a search is started. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** Tells stores apart. */
  store: z.string(),
  definitionFile: z.string(),
  definitionText: z.string(),
  /** Its last part names a file in the cache of a worker. */
  model: z.string().refine((path) => !['', '.', '..'].includes(posix.basename(path))),
  files: z.array(sharedFileSchema),
});
export type Announcement = z.infer<typeof announcementSchema>;

export const jobSchema = z.strictObject({
  number: z.int().nonnegative(),
  trial: z.int().nonnegative(),
  task: z.int().nonnegative(),
  point: pointSchema,
});

export const resultSchema = z.strictObject({
  number: z.int().nonnegative(),
  outcome: outcomeSchema,
  circumstances: z.strictObject(jobCircumstances),
  /** Its report; whoever shows it checks it. */
  design: z.custom<Report>((value) => typeof value === 'object' && value !== null).nullable(),
});

export type JobData = z.infer<typeof jobSchema>;
export type ResultData = z.infer<typeof resultSchema>;

/** No job that was not done ends a search well. */
const failures = [
  exitCodes.mismatch,
  exitCodes.badInput,
  exitCodes.toolFailed,
  exitCodes.doesNotFit,
] as const;

/** What kept a worker from doing a job; as text it is the reason that a job failed for. */
const troubleSchema = z.union([
  z.strictObject({
    diagnostics: z.array(
      z.strictObject({
        code: z.string(),
        message: z.string(),
        place: z.string().nullable(),
        remedy: z.string().nullable(),
      }),
    ),
    exitCode: z.literal(failures),
  }),
  z.strictObject({ stack: z.string() }),
]);
export type Trouble =
  | { readonly diagnostics: readonly Diagnostic[]; readonly exitCode: ExitCode }
  | { readonly stack: string };

/** Null for a text that is none. */
export function parseTrouble(text: string): Trouble | null {
  try {
    return troubleSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
