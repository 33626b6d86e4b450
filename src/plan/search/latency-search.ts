import { present } from '../../base/invariant.ts';
import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import { CheapestFoldings } from './cheapest-foldings.ts';
import type { Folded } from './cheapest-foldings.ts';
import type { SearchContext } from './search-context.ts';
import { narrowestWidths } from './class-widths.ts';
import type { NetworkChoice } from '../plan-network.ts';
import { fillOf } from '../resources/share.ts';

/** What a design of one copy comes to. */
export interface LatencyDesign {
  readonly choice: NetworkChoice;
  /** Cycles between two inferences, by the planner's bounds. */
  readonly interval: number;
  /** Without memory images. */
  readonly plan: Plan;
  readonly resources: Resources;
  /** Median of one inference alone in the idle design. */
  readonly latencyCycles: number;
}

/** How a search measures a choice. */
export interface LatencyMeasure {
  readonly planOf: (choice: NetworkChoice, interval: number) => Plan;
  readonly resourcesOf: (plan: Plan) => Resources;
  readonly latencyOf: (plan: Plan) => number;
  /** Designs that may be looked at. */
  readonly trials: number;
}

/** Shortest and longest interval a single layer is asked for, and the steps between. */
const shortestInterval = 4;
const longestInterval = 2e8;
const rungFactor = 1.2;
/** Rungs that a layer is moved by, far first: near ones are reached from there. */
const moves = [6, 3, 1];
/** A latency shorter by less than this share is no gain: other layers hide it. */
const worthwhile = 0.0005;

/**
 * A rung each for every layer and every class of streams: the interval that it is folded for. Latency
 * is then what the exact cycle model says of the whole.
 */
interface Ladder {
  readonly layers: readonly number[];
  /** By class of streams; the rung of all layers at the start where it is missing. */
  readonly classes: readonly number[];
}

/**
 * Looks for one copy of a network with the least latency, or the smallest that keeps to a latency. It
 * starts with all layers folded for one interval, then makes single layers and streams faster or
 * slower while that helps.
 */
export class LatencySearch {
  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #measure: LatencyMeasure;
  readonly #foldings: CheapestFoldings;
  readonly #rungs: readonly number[];
  readonly #classes: readonly number[];
  readonly #known = new Map<string, LatencyDesign | null>();
  #trials = 0;

  constructor(graph: QuantizedGraph, context: SearchContext, measure: LatencyMeasure) {
    this.#graph = graph;
    this.#context = context;
    this.#measure = measure;
    this.#foldings = new CheapestFoldings(graph, context);
    const rungs: number[] = [];
    for (let rung = shortestInterval; rung < longestInterval;) {
      rungs.push(rung);
      rung = Math.max(rung + 1, Math.ceil(rung * rungFactor));
    }
    this.#rungs = rungs;
    const givers = [-1, ...graph.layers.keys()];
    this.#classes = [...new Set(givers.map((giver) => this.#foldings.streams.classOf(giver)))];
  }

