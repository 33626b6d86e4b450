import { describe, expect, it } from 'vitest';
import { gridSearch } from '../../src/explore/optimisers/grid-search.ts';
import type { Optimiser } from '../../src/explore/optimisers/optimiser.ts';
import { randomSearch } from '../../src/explore/optimisers/random-search.ts';
import { treeParzen } from '../../src/explore/optimisers/tree-parzen.ts';
import { isFeasible, losses } from '../../src/explore/metrics.ts';
import { hypervolume } from '../../src/explore/pareto.ts';
import type { SearchOptions } from '../../src/explore/search.ts';
import { search } from '../../src/explore/search.ts';
import type { FinishedJob } from '../../src/explore/trial.ts';
import { surrogate, surrogateOutcome } from './surrogate.ts';

type Given = Partial<SearchOptions> & { readonly optimiser: Optimiser };

/** Jobs in the order they were kept. */
async function jobsOf(given: Given): Promise<readonly FinishedJob[]> {
  const kept: FinishedJob[] = [];
  await search({
    problem: surrogate,
    seed: 1,
    budget: { cost: 12, trials: null, seconds: null },
    lag: 8,
    workers: 4,
    finished: new Map(),
    signal: new AbortController().signal,
    evaluate: (job) => Promise.resolve(surrogateOutcome(job)),
    keep: (job) => {
      kept.push(job);
      return Promise.resolve();
    },
    now: () => 0,
    ...given,
  });
  return kept;
}

const byNumber = (jobs: readonly FinishedJob[]): readonly FinishedJob[] =>
  [...jobs].sort((a, b) => a.number - b.number);

function volume(jobs: readonly FinishedJob[]): number {
  const front = jobs.flatMap(({ task, outcome }) =>
    task === 2 && outcome.kind === 'done' && isFeasible(surrogate.metrics, outcome.values)
      ? [losses(surrogate.metrics, outcome.values)]
      : [],
  );
  return hypervolume(front, [-0.92, 0, 6]);
}

const cost = (jobs: readonly FinishedJob[]): number =>
  jobs.reduce((sum, { task }) => sum + (surrogate.tasks[task]?.cost ?? 0), 0);

