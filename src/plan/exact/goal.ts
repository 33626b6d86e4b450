import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import { mostCopies, throughputOf } from '../search/fed-copies.ts';
import { fillOf } from '../resources/share.ts';
import type { Cost } from './pareto-front.ts';

/** What is looked for, and what there is already. */
export interface GoalOptions {
  /** What all copies may take. */
  readonly budget: Resources;
  /** Inferences a cycle to reach with as little as possible; null: as many as fit. */
  readonly target: number | null;
  /** `score` of the design there is: only better ones are looked for. */
  readonly threshold: number;
}

/** Tells how good designs are by the cost of one copy: the higher the score, the better. */
export class Goal {
  readonly #options: GoalOptions;

  constructor(options: GoalOptions) {
    this.#options = options;
  }

  /**
   * Copies to build of one that costs so much, where ports take `portBeats` cycles an inference: as many as
   * fit and are fed, or as many as the target takes. 0 where it is of no use.
   */
  copies({ interval, resources }: Cost, portBeats: number): number {
    const { budget, target } = this.#options;
    let room = mostCopies;
    for (const kind of resourceKinds) {
      if (resources[kind] > 0) room = Math.min(room, Math.floor(budget[kind] / resources[kind]));
    }
    if (target === null) return Math.min(room, Math.ceil(interval / portBeats));
    const wanted = Math.max(1, Math.ceil(target * interval));
    return target * portBeats > 1 || wanted > room ? 0 : wanted;
  }

  /** Never rises when a copy costs more. */
  score(cost: Cost, portBeats: number): number {
    return this.scoreOf(cost, this.copies(cost, portBeats), portBeats);
  }

  /** With a number of copies that is not the largest. */
  scoreOf({ interval, resources }: Cost, copies: number, portBeats: number): number {
    const { budget, target } = this.#options;
    if (copies === 0) return -Infinity;
    if (target === null) return throughputOf(copies, interval, portBeats);
    if (throughputOf(copies, interval, portBeats) < target) return -Infinity;
    return -copies * fillOf(resources, budget).share;
  }

  /** Whether that is more than there is already. */
  isBetter(score: number): boolean {
    return score > this.#options.threshold;
  }
}