  /**
   * The smallest design found of at most `target` cycles, or, where there is none, the one of the
   * least latency; `target` 0: the least latency. Null where no design fits the budget.
   */
  best(target: number): LatencyDesign | null {
    const start = this.#uniform(target);
    if (start === null) return null;
    const fast = this.#faster(start, target);
    const design = present(this.#design(fast), 'a design that was looked at');
    if (design.latencyCycles > target) return design;
    return present(this.#design(this.#smaller(fast, target)), 'a design that was looked at');
  }

  /** All layers on one rung: the slowest one in time, else the one of the least latency. */
  #uniform(target: number): Ladder | null {
    let best: Ladder | null = null;
    let least = Infinity;
    // from small designs to large ones: where one does not fit, faster ones hardly do
    for (let rung = this.#rungs.length - 1; rung >= 0; rung -= 2) {
      const ladder = {
        layers: this.#graph.layers.map(() => rung),
        classes: this.#classes.map(() => rung),
      };
      const design = this.#folded(ladder);
      if (design === null) {
        if (best !== null) break;
        continue;
      }
      const { latencyCycles } = design;
      if (latencyCycles < least) {
        best = ladder;
        least = latencyCycles;
      }
      if (least <= target) break;
    }
    return best;
  }

  /** Moves single layers and streams to faster rungs, the one that gains most for its cost first. */
  #faster(start: Ladder, target: number): Ladder {
    let ladder = start;
    let design = present(this.#design(ladder), 'a design that was looked at');
    while (design.latencyCycles > target) {
      let best: { ladder: Ladder; design: LatencyDesign; gain: number } | null = null;
      for (const tried of this.#neighbours(ladder, -1)) {
        const found = this.#design(tried);
        if (found === null) continue;
        const gained = design.latencyCycles - found.latencyCycles;
        if (gained < worthwhile * design.latencyCycles) continue;
        const spent = Math.max(1e-6, this.#cost(found) - this.#cost(design));
        const gain =
          target === 0 ? gained : Math.min(gained, design.latencyCycles - target) / spent;
        if (best === null || gain > best.gain) best = { ladder: tried, design: found, gain };
      }
      if (best === null) return ladder;
      ({ ladder, design } = best);
    }
    return ladder;
  }

  /** Moves single layers and streams to slower rungs as long as the latency is kept to. */
  #smaller(start: Ladder, target: number): Ladder {
    let ladder = start;
    let cost = this.#cost(present(this.#design(ladder), 'a design that was looked at'));
    for (;;) {
      let best: { ladder: Ladder; cost: number } | null = null;
      for (const tried of this.#neighbours(ladder, 1)) {
        const found = this.#design(tried);
        if (found === null || found.latencyCycles > target) continue;
        const less = this.#cost(found);
        if (less < (best?.cost ?? cost)) best = { ladder: tried, cost: less };
      }
      if (best === null) return ladder;
      ({ ladder, cost } = best);
    }
  }

  /** Ladders with one layer or class on another rung, in a direction. */
  *#neighbours({ layers, classes }: Ladder, direction: 1 | -1): Generator<Ladder> {
    const last = this.#rungs.length - 1;
    const moved = (rungs: readonly number[], at: number, by: number): readonly number[] =>
      rungs.with(at, Math.min(last, Math.max(0, present(rungs[at], 'a rung') + direction * by)));
    for (const by of moves) {
      for (const at of layers.keys()) yield { layers: moved(layers, at, by), classes };
      for (const at of classes.keys()) yield { layers, classes: moved(classes, at, by) };
    }
  }

  /** The design of a ladder; null where it does not fit, or no more may be looked at. */
  #design(ladder: Ladder): LatencyDesign | null {
    const key = [...ladder.layers, '/', ...ladder.classes].join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#trials >= this.#measure.trials) return null;
    const design = this.#folded(ladder);
    this.#known.set(key, design);
    return design;
  }

  #folded(ladder: Ladder): LatencyDesign | null {
    const rungOf = (at: number | undefined): number => present(this.#rungs[at ?? -1], 'a rung');
    const { board, tokensPerSite } = this.#context.options;
    const widths = narrowestWidths(
      this.#graph,
      this.#foldings.streams,
      tokensPerSite,
      (streamClass) => rungOf(ladder.classes[this.#classes.indexOf(streamClass)]),
      board.maximumBeatBits / 8,
    );
    if (widths === null) return null;
    const layers: Folded[] = [];
    for (let index = this.#graph.layers.length - 1; index >= 0; index -= 1) {
      const found = this.#foldings.fold(index, rungOf(ladder.layers[index]), widths);
      if (found === null) return null;
      layers.unshift(found);
    }
    const [answer] = this.#foldings.streams.topology.answers;
    const choice: NetworkChoice = {
      copies: 1,
      layers: layers.map((layer) => layer.choice),
      answerWords: widths.of(present(answer, 'a network has an answer')),
    };
    return this.#measured(choice, Math.max(...layers.map((layer) => layer.interval)));
  }

  /** Different ladders often come to one design. */
  #measured(choice: NetworkChoice, interval: number): LatencyDesign | null {
    const key = JSON.stringify(choice);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const plan = this.#measure.planOf(choice, interval);
    const resources = this.#measure.resourcesOf(plan);
    const fits = fillOf(resources, this.#context.budget).share <= 1;
    let design: LatencyDesign | null = null;
    if (fits) {
      this.#trials += 1;
      const latencyCycles = this.#measure.latencyOf(plan);
      design = { choice, interval, plan, resources, latencyCycles };
    }
    this.#known.set(key, design);
    return design;
  }

  /** Mean of what is taken of the board, by resource, and of the scarcest one. */
  #cost({ resources }: LatencyDesign): number {
    const { budget } = this.#context;
    const shares = resourceKinds.map((kind) => resources[kind] / Math.max(1, budget[kind]));
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return mean + Math.max(...shares);
  }
}