describe('a search', () => {
  it('is the same for any number of workers, however long each job takes', async () => {
    const one = await jobsOf({ optimiser: treeParzen(), workers: 1 });
    let delay = 0;
    const many = await jobsOf({
      optimiser: treeParzen(),
      workers: 8,
      evaluate: async (job) => {
        delay = (delay * 7 + 3) % 11;
        await new Promise((resolve) => {
          setTimeout(resolve, delay);
        });
        return surrogateOutcome(job);
      },
    });
    expect(one.length).toBeGreaterThan(30);
    expect(many.map(({ number }) => number)).not.toEqual(one.map(({ number }) => number));
    expect(byNumber(many)).toEqual(one);
    expect(await jobsOf({ optimiser: treeParzen(), seed: 2 })).not.toEqual(one);
  });

  it('goes on where it was, whichever jobs were lost', async () => {
    const whole = byNumber(await jobsOf({ optimiser: treeParzen() }));
    for (const lost of [1, 5, 17]) {
      const finished = new Map(
        whole
          .slice(0, 30)
          .filter(({ number }) => number % lost !== lost - 1 || number < 22)
          .map((job) => [job.number, job]),
      );
      const rest = await jobsOf({ optimiser: treeParzen(), finished });
      expect(byNumber([...finished.values(), ...rest])).toEqual(whole);
    }
  });

  it('spends its budget and no more, most of it not on the cheapest task alone', async () => {
    const jobs = await jobsOf({
      optimiser: treeParzen(),
      budget: { cost: 30, trials: null, seconds: null },
    });
    expect(cost(jobs)).toBeLessThanOrEqual(30 + 1e-9);
    expect(cost(jobs)).toBeGreaterThan(29);
    for (const task of [0, 1, 2])
      expect(cost(jobs.filter((job) => job.task === task))).toBeGreaterThan(5);
    const few = await jobsOf({
      optimiser: randomSearch,
      budget: { cost: null, trials: 7, seconds: null },
    });
    expect(few).toHaveLength(7);
  });

  it('promotes what deserves it when the last trial is through, also when it is taken up there', async () => {
    const budget = { cost: null, trials: 12, seconds: null };
    const jobs = byNumber(await jobsOf({ optimiser: treeParzen(), budget }));
    const promoted = jobs.filter(({ task }) => task === 1);
    expect(promoted).toHaveLength(4);
    expect(jobs.filter(({ task }) => task === 2)).toHaveLength(1);
    for (const kept of [10, 13, 15]) {
      const finished = new Map(jobs.slice(0, kept).map((job) => [job.number, job]));
      const rest = await jobsOf({ optimiser: treeParzen(), budget, finished });
      expect(byNumber([...finished.values(), ...rest])).toEqual(jobs);
    }
  });

  it('ends when a grid has been walked through', async () => {
    const problem = {
      ...surrogate,
      space: { parameters: surrogate.space.parameters.slice(0, 2) },
    };
    const jobs = await jobsOf({
      problem,
      optimiser: gridSearch(3),
      budget: { cost: 1000, trials: null, seconds: null },
      evaluate: () => Promise.resolve({ kind: 'failed', reason: 'no' }),
    });
    expect(jobs).toHaveLength(9);
    expect(new Set(jobs.map(({ point }) => JSON.stringify([...point]))).size).toBe(9);
  });

  it('passes on what went wrong when all jobs have ended, and keeps what was finished', async () => {
    const kept: number[] = [];
    let open = 0;
    const run = jobsOf({
      optimiser: randomSearch,
      evaluate: async (job, signal) => {
        open += 1;
        await new Promise((resolve) => {
          setTimeout(resolve, 5);
        });
        open -= 1;
        if (job.number === 6) throw new Error('the worker broke');
        signal.throwIfAborted();
        return surrogateOutcome(job);
      },
      keep: (job) => {
        kept.push(job.number);
        return Promise.resolve();
      },
    });
    await expect(run).rejects.toThrow('the worker broke');
    expect(open).toBe(0);
    expect(kept.length).toBeGreaterThan(2);
    expect(kept).not.toContain(6);
  });

  it('looks at failed designs once, and never promotes them', async () => {
    const jobs = await jobsOf({
      optimiser: treeParzen(),
      budget: { cost: 25, trials: null, seconds: null },
      evaluate: (job) =>
        Promise.resolve(
          job.point.get('pattern') === 'complementary'
            ? { kind: 'failed' as const, reason: 'does not fit' }
            : surrogateOutcome(job),
        ),
    });
    const failed = jobs.filter(({ outcome }) => outcome.kind === 'failed');
    expect(failed.length).toBeGreaterThan(3);
    expect(failed.every(({ task }) => task === 0)).toBe(true);
    // and it learns to keep away from them
    const late = jobs.filter(({ number, trial }) => number === trial).slice(-20);
    expect(late.filter(({ outcome }) => outcome.kind === 'failed').length).toBeLessThan(8);
  });

  it('finds more than random search does at the same cost, in the median of seven seeds', async () => {
    const budget = { cost: 60, trials: null, seconds: null };
    const gains: number[] = [];
    const shares: number[] = [];
    for (let seed = 1; seed <= 7; seed += 1) {
      const random = volume(await jobsOf({ optimiser: randomSearch, seed, budget }));
      const jobs = await jobsOf({ optimiser: treeParzen(), seed, budget });
      gains.push(volume(jobs) - random);
      // where random search has found nothing, something has to be found all the same
      const reached = jobs.findIndex((_, index) => {
        const found = volume(jobs.slice(0, index + 1));
        return found > 0 && found >= random;
      });
      shares.push(reached < 0 ? Infinity : cost(jobs.slice(0, reached + 1)) / budget.cost);
    }
    const median = (values: readonly number[]): number =>
      [...values].sort((a, b) => a - b)[3] ?? NaN;
    expect(median(gains)).toBeGreaterThan(0);
    expect(median(shares)).toBeLessThanOrEqual(0.4);
  });
});
