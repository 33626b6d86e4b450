import { invariant, present } from '../base/invariant.ts';
import type { Knowledge, Optimiser, Problem } from './optimisers/optimiser.ts';
import type { FinishedJob, Job, JobOutcome, Proposal } from './trial.ts';
import { uniformOf } from './uniform.ts';

/** Where a search ends; the first limit that is reached. */
export interface Budget {
  /** Sum of the costs of the jobs. */
  readonly cost: number | null;
  /** Points looked at. */
  readonly trials: number | null;
  /** Seconds since this run of the search began; the only limit that depends on the machine. */
  readonly seconds: number | null;
}

export interface SearchOptions {
  readonly problem: Problem;
  readonly optimiser: Optimiser;
  readonly seed: number;
  readonly budget: Budget;
  /**
   * A job is proposed from the outcomes of all jobs but the `lag` ones right before it, whatever is
   * known by then: so a search is the same for any number of workers up to `lag`.
   */
  readonly lag: number;
  /** Jobs at once, at most `lag`. */
  readonly workers: number;
  /** What earlier runs of the same search finished, by job number. */
  readonly finished: ReadonlyMap<number, FinishedJob>;
  readonly signal: AbortSignal;
  /** Looks at a point. Whatever it throws ends the search; a design that cannot be made is an outcome. */
  evaluate(job: Job, signal: AbortSignal): Promise<JobOutcome>;
  /** Keeps a finished job, before anything is made of it. */
  keep(job: FinishedJob): Promise<void>;
  /** Seconds on a clock that only goes forward. */
  now(): number;
}

export type SearchEnd = 'budget' | 'exhausted';

/**
 * Runs a search to the end of its budget, `workers` jobs at once. Rejects with what `evaluate` or
 * `keep` threw, or with the reason of the signal, when all that was running has ended; what was kept
 * before then is whole.
 */
export async function search(options: SearchOptions): Promise<SearchEnd> {
  invariant(options.workers <= options.lag, 'more workers than the lag allows');
  const controller = new AbortController();
  const signal = AbortSignal.any([options.signal, controller.signal]);
  const state = new Progression(options);
  const running = new Map<number, Promise<void>>();
  const began = options.now();
  let failure: { readonly error: unknown } | null = null;

  const run = async (job: Job): Promise<void> => {
    try {
      const outcome = await options.evaluate(job, signal);
      signal.throwIfAborted();
      const finished = { ...job, outcome };
      await options.keep(finished);
      state.finish(finished);
    } catch (error) {
      failure ??= { error };
      controller.abort(error);
    } finally {
      running.delete(job.number);
    }
  };

  for (;;) {
    while (failure === null && !signal.aborted && running.size < options.workers) {
      const late =
        options.budget.seconds !== null && options.now() - began >= options.budget.seconds;
      const job = late ? null : state.next();
      if (job === null) break;
      running.set(job.number, run(job));
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  throwFailure(failure);
  options.signal.throwIfAborted();
  return state.end ?? 'budget';
}

function throwFailure(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}

/** The order of jobs: which one is next, and whether enough is known to propose it. */
class Progression {
  readonly #options: SearchOptions;
  readonly #jobs: Job[] = [];
  readonly #finished: Map<number, FinishedJob>;
  /** All jobs before this one are finished. */
  #whole = 0;
  #cost = 0;
  #trials = 0;
  end: SearchEnd | null = null;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#finished = new Map(options.finished);
  }

  finish(job: FinishedJob): void {
    this.#finished.set(job.number, job);
  }

  /** The next job to run; null when the search ends here, or when an earlier one must end first. */
  next(): Job | null {
    while (this.end === null) {
      const number = this.#jobs.length;
      // Jobs whose outcomes the proposal looks at: all, when only promotions are left to be made.
      const looked = this.#isClosing() ? number : Math.max(0, number - this.#options.lag + 1);
      while (this.#finished.has(this.#whole)) this.#whole += 1;
      if (this.#whole < looked) return null;
      const kept = this.#finished.get(number);
      const job = kept ?? this.#proposed(number, looked);
      if (job === null) return null;
      this.#jobs.push(job);
      this.#cost += present(this.#options.problem.tasks[job.task], 'a task').cost;
      if (job.trial === job.number) this.#trials += 1;
      if (kept === undefined) return job;
    }
    return null;
  }

  #proposed(number: number, looked: number): Job | null {
    const { problem, optimiser, seed } = this.#options;
    const knowledge: Knowledge = {
      finished: this.#jobs
        .slice(0, looked)
        .map((job) => present(this.#finished.get(job.number), 'a finished job')),
      pending: this.#jobs.slice(looked),
    };
    const proposal = optimiser(problem, knowledge, uniformOf(seed, number));
    if (proposal === null) {
      this.end = 'exhausted';
      return null;
    }
    const job = this.#jobOf(proposal, number);
    if (!this.#affords(job)) {
      this.end = 'budget';
      return null;
    }
    return job;
  }

  #jobOf(proposal: Proposal, number: number): Job {
    if (proposal.kind === 'new')
      return { number, trial: number, task: proposal.task, point: proposal.point };
    const before = this.#jobs.filter(({ trial }) => trial === proposal.trial);
    const last = present(before[before.length - 1], 'the trial to promote');
    return { number, trial: last.trial, task: last.task + 1, point: last.point };
  }

  /** Nothing new can be looked at any more. Depends on the jobs so far alone. */
  #isClosing(): boolean {
    const { budget, problem } = this.#options;
    const least = present(problem.tasks[0], 'a task').cost;
    const spent = budget.cost !== null && this.#cost + least > budget.cost * (1 + 1e-9);
    return spent || (budget.trials !== null && this.#trials >= budget.trials);
  }

  #affords(job: Job): boolean {
    const { budget, problem } = this.#options;
    const cost = present(problem.tasks[job.task], 'a task').cost;
    // A sum of many costs such as 0.1 is not exact.
    const affordable = budget.cost === null || this.#cost + cost <= budget.cost * (1 + 1e-9);
    const fresh = job.trial === job.number;
    return affordable && (budget.trials === null || !fresh || this.#trials < budget.trials);
  }
}
