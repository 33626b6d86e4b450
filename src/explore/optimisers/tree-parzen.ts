import { ranked } from '../ranking.ts';
import type { Point } from '../space.ts';
import { pointKey } from '../space.ts';
import type { Uniform } from '../uniform.ts';
import type { Knowledge, Optimiser, Problem } from './optimiser.ts';
import { knownJobs, latestOutcomes } from './optimiser.ts';
import { drawPoint, logDensity, parzen } from './parzen.ts';
import { promotion } from './promotion.ts';
import { newPoint } from './random-search.ts';

export interface TreeParzenOptions {
  /** Random points before the model has a say; at least twice the parameters. */
  readonly firstPoints: number;
  /** Share of the trials that count as good. */
  readonly goodShare: number;
  /** Points drawn from the good ones for each proposal. */
  readonly candidates: number;
  /** Share of proposals drawn evenly ever after. */
  readonly evenShare: number;
}

export const defaultTreeParzen: TreeParzenOptions = {
  firstPoints: 20,
  goodShare: 0.1,
  candidates: 32,
  evenShare: 0.05,
};

/** Kernels of good points: more make proposals slow and no better. */
const mostGood = 64;

/**
 * Cheap tasks first, promising trials promoted, new points where good trials are dense and bad ones
 * are not: the tree-structured Parzen estimator (Bergstra and others 2011) with several objectives
 * (Ozaki and others 2020) and constraints, over the fidelities as BOHB does (Falkner and others 2018).
 * It takes conditional and categorical parameters as they are, needs no gradient and no matrix, and a
 * proposal costs milliseconds, which matters where a cheap task is done in a second.
 */
export function treeParzen(options: TreeParzenOptions = defaultTreeParzen): Optimiser {
  return (problem, knowledge, uniform) =>
    promotion(problem, knowledge) ?? proposal(options, problem, knowledge, uniform);
}

function proposal(
  options: TreeParzenOptions,
  problem: Problem,
  knowledge: Knowledge,
  uniform: Uniform,
): ReturnType<Optimiser> {
  const { space } = problem;
  const jobs = knownJobs(knowledge);
  const known = new Set(jobs.map(({ point }) => pointKey(point)));
  const latest = latestOutcomes(knowledge.finished);
  const few = latest.length < Math.max(options.firstPoints, 2 * space.parameters.length);
  const point =
    few || uniform() < options.evenShare
      ? null
      : modelled(options, problem, knowledge, known, uniform);
  const chosen = point ?? newPoint(space, known, uniform);
  return chosen === null ? null : { kind: 'new', point: chosen, task: 0 };
}

/** The likeliest to be good of some points drawn from the good ones; null when none of them is new. */
function modelled(
  { goodShare, candidates }: TreeParzenOptions,
  { space, metrics }: Problem,
  { finished, pending }: Knowledge,
  known: ReadonlySet<string>,
  uniform: Uniform,
): Point | null {
  const order = ranked(metrics, latestOutcomes(finished)).map(({ point }) => point);
  const count = Math.min(mostGood, Math.max(2, Math.ceil(goodShare * order.length)));
  const good = parzen(space, order.slice(0, count));
  // What is being looked at counts as bad, so that the next proposal is another one.
  const bad = parzen(space, [...order.slice(count), ...pending.map(({ point }) => point)]);
  let best: { readonly point: Point; readonly score: number } | null = null;
  for (let draw = 0; draw < candidates; draw += 1) {
    const point = drawPoint(good, uniform);
    if (known.has(pointKey(point))) continue;
    const score = logDensity(good, point) - logDensity(bad, point);
    if (best === null || score > best.score) best = { point, score };
  }
  return best?.point ?? null;
}
