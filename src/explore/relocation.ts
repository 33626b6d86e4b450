import type { Definition } from './definition.ts';
import { dataFiles } from './definition.ts';
import type { StoredJob } from './store-format.ts';
import type { Job } from './trial.ts';

/** Where the files of a search are on this machine, by the paths that the search has for them. */
export type Relocation = ReadonlyMap<string, string>;

export function relocated(definition: Definition, files: Relocation): Definition {
  const { document, constants } = definition;
  const moved = dataFiles(document).map(([key, path]) => [key, files.get(path) ?? path]);
  const board = files.get(String(constants.get('board')));
  return {
    ...definition,
    document: { ...document, ...Object.fromEntries(moved) },
    constants: board === undefined ? constants : new Map([...constants, ['board', board]]),
  };
}

/** The same of a board that a job chooses. */
export function relocatedJob(job: Job, files: Relocation): Job {
  const board = files.get(String(job.point.get('board')));
  return board === undefined ? job : { ...job, point: new Map([...job.point, ['board', board]]) };
}

/** An outcome in the words of the search: its own paths in the reason of a failure. */
export function withOwnPaths(
  outcome: StoredJob['outcome'],
  files: Relocation,
): StoredJob['outcome'] {
  return 'failed' in outcome ? { failed: ownPaths(outcome.failed, files) } : outcome;
}

export function ownPaths(text: string, files: Relocation): string {
  let told = text;
  for (const [path, here] of files) told = told.replaceAll(here, () => path);
  return told;
}
