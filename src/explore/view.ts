import { UserError, exitCodes, fail } from '../base/diagnostics.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { ExploreViewOptions, Outcome } from '../options.ts';
import type { Definition } from './definition.ts';
import { parseDefinition } from './definition.ts';
import { bestTrials } from './best.ts';
import { pagePath, writePage } from './dashboard/write-page.ts';
import { trialsAsCsv } from './export-trials.ts';
import type { SearchResults } from './results.ts';
import { searchResults } from './results.ts';
import { readStore } from './store.ts';
import { finishedJob } from './store-format.ts';
import { storePath } from './store-path.ts';
import { describeResults, resultsData } from './terminal.ts';

/**
 * `nzflow explore status`, `best`, `export` and `html`: what a store holds, also while a search adds to it. The
 * search is the one the store was made with, whatever its file says now. Throws `UserError`.
 */
export async function viewSearch(options: ExploreViewOptions): Promise<Outcome> {
  const path = storePath(options);
  if (options.view === 'html') return page(path, options.out ?? pagePath(path));
  const { header, jobs } = await readStore(path);
  const definition = parseDefinition(options.definition, header.definition);
  const finished = jobs.map(finishedJob).sort((a, b) => a.number - b.number);
  const results = searchResults(definition.problem, finished);
  switch (options.view) {
    case 'status': {
      const text = describeResults(definition, results, { store: path, end: null });
      return { exitCode: exitCodes.done, text, data: resultsData(definition, results) };
    }
    case 'best':
      return bestTrials(definition, results);
    case 'export':
      return exported(options, definition, results);
  }
}

async function exported(
  { format = 'csv', out }: ExploreViewOptions,
  definition: Definition,
  results: SearchResults,
): Promise<Outcome> {
  const data = resultsData(definition, results);
  const text =
    format === 'csv'
      ? trialsAsCsv(definition.problem, results)
      : `${JSON.stringify(data, null, 2)}\n`;
  if (out === undefined) return { exitCode: exitCodes.done, text, data };
  await writing(out, () => writeFileAtomic(out, text));
  return { exitCode: exitCodes.done, text: `${out}\n`, data };
}

async function page(store: string, out: string): Promise<Outcome> {
  await writing(out, () => writePage(store, out));
  return { exitCode: exitCodes.done, text: `${out}\n`, data: { page: out } };
}

/** Says what can be done where a file cannot be written. */
async function writing(out: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    fail('explore/unwritable', 'the file cannot be written', {
      place: out,
      remedy: 'check its folder and the room on the disk',
      cause,
    });
  }
}
