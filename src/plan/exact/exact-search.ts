import type { LayerChoice } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import type { VariantName } from '../../ir/variant.ts';
import type { SearchContext } from '../search/search-context.ts';
import { inputPlan } from '../plan-network.ts';
import { portResources } from '../resources/plan-resources.ts';
import { add, fillOf, nothing } from '../resources/share.ts';
import { networkStreams } from '../streams/stream-classes.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';
import { beatsPerMap } from '../streams/streams.ts';
import { isChain } from './chain.ts';
import { ChainFoldings } from './chain-foldings.ts';
import type { LayerFront } from './chain-foldings.ts';
import type { Goal } from './goal.ts';
import type { Folding } from './layer-foldings.ts';
import { paretoFront } from './pareto-front.ts';
import type { Cost } from './pareto-front.ts';
import { WholeBounds } from './whole-bounds.ts';

/** Layers of a network that is looked at. */
const mostLayers = 6;
/** Queues that are packed in earnest may take a little less than they were estimated to. */
const estimated = 1.02;

/** A design by the layers of one copy. */
export interface Candidate extends Cost {
  readonly choices: readonly LayerChoice[];
  readonly answerWords: number;
  /** As many as fit beside what stands around them. */
  readonly copies: number;
  /** Cycles an inference that its ports take. */
  readonly portBeats: number;
  /** `Goal.score`. */
  readonly score: number;
}

/** Foldings of the first layers together. */
interface Combination extends Cost {
  readonly choices: readonly LayerChoice[];
}

/** Combinations between the input and the stream that leaves a layer. */
interface Reached {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly combinations: readonly Combination[];
}

/** Whether a network is of a kind whose foldings are looked at, unless there are too many. */
export function isSearched(graph: QuantizedGraph, variant: VariantName): boolean {
  return isShortChain(graph, networkStreams(graph, variant));
}

function isShortChain(graph: QuantizedGraph, streams: NetworkStreams): boolean {
  return graph.layers.length <= mostLayers && isChain(graph, streams);
}

/**
 * Designs that are better than what there is already, the best first: of all foldings of a small chain of
 * layers those that no other one beats. None where the network is no chain or not small.
 */
export function exactCandidates(
  graph: QuantizedGraph,
  context: SearchContext,
  goal: Goal,
): readonly Candidate[] {
  const streams = networkStreams(graph, context.variant);
  if (!isShortChain(graph, streams)) return [];
  const foldings = new ChainFoldings(graph, context, streams);
  if (!foldings.isSmall()) return [];
  const ports = new Ports(graph, context, foldings);
  const bounds = new WholeBounds(goal, ports.fewestBeats, graph.layers.length);
  const fronts = foldings.fronts(bounds);
  if (fronts === null) return [];
  const empty = { interval: 0, resources: nothing, choices: [] };
  let reached: readonly Reached[] = foldings.widths(-1).map((inputTokens) => {
    return { inputTokens, outputTokens: inputTokens, combinations: [empty] };
  });
  for (const [index, front] of fronts.entries()) {
    reached = withLayer(reached, front, bounds.shortest, bounds.promising(0, index));
  }
  return reached
    .flatMap((one) =>
      one.combinations.map((combination) => ports.candidate(one, combination, goal)),
    )
    .filter(({ copies, score }) => copies > 0 && goal.isBetter(score))
    .sort((left, right) => right.score - left.score || sizeOf(left) - sizeOf(right));

  function sizeOf({ copies, resources }: Candidate): number {
    return copies * fillOf(resources, context.budget).share;
  }
}

/** One more layer behind those that are reached. */
function withLayer(
  reached: readonly Reached[],
  fronts: readonly LayerFront[],
  shortest: number,
  isPromising: (cost: Cost) => boolean,
): readonly Reached[] {
  const ends = [...new Set(fronts.map(({ outputTokens }) => outputTokens))];
  const begins = [...new Set(reached.map(({ inputTokens }) => inputTokens))];
  return ends.flatMap((outputTokens) =>
    begins.map((inputTokens): Reached => {
      const found: Combination[] = [];
      for (const before of reached) {
        if (before.inputTokens !== inputTokens) continue;
        const front = fronts.find((one) => {
          return one.outputTokens === outputTokens && one.inputTokens === before.outputTokens;
        });
        for (const combination of before.combinations) {
          for (const folding of front?.foldings ?? []) {
            const both = joined(combination, folding);
            if (isPromising(both)) found.push(both);
          }
        }
      }
      return { inputTokens, outputTokens, combinations: paretoFront(found, shortest) };
    }),
  );
}

function joined(before: Combination, { interval, resources, choice }: Folding): Combination {
  return {
    interval: Math.max(before.interval, interval),
    resources: add(before.resources, resources),
    choices: [...before.choices, choice],
  };
}

/** What stands around the copies of a chain. */
class Ports {
  /** Fewest cycles an inference that they take at any width. */
  readonly fewestBeats: number;

  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #foldings: ChainFoldings;

  constructor(graph: QuantizedGraph, context: SearchContext, foldings: ChainFoldings) {
    this.#graph = graph;
    this.#context = context;
    this.#foldings = foldings;
    const fewest = (giver: number, beats: (width: number) => number): number =>
      Math.min(...foldings.widths(giver).map(beats));
    this.fewestBeats = Math.max(
      fewest(-1, (width) => this.#inputBeats(width)),
      fewest(graph.layers.length - 1, (width) => this.#answerBeats(width)),
    );
  }

  /** A combination with the copies that there is room for. */
  candidate(
    { inputTokens, outputTokens }: Pick<Reached, 'inputTokens' | 'outputTokens'>,
    combination: Combination,
    goal: Goal,
  ): Candidate {
    const { family } = this.#context.options.board;
    const portBeats = Math.max(this.#inputBeats(inputTokens), this.#answerBeats(outputTokens));
    const input = this.#input(inputTokens);
    let copies = goal.copies(combination, portBeats);
    const outputBits = 32 * outputTokens;
    const fits = (): boolean => {
      const ports = portResources({ copies, input, answers: 1, outputBits }, family);
      const { lut, ff, bram36, dsp, uram } = combination.resources;
      const layers = { lut: copies * lut, ff: copies * ff, dsp: copies * dsp };
      const whole = add({ ...layers, bram36: copies * bram36, uram: copies * uram }, ports);
      return fillOf(whole, this.#context.budget).share <= estimated;
    };
    while (copies > 0 && !fits()) copies -= 1;
    const score = goal.scoreOf(combination, copies, portBeats);
    return { ...combination, answerWords: outputTokens, copies, portBeats, score };
  }

  #input(width: number): ReturnType<typeof inputPlan> {
    const { maximumBeatBits } = this.#context.options.board;
    return inputPlan(this.#graph, this.#foldings.stream(-1, width), 1, maximumBeatBits, false);
  }

  #inputBeats(width: number): number {
    return this.#input(width).beatsPerInference;
  }

  #answerBeats(width: number): number {
    return beatsPerMap(this.#foldings.stream(this.#graph.layers.length - 1, width));
  }
}
