import { basename, dirname, isAbsolute, relative } from 'node:path';
import type { Definition } from '../definition.ts';
import type { DefinitionDocument } from '../definition-schema.ts';
import { heldOutMetric } from '../evaluate/held-out.ts';
import { repeatFrame } from '../repeat-frame.ts';
import { searchResults } from '../results.ts';
import type { StoreHeader, StoredJob } from '../store-format.ts';
import { finishedJob } from '../store-format.ts';
import type { DashboardData, DashboardJob } from './dashboard-schema.ts';

/** What a store holds, as the page wants it. */
export interface SearchContent {
  /** Path of the store. */
  readonly store: string;
  readonly definition: Definition;
  readonly header: StoreHeader;
  readonly jobs: readonly StoredJob[];
  /** Trials whose report was kept. */
  readonly reports: readonly number[];
}

/** All the page shows but the reports. The same content gives the same data. */
export function dashboardData(content: SearchContent): DashboardData {
  const { store, definition, header, reports } = content;
  const { problem, document, constants } = definition;
  const jobs = [...content.jobs].sort((a, b) => a.number - b.number);
  const results = searchResults(problem, jobs.map(finishedJob));
  const names = metricsIn(jobs);
  const declared = new Map(problem.metrics.map((metric) => [metric.name, metric]));
  const columns = [
    ...problem.metrics.map(({ name }) => name),
    ...(names.has(heldOutMetric) ? [heldOutMetric] : []),
    ...[...names].filter((name) => !declared.has(name) && name !== heldOutMetric).sort(),
  ];
  const workers = [...new Set(jobs.map(({ worker }) => worker))];
  const { parameters } = problem.space;
  return {
    version: 1,
    name: basename(store).replace(/\.trials$/, ''),
    tool: header.tool,
    created: header.created,
    model: basename(document.model),
    hashes: Object.entries(header.parts),
    seed: document.seed,
    method: document.optimiser.method,
    budget: {
      cost: document.budget.cost ?? null,
      trials: document.budget.trials ?? null,
      minutes: document.budget.minutes ?? null,
    },
    parameters,
    metrics: columns.map((name) => {
      const { goal = 'store', threshold = null } = declared.get(name) ?? {};
      return { name, goal, threshold, declared: declared.has(name) || name === heldOutMetric };
    }),
    tasks: problem.tasks,
    workers,
    cost: results.cost,
    repeat: repeatFrame(relativeTo(document, dirname(store)), constants),
    trials: results.trials.map(({ trial, point, feasible, onFront }) => ({
      trial,
      point: parameters.map(({ name }) => point.get(name) ?? null),
      feasible,
      onFront,
    })),
    jobs: jobs.map((job): DashboardJob => {
      const { number, trial, task, began, seconds, worker, log, outcome } = job;
      const values = 'failed' in outcome ? null : new Map(outcome.values);
      return {
        number,
        trial,
        task,
        began,
        seconds,
        worker: workers.indexOf(worker),
        log,
        values: values === null ? null : columns.map((name) => values.get(name) ?? null),
        failure: 'failed' in outcome ? outcome.failed : null,
      };
    }),
    reports,
  };
}

function metricsIn(jobs: readonly StoredJob[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { outcome } of jobs)
    if ('values' in outcome) for (const [name] of outcome.values) names.add(name);
  return names;
}

const pathKeys = ['model', 'calibrate', 'calibrateLabels', 'inputs', 'labels'] as const;

/** The document as it reads in a file of this folder; absolute paths stay. */
function relativeTo(document: DefinitionDocument, folder: string): DefinitionDocument {
  const paths = pathKeys.flatMap((key) => {
    const path = document[key];
    if (path === undefined) return [];
    return [[key, isAbsolute(path) ? path : relative(folder, path)] as const];
  });
  return { ...document, ...Object.fromEntries(paths) };
}
