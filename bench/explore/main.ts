import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { silentProgress } from '../../src/base/progress.ts';
import type { Definition } from '../../src/explore/definition.ts';
import { readDefinition } from '../../src/explore/definition.ts';
import { evaluateJob } from '../../src/explore/evaluate/evaluate-job.ts';
import { openStudy } from '../../src/explore/evaluate/study.ts';
import type { Study } from '../../src/explore/evaluate/study.ts';
import { isFeasible, losses } from '../../src/explore/metrics.ts';
import type { Optimiser } from '../../src/explore/optimisers/optimiser.ts';
import { randomSearch } from '../../src/explore/optimisers/random-search.ts';
import { treeParzen } from '../../src/explore/optimisers/tree-parzen.ts';
import { hypervolume } from '../../src/explore/pareto.ts';
import { search } from '../../src/explore/search.ts';
import type { FinishedJob } from '../../src/explore/trial.ts';
import { KnownOutcomes } from './known-outcomes.ts';

const folder = 'build/explore';
const host = { progress: silentProgress, signal: new AbortController().signal };

/** One search: its jobs in order, and the processor seconds they took. */
interface Searched {
  readonly jobs: readonly FinishedJob[];
  readonly seconds: number;
}

/** Prints, seed by seed, how the two searches compare, and their medians. */
export async function benchExplore(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { seeds: { type: 'string', default: '7' }, cost: { type: 'string' } },
  });
  const definition = await readDefinition(fileURLToPath(new URL('search.yaml', import.meta.url)));
  const cost = Number(values.cost ?? definition.document.budget.cost);
  const study = await openStudy(definition, join(folder, 'layers'), host);
  const known = await KnownOutcomes.open(join(folder, 'outcomes.jsonl'));
  const pairs: { readonly random: Searched; readonly parzen: Searched }[] = [];
  for (let seed = 1; seed <= Number(values.seeds); seed += 1) {
    const run = (optimiser: Optimiser): Promise<Searched> =>
      searched(definition, { study, known, optimiser, seed, cost });
    pairs.push({ random: await run(randomSearch), parzen: await run(treeParzen()) });
    process.stderr.write(`seed ${String(seed)} done\n`);
  }
  process.stdout.write(table(definition, pairs, cost));
}

interface Run {
  readonly study: Study;
  readonly known: KnownOutcomes;
  readonly optimiser: Optimiser;
  readonly seed: number;
  readonly cost: number;
}

async function searched(
  definition: Definition,
  { study, known, optimiser, seed, cost }: Run,
): Promise<Searched> {
  const jobs: FinishedJob[] = [];
  let seconds = 0;
  await search({
    problem: definition.problem,
    optimiser,
    seed,
    budget: { cost, trials: null, seconds: null },
    lag: 2,
    workers: 1,
    finished: new Map(),
    signal: host.signal,
    evaluate: async (job) => {
      const found = await known.of(job, async () => {
        return (await evaluateJob(study, definition, job, host)).outcome;
      });
      seconds += found.seconds;
      return found.outcome;
    },
    keep: (job) => {
      jobs.push(job);
      return Promise.resolve();
    },
    now: () => 0,
  });
  return { jobs, seconds };
}

/** Losses of what met all thresholds through the last task; logarithms, so that a factor is a factor anywhere. */
function feasibleLosses({ problem }: Definition, jobs: readonly FinishedJob[]): number[][] {
  const last = problem.tasks.length - 1;
  return jobs.flatMap(({ task, outcome }) =>
    task === last && outcome.kind === 'done' && isFeasible(problem.metrics, outcome.values)
      ? [
          losses(problem.metrics, outcome.values).map(
            (loss) => Math.sign(loss) * Math.log(Math.abs(loss)),
          ),
        ]
      : [],
  );
}

function table(
  definition: Definition,
  pairs: readonly { readonly random: Searched; readonly parzen: Searched }[],
  cost: number,
): string {
  const { tasks } = definition.problem;
  const all = pairs.flatMap(({ random, parzen }) =>
    feasibleLosses(definition, [...random.jobs, ...parzen.jobs]),
  );
  // a little worse than the worst that any search found feasible
  const reference = (all[0] ?? []).map(
    (_, axis) => Math.max(...all.map((one) => one[axis] ?? 0)) + 0.1,
  );
  const volume = (jobs: readonly FinishedJob[]): number =>
    hypervolume(feasibleLosses(definition, jobs), reference);
  const spent = (jobs: readonly FinishedJob[]): number =>
    jobs.reduce((sum, { task }) => sum + (tasks[task]?.cost ?? 0), 0);
  const rows = pairs.map(({ random, parzen }) => {
    const goal = volume(random.jobs);
    const reached = parzen.jobs.findIndex((_, index) => {
      const found = volume(parzen.jobs.slice(0, index + 1));
      return found > 0 && found >= goal;
    });
    return {
      random: goal,
      parzen: volume(parzen.jobs),
      share: reached < 0 ? Infinity : spent(parzen.jobs.slice(0, reached + 1)) / cost,
      seconds: [random.seconds, parzen.seconds] as const,
    };
  });
  const line = (name: string, cells: readonly string[]): string =>
    `| ${[name, ...cells].join(' | ')} |\n`;
  const titles = ['random', 'tree-parzen', 'its cost to reach random', 'processor seconds'];
  return [
    line('seed', titles),
    line(
      '---',
      titles.map(() => '---'),
    ),
    ...rows.map(({ random, parzen, share, seconds }, index) =>
      line(String(index + 1), [
        random.toFixed(2),
        parzen.toFixed(2),
        percent(share),
        seconds.map((one) => one.toFixed(0)).join(' and '),
      ]),
    ),
    line('median', [
      median(rows.map(({ random }) => random)).toFixed(2),
      median(rows.map(({ parzen }) => parzen)).toFixed(2),
      percent(median(rows.map(({ share }) => share))),
      '',
    ]),
  ].join('');
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(0)} %` : 'not reached';
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
