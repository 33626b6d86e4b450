import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { loadNetwork } from '../compile/load-network.ts';
import type { ExploreOptions, Host, Outcome } from '../options.ts';
import { sha256OfFiles } from '../read/file-hash.ts';
import { toolIdentity } from '../read/tool-identity.ts';
import { plural } from '../report/format.ts';
import type { Definition } from './definition.ts';
import { readDefinition } from './definition.ts';
import { checkParameters } from './evaluate/trial-settings.ts';
import { optimiserOf } from './optimisers/optimisers.ts';
import { searchResults } from './results.ts';
import { search } from './search.ts';
import { Store } from './store.ts';
import { storePath } from './store-path.ts';
import type { StoreHeader } from './store-format.ts';
import { finishedJob, outcomeOf, storeVersion, storedJob } from './store-format.ts';
import { describeResults, resultsData } from './terminal.ts';
import type { FinishedJob, Job, JobOutcome } from './trial.ts';
import { WorkerPool } from './worker-pool.ts';
import type { WorkerResult } from './worker-pool.ts';

/**
 * `nzflow explore`: runs a search to the end of its budget, from where its store stands. Whatever ends
 * it, finished trials are in the store. Throws `UserError`.
 */
export async function exploreDesigns(options: ExploreOptions, host: Host): Promise<Outcome> {
  const definition = await readDefinition(options.definition);
  const { problem, document } = definition;
  await checkNetwork(definition, options.definition);
  const path = storePath(options);
  const { store, jobs } = await Store.open(path, await headerOf(definition));
  const finished = new Map(jobs.map((job) => [job.number, finishedJob(job)]));
  const workers = Math.min(options.workers ?? availableParallelism(), document.optimiser.lag);
  const pool = new WorkerPool({
    definitionFile: options.definition,
    definitionText: definition.text,
    layerFolder: `${path}.layers`,
  });
  const report = progressOf(definition, finished, host);
  const results = new Map<
    number,
    WorkerResult & { readonly began: string; readonly seconds: number }
  >();
  try {
    host.progress.phase(`searching with ${plural(workers, 'worker')}`);
    report();
    const end = await search({
      problem,
      optimiser: optimiserOf(document.optimiser),
      seed: document.seed,
      budget: {
        cost: document.budget.cost ?? null,
        trials: document.budget.trials ?? null,
        seconds: document.budget.minutes === undefined ? null : document.budget.minutes * 60,
      },
      lag: document.optimiser.lag,
      workers,
      finished: new Map(finished),
      signal: host.signal,
      evaluate: async (job: Job, signal: AbortSignal): Promise<JobOutcome> => {
        const began = new Date().toISOString();
        const start = performance.now();
        const result = await pool.run(job, signal);
        results.set(job.number, { ...result, began, seconds: (performance.now() - start) / 1000 });
        return outcomeOf(result.outcome);
      },
      keep: async (job: FinishedJob): Promise<void> => {
        const { began, seconds, worker, log } = present(results.get(job.number), 'a result');
        results.delete(job.number);
        await store.add(storedJob(job, { began, seconds, worker, log: [...log] }));
        finished.set(job.number, job);
        report();
      },
      now: () => performance.now() / 1000,
    });
    const found = searchResults(problem, inOrder(finished));
    return {
      exitCode: exitCodes.done,
      text: describeResults(definition, found, { store: path, end }),
      data: resultsData(definition, found),
    };
  } finally {
    await pool.close();
    await store.close();
  }
}

function inOrder(finished: ReadonlyMap<number, FinishedJob>): readonly FinishedJob[] {
  return [...finished.values()].sort((a, b) => a.number - b.number);
}

/** All that can be wrong with the search's files is told before the long work begins. */
async function checkNetwork(
  { document, problem, constants }: Definition,
  file: string,
): Promise<void> {
  const { model, inputs, labels, calibrate } = document;
  const { graph } = await loadNetwork({ model, inputs, labels, calibrate });
  if (graph.given !== null) {
    fail('explore/quantised', 'the model is quantised already', {
      place: model,
      remedy: 'search with the float model',
    });
  }
  checkParameters(graph, problem.space, constants, file);
}

/** What a store is told apart by: each part that decides what is proposed and what comes out. */
async function headerOf({ document, text }: Definition): Promise<StoreHeader> {
  const files = ['model', 'calibrate', 'calibrateLabels', 'inputs', 'labels'] as const;
  const parts: Record<string, string> = {};
  for (const name of ['seed', 'parameters', 'metrics', 'tasks', 'optimiser'] as const)
    parts[name] = sha256(JSON.stringify(document[name]));
  for (const name of files) {
    const path = document[name];
    if (path !== undefined) parts[`${name} file`] = await sha256OfFiles([path]);
  }
  const tool = toolIdentity();
  return {
    kind: 'nzflow-search',
    version: storeVersion,
    tool,
    parts: { ...parts, 'version of nzflow': sha256(tool.version) },
    definition: text,
    created: new Date().toISOString(),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Tells how far a search is. */
function progressOf(
  { problem, document }: Definition,
  finished: ReadonlyMap<number, FinishedJob>,
  host: Host,
): () => void {
  return () => {
    const { trials, front, cost } = searchResults(problem, inOrder(finished));
    const { budget } = document;
    const shares = [
      budget.cost === undefined ? 0 : cost / budget.cost,
      budget.trials === undefined ? 0 : trials.length / budget.trials,
    ];
    const feasible = trials.filter((one) => one.feasible).length;
    host.progress.update(
      Math.min(1, Math.max(...shares)),
      `${String(trials.length)} trials, ${String(feasible)} feasible, ${String(front.length)} on the front`,
    );
  };
}
