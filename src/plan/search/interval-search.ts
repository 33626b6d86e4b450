import { ceilDivide } from '../../base/bits.ts';
import { fail } from '../../base/diagnostics.ts';
import { present } from '../../base/invariant.ts';
import { resourceKinds } from '../../ir/board.ts';
import type { Resources } from '../../ir/board.ts';
import type { InputPlan, StreamPlan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import { smallFormsOf } from './cheapest-foldings.ts';
import { narrowestWidths, usualAnswerWords } from './class-widths.ts';
import { inputPlan } from '../plan-network.ts';
import type { NetworkChoice } from '../plan-network.ts';
import { portResources } from '../resources/plan-resources.ts';
import { sharesOf, fillOf, nothing, add } from '../resources/share.ts';
import { copiesOnDies } from './copies-on-dies.ts';
import { CheapestFoldings } from './cheapest-foldings.ts';
import type { Folded } from './cheapest-foldings.ts';
import type { SearchContext } from './search-context.ts';
import { beatsPerMap } from '../streams/streams.ts';
import { exchangeMemories } from './ultra-memories.ts';

/** Intervals beyond this multiple of the best one found so far are not tried. */
const hopelessFactor = 16;
/** Searches with other prices, and how far from the best interval they look. */
const pricedRounds = 4;
const nearFactor = 2.5;
/** A copy of fewer LUTs than this is small: what leads its answers out counts beside its layers. */
const smallCopyLuts = 5000;
/** Words a beat of the answers that are tried of small copies besides the usual number. */
const fewerAnswerWords = [2, 1];
/** Shortest target, and where targets begin to lie a few per cent apart. */
const shortestTarget = 4;
const firstStep = 24;
const usualStep = 1.09;
/** And of a first look. */
const firstQuickTarget = 16;
const quickStep = 1.25;
/** Where nothing fits: a larger design than the smallest is taken for its speed, up to this. */
const hardlyLarger = 1.05;
/** Designs beyond this multiple of the smallest end the search for it. */
const hopelesslyLarger = 1.3;

/** What goes in and comes out. */
interface SolutionPorts {
  readonly input: StreamPlan;
  readonly answerWords: number;
  readonly answerBeats: number;
}

export interface Solution extends SolutionPorts {
  /** As each was folded; `choice` also says where memories have moved. */
  readonly layers: readonly Folded[];
  readonly choice: NetworkChoice['layers'];
  readonly resources: Resources;
  readonly interval: number;
}

interface Found {
  readonly solution: Solution;
  readonly copies: number;
  /** Inferences a cycle. */
  readonly throughput: number;
}

/** Tries target intervals and keeps the cheapest folding of every layer for each. */
export class IntervalSearch {
  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #foldings: CheapestFoldings;

  constructor(graph: QuantizedGraph, context: SearchContext) {
    this.#graph = graph;
    this.#context = context;
    this.#foldings = new CheapestFoldings(graph, context);
  }

  /**
   * The best that is found when all resources cost their share of the board, and then a few times more
   * with what the solution before left over made cheaper.
   */
  best(): { readonly solution: Solution; readonly copies: number; readonly fits: boolean } {
    let best = this.#bestOf(this.#targets());
    if (best === null) return { solution: this.#smallest(), copies: 1, fits: false };
    if (this.#context.options.isQuick === true) return { ...best, fits: true };
    const words = this.#wordsTried(best);
    const near = (shift: number, { solution: { interval } }: Found): readonly number[] =>
      this.#targets()
        .map((target) => Math.ceil(target * shift))
        .filter((target) => target > interval / nearFactor && target < interval * nearFactor);
    best = this.#bestOf(near(1, best), words.slice(1), best) ?? best;
    let last = best;
    // without queues there is little to exchange one resource for another with
    const rounds = this.#context.queued.some((one) => one !== null) ? pricedRounds : 0;
    for (let round = 0; round < rounds; round += 1) {
      this.#price(last);
      // the targets of each round lie between those of the others
      const shift = usualStep ** ((round + 1) / (pricedRounds + 1));
      const found = this.#bestOf(near(shift, best), words);
      if (found === null) break;
      last = found;
      if (this.#better(last, best)) best = last;
    }
    return { ...this.#settled(best), fits: true };
  }

  /**
   * As many inferences a cycle from what there is plenty of, in place of what is scarce: layers are folded once more for the
   * interval, priced by what the copies leave over, and change one by one where that costs less. A design for a
   * target is the smallest and stays.
   */
  #settled(best: Found): Found {
    if (this.#context.options.targetThroughput !== undefined) return best;
    const { copies } = best;
    this.#price(best);
    const other = this.#solve(best.solution.interval, Infinity, best.solution.answerWords);
    if (other === null) return best;
    let { solution } = best;
    for (const [index, folded] of other.layers.entries()) {
      if (!hasEqualStreams(folded, present(solution.layers[index], 'a layer'))) continue;
      const changed = this.#assembled(solution.layers.with(index, folded), solution);
      const isCheaper =
        this.#foldings.cost(changed.resources) < this.#foldings.cost(solution.resources);
      if (isCheaper && this.#copies(changed, copies) === copies) solution = changed;
    }
    return { copies, solution, throughput: copies / solution.interval };
  }

  /** Fewest words a beat of the answers, the usual number first. */
  #wordsTried({ solution }: Found): readonly number[] {
    const usual = this.#usualWords();
    return solution.resources.lut < smallCopyLuts && usual === usualAnswerWords
      ? [usual, ...fewerAnswerWords]
      : [usual];
  }

  /** Words a beat of the answers, one where every buffer is a block memory or registers. */
  #usualWords(): number {
    return smallFormsOf(this.#context.options.board) === null ? usualAnswerWords : 1;
  }

  /** Of the foldings that are hardly larger than the smallest there is, the fastest. */
  #smallest(): Solution {
    const slowestTarget = present(this.#targets().at(-1), 'targets');
    const slowest = this.#solve(slowestTarget);
    if (slowest === null && this.#context.options.units !== undefined) {
      fail('plan/no-such-unit', 'the units of these layers do not fit the streams between them', {
        place: [...this.#context.options.units.keys()].join(', '),
        remedy: 'leave the choice to the planner, or take other units',
      });
    }
    let fastest = present(slowest, 'some folding exists at a large interval');
    let least = fillOf(fastest.resources, this.#context.budget).share;
    const { interval } = fastest;
    for (const target of this.#targets().toReversed()) {
      if (target > interval) continue;
      const solution = this.#solve(target, least * hopelesslyLarger);
      if (solution === null) break;
      const { share } = fillOf(solution.resources, this.#context.budget);
      least = Math.min(least, share);
      if (share <= least * hardlyLarger) fastest = solution;
    }
    return fastest;
  }

  /** Resources become dearer or cheaper by how much of them a solution takes. */
  #price({ solution, copies }: Found): void {
    this.#foldings.price(
      (kind) => (copies * solution.resources[kind]) / Math.max(1, this.#context.budget[kind]),
    );
  }

  /** `before` where nothing is better; null where that is nothing and no target fits. */
  #bestOf(
    targets: readonly number[],
    words: readonly number[] = [this.#usualWords()],
    before: Found | null = null,
  ): Found | null {
    let best = before;
    for (const answerWords of words) best = this.#bestWith(targets, answerWords, best);
    return best;
  }

  #bestWith(targets: readonly number[], answerWords: number, before: Found | null): Found | null {
    const { targetThroughput, clockMHz, mostCopies = Infinity } = this.#context.options;
    let best = before;
    for (const target of targets) {
      // much slower copies than the best ones so far have never paid for their fixed costs
      if (best !== null && target > hopelessFactor * best.solution.interval) break;
      const solution = this.#solve(target, 1, answerWords);
      if (solution === null || fillOf(solution.resources, this.#context.budget).share > 1) continue;
      const wanted =
        targetThroughput === undefined
          ? Infinity
          : Math.ceil((targetThroughput * solution.interval) / (clockMHz * 1e6));
      const copies = this.#copies(solution, Math.min(wanted, mostCopies));
      if (copies === 0) continue;
      const throughput = copies / solution.interval;
      if (this.#better({ solution, copies, throughput }, best)) {
        best = { solution, copies, throughput };
      }
    }
    return best;
  }

  #better(found: Found, best: Found | null): boolean {
    if (best === null) return true;
    const { targetThroughput, clockMHz } = this.#context.options;
    const target = (targetThroughput ?? Infinity) / (clockMHz * 1e6);
    const reached = found.throughput >= target;
    if (reached !== best.throughput >= target) return reached;
    if (reached) {
      const { budget, options } = this.#context;
      // block memories are all taken whatever the folding where they are few: then what else it takes counts
      const weight = smallFormsOf(options.board) === null ? 0 : 0.1;
      const cost = ({ copies, solution: { resources } }: Found): number =>
        copies * (fillOf(resources, budget).share + weight * sharesOf(resources, budget));
      return cost(found) < cost(best);
    }
    // a few per cent more throughput are not worth a slower copy
    return found.throughput > best.throughput * 1.02;
  }

  /** Short intervals first: every one of a few cycles, then geometric steps. */
  #targets(): readonly number[] {
    const targets: number[] = [];
    const { isQuick = false } = this.#context.options;
    const step = isQuick ? quickStep : usualStep;
    if (!isQuick)
      for (let target = shortestTarget; target < firstStep; target += 1) targets.push(target);
    const first = isQuick ? firstQuickTarget : firstStep;
    for (let target = first; target < 2e8; target = Math.ceil(target * step)) targets.push(target);
    return targets;
  }

  /**
   * Copies that fit beside what they share, each on one die where it can be; at most `wanted`, not more
   * than the ports feed.
   */
  #copies(solution: Solution, wanted: number): number {
    const { input } = solution;
    const { board } = this.#context.options;
    const { dies, maximumBeatBits } = board;
    const { topology } = this.#foldings.streams;
    const plan = inputPlan(
      this.#graph,
      input,
      topology.readersOf(-1).length,
      maximumBeatBits,
      smallFormsOf(board) !== null,
    );
    const inputBeats = ceilDivide(beatsPerMap(input), plan.partsPerBeat);
    const fed = Math.ceil(solution.interval / Math.max(inputBeats, solution.answerBeats));
    const small = solution.resources.lut < smallCopyLuts;
    const shared = small ? nothing : this.#shared();
    const whole = copiesOnDies(solution.resources, this.#context.budget, dies);
    let copies = Math.min(wanted, fed, whole, 256);
    for (const kind of resourceKinds) {
      if (solution.resources[kind] === 0) continue;
      const left = this.#context.budget[kind] - shared[kind];
      copies = Math.min(copies, Math.floor(left / solution.resources[kind]));
    }
    if (!small) return Math.max(0, copies);
    // what stands around a small copy is no small part of it
    while (copies > 0 && !this.#fitsWithPorts(solution, copies, plan)) copies -= 1;
    return Math.max(0, copies);
  }

  #fitsWithPorts(solution: Solution, copies: number, input: InputPlan): boolean {
    const { family } = this.#context.options.board;
    const answers = this.#foldings.streams.topology.answers.length;
    const outputBits = 32 * solution.answerWords;
    const ports = portResources({ copies, input, answers, outputBits }, family);
    return resourceKinds.every((kind) => {
      return copies * solution.resources[kind] + ports[kind] <= this.#context.budget[kind];
    });
  }

  /** Input slice, distributor and merge, roughly; the plan is checked in full afterwards. */
  #shared(): Resources {
    const bits = this.#context.options.board.maximumBeatBits;
    return { lut: 3 * bits, ff: 4 * bits, bram36: 0, uram: 0, dsp: 0 };
  }

  /**
   * The cheapest folding of every layer for an interval; null where a layer cannot reach it or all
   * take more than `limit` of the budget.
   */
  #solve(target: number, limit = Infinity, answerWords = this.#usualWords()): Solution | null {
    const layers: Folded[] = [];
    const { board, tokensPerSite } = this.#context.options;
    const widths = narrowestWidths(
      this.#graph,
      this.#foldings.streams,
      tokensPerSite,
      () => target,
      board.maximumBeatBits / 8,
      answerWords,
    );
    if (widths === null) return null;
    // from the last layer to the first: a dense core may widen its input edge, which is the
    // output of the layer before
    let resources: Resources = nothing;
    for (let index = this.#graph.layers.length - 1; index >= 0; index -= 1) {
      const found = this.#foldings.fold(index, target, widths);
      if (found === null) return null;
      layers.unshift(found);
      resources = add(resources, found.resources);
      if (this.#takesMore(layers, resources, limit)) return null;
    }
    const answers = this.#foldings.streams.topology.answers;
    const output = (layer: number): StreamPlan => this.#foldings.output(layer, widths);
    return this.#assembled(layers, {
      input: this.#foldings.streams.stream(-1, widths.of(-1)),
      answerWords: widths.of(present(answers[0], 'a network has an answer')),
      answerBeats: answers.reduce((sum, layer) => sum + beatsPerMap(output(layer)), 0),
    });
  }

  /** Layers as they are folded, each memory where there is room for it. */
  #assembled(layers: readonly Folded[], ports: SolutionPorts): Solution {
    const { input, answerWords, answerBeats } = ports;
    const all = layers.reduce((sum, { resources }) => add(sum, resources), nothing);
    const { choices, resources } = exchangeMemories(layers, all, this.#context.budget);
    const interval = Math.max(0, ...layers.map((layer) => layer.interval));
    return { layers, choice: choices, resources, interval, input, answerWords, answerBeats };
  }

  /** Whether layers need more than a share of the budget, wherever their memories are. */
  #takesMore(layers: readonly Folded[], resources: Resources, limit: number): boolean {
    const { budget } = this.#context;
    // an exchange never fills a board more, so most need not be tried
    if (fillOf(resources, budget).share <= limit) return false;
    return fillOf(exchangeMemories(layers, resources, budget).resources, budget).share > limit;
  }
}

/** Whether a layer takes and gives the same beats with either folding. */
function hasEqualStreams({ choice: one }: Folded, { choice: other }: Folded): boolean {
  if (one.core === 'join' || other.core === 'join') return false;
  return one.inputTokens === other.inputTokens && one.tailTokens === other.tailTokens;
}
