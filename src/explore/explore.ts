import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { loadNetwork } from '../compile/load-network.ts';
import type { ExploreOptions, Host, Outcome } from '../options.ts';
import { toolIdentity } from '../read/tool-identity.ts';
import { plural } from '../report/format.ts';
import type { Definition } from './definition.ts';
import { readDefinition } from './definition.ts';
import { pageScript } from './dashboard/page-script.ts';
import { servePage } from './dashboard/serve-page.ts';
import type { PageServer } from './dashboard/serve-page.ts';
import { pagePath, writePage } from './dashboard/write-page.ts';
import { trialReports } from './dashboard/trial-reports.ts';
import { checkParameters } from './evaluate/trial-settings.ts';
import { optimiserOf } from './optimisers/optimisers.ts';
import { openRemoteWorkers } from './queue/open-remote-workers.ts';
import type { QueueAddress } from './queue/queue-address.ts';
import { parseQueueAddress } from './queue/queue-address.ts';
import { searchResults } from './results.ts';
import { searchFiles } from './search-files.ts';
import type { SearchFile } from './search-files.ts';
import { search } from './search.ts';
import { Store } from './store.ts';
import { storePath } from './store-path.ts';
import type { StoreHeader } from './store-format.ts';
import { finishedJob, outcomeOf, storeVersion, storedJob } from './store-format.ts';
import { describeResults, resultsData } from './terminal.ts';
import type { FinishedJob, Job, JobOutcome } from './trial.ts';
import type { WorkerResult, Workforce } from './workforce.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * `nzflow explore`: runs a search to the end of its budget, from where its store stands. Whatever ends
 * it, finished trials are in the store. Throws `UserError`.
 */
export async function exploreDesigns(options: ExploreOptions, host: Host): Promise<Outcome> {
  const definition = await readDefinition(options.definition);
  const { problem, document } = definition;
  await checkNetwork(definition, options.definition);
  const { lag } = document.optimiser;
  const path = storePath(options);
  const address = options.queue === undefined ? null : parseQueueAddress(options.queue, '--queue');
  const files = await searchFiles(definition);
  const { store, header, jobs } = await Store.open(path, headerOf(definition, files));
  const finished = new Map(jobs.map((job) => [job.number, finishedJob(job)]));
  const workers = address === null ? Math.min(options.workers ?? availableParallelism(), lag) : lag;
  const report = progressOf(definition, finished, host);
  const reports = trialReports(path);
  if (jobs.length === 0) await reports.clear();
  const results = new Map<number, WorkerResult>();
  let workforce: Workforce | null = null;
  let page: PageServer | null = null;
  try {
    if (options.serve !== undefined) {
      page = await servePage(path, options.serve, await pageScript());
      host.progress.note(`The search can be watched at ${page.address}`);
    }
    workforce = await openWorkforce(definition, { options, path, address, files, header }, host);
    host.progress.phase(
      address === null
        ? `searching with ${plural(workers, 'worker')}`
        : `searching with the workers of ${address.text}`,
    );
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
      lag,
      workers,
      finished: new Map(finished),
      signal: host.signal,
      evaluate: async (job: Job, signal: AbortSignal): Promise<JobOutcome> => {
        const result = await present(workforce, 'workers').run(job, signal);
        results.set(job.number, result);
        return outcomeOf(result.outcome);
      },
      keep: async (job: FinishedJob): Promise<void> => {
        const { circumstances, design } = present(results.get(job.number), 'a result');
        results.delete(job.number);
        await store.add(storedJob(job, circumstances));
        finished.set(job.number, job);
        // Without its report a trial is whole; a full disk is told by the store.
        if (design !== null) await reports.keep(job.trial, design).catch(() => undefined);
        report();
      },
      now: () => performance.now() / 1000,
    });
    const found = searchResults(problem, inOrder(finished));
    return {
      exitCode: exitCodes.done,
      text: `${describeResults(definition, found, { store: path, end })}Page: ${pagePath(path)}\n`,
      data: resultsData(definition, found),
    };
  } finally {
    await workforce?.close();
    await store.close();
    await page?.close();
    // Whatever ended the search, and even where a full disk did: the store is whole, the page can be made from it.
    await writePage(path, pagePath(path)).catch(() => {
      host.progress.note(`${pagePath(path)} cannot be written; \`nzflow explore html\` makes it`);
    });
  }
}

async function openWorkforce(
  definition: Definition,
  place: {
    readonly options: ExploreOptions;
    readonly path: string;
    readonly address: QueueAddress | null;
    readonly files: readonly SearchFile[];
    readonly header: StoreHeader;
  },
  host: Host,
): Promise<Workforce> {
  const { options, path, address, files, header } = place;
  const definitionFile = options.definition;
  if (address !== null)
    return openRemoteWorkers(address, { definition, definitionFile, files, store: header }, host);
  const definitionText = definition.text;
  const layerFolder = `${path}.layers`;
  return new WorkerPool({ definitionFile, definitionText, layerFolder, files: [] }, 'thread');
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
function headerOf({ document, text }: Definition, files: readonly SearchFile[]): StoreHeader {
  const parts: Record<string, string> = {};
  for (const name of ['seed', 'parameters', 'metrics', 'tasks', 'optimiser'] as const)
    parts[name] = sha256(JSON.stringify(document[name]));
  for (const { name, sha256: hash } of files) parts[`${name} file`] = hash;
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
