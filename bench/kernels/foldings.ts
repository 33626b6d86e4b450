import { ceilDivide } from '../../src/base/bits.ts';
import { present } from '../../src/base/invariant.ts';
import type { Board, Resources } from '../../src/ir/board.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { candidates } from '../../src/plan/search/candidates.ts';
import type { FoldingProblem } from '../../src/plan/search/candidates.ts';
import { layerRate } from '../../src/plan/search/layer-rate.ts';
import { lowerLayer } from '../../src/plan/lower/lower-layer.ts';
import { coreOf, packStructure } from '../../src/plan/lower/packing-of-layer.ts';
import { queueCandidates } from '../../src/plan/search/queue-candidates.ts';
import { queuePackings } from '../../src/plan/search/queue-packings.ts';
import type { QueuePackings } from '../../src/plan/search/queue-packings.ts';
import { stageResources } from '../../src/plan/resources/plan-resources.ts';
import { networkStreams } from '../../src/plan/streams/stream-classes.ts';
import type { NetworkStreams } from '../../src/plan/streams/stream-classes.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { kernelIndex } from './kernel-graph.ts';

/** A folding of a kernel with its numbers by the planner's bounds. */
export interface Folding {
  readonly choice: LayerChoice;
  /** Tokens (values) a beat of the stream that leaves. */
  readonly outputTokens: number;
  readonly multipliers: number;
  readonly resources: Resources;
  /** Cycles between two inferences. */
  readonly bound: number;
}

/** Widest beat between layers. */
const widestBeat = 64;

/** The foldings of a kernel in a variant that the planner looks at. */
export class KernelFoldings {
  readonly #kernel: KernelGraph;
  readonly #variant: VariantName;
  readonly #board: Board;
  readonly #streams: NetworkStreams;
  readonly #packing: Packing;
  readonly #queued: QueuePackings | null;

  /** `packing`: of the sparse variants. */
  constructor(kernel: KernelGraph, variant: VariantName, board: Board, packing: Packing) {
    this.#kernel = kernel;
    this.#variant = variant;
    this.#board = board;
    this.#streams = networkStreams(kernel.graph, variant);
    this.#packing = variant === 'dense' ? packStructure(kernel.layer) : packing;
    const { tokensIn, tokensOut, graph } = kernel;
    const packings = graph.layers.map((_, index) => (index === kernelIndex ? this.#packing : null));
    this.#queued =
      queuePackings(graph, packings, variant, {
        tokensPerSite: [1, tokensIn, tokensOut, 1],
      })[kernelIndex] ?? null;
  }

  /**
   * Those that finish an inference in so many cycles by the planner's bounds, of not more multipliers
   * than `most`.
   */
  for(interval: number, most = Infinity): readonly Folding[] {
    const { layer, tokensIn, tokensOut } = this.#kernel;
    const before = kernelIndex - 1;
    const dense = this.#streams.isDense(kernelIndex);
    const outputTokens = this.#width(kernelIndex, tokensOut, interval);
    const problem: FoldingProblem = {
      layer,
      packing: this.#packing,
      keepTies: false,
      core: coreOf(layer, this.#variant),
      smallForms: null,
      denseInput: this.#streams.isDense(before),
      inputTokens: this.#width(before, tokensIn, interval),
      tailTokens: dense ? 1 : outputTokens,
      outputTokens: dense ? Math.max(1, tokensOut) : 0,
      tokensPerSite: Math.max(1, tokensIn),
      weightStream: null,
      interval,
    };
    const choices = [
      ...candidates(problem),
      ...(this.#queued === null ? [] : queueCandidates(problem, this.#queued.estimates)),
    ];
    return choices.flatMap((choice): readonly Folding[] => {
      const { engines, lanes, values, setsParallel } = choice;
      const few = engines * lanes * values * setsParallel <= most;
      if (!few || choice.inputTokens > widestBeat) return [];
      const plan = this.#lower(choice, outputTokens);
      const rate = layerRate(plan, Math.max(1, tokensIn), Math.max(1, tokensOut));
      const { multipliers } = plan;
      const resources = stageResources(plan, this.#board.family);
      const bound = Math.max(rate.interval, this.#beats(plan.output, tokensOut));
      return bound > interval ? [] : [{ choice, outputTokens, multipliers, resources, bound }];
    });
  }

  /** The packing that goes with a folding. */
  packing(choice: LayerChoice): Packing {
    return choice.queues > 0 ? present(this.#queued, 'queues').final(choice) : this.#packing;
  }

  #lower(choice: LayerChoice, outputTokens: number): EngineLayerPlan {
    const packing =
      choice.queues > 0 ? present(this.#queued, 'queues').estimates.packing(choice) : this.#packing;
    return lowerLayer({
      index: kernelIndex,
      layer: this.#kernel.layer,
      packing,
      choice,
      input: this.#streams.stream(kernelIndex - 1, choice.inputTokens),
      output: this.#streams.stream(kernelIndex, outputTokens),
    });
  }

  /** The narrowest beat with which a stream keeps to the interval, or the widest there is. */
  #width(giver: number, tokens: number, interval: number): number {
    let width = 1;
    const widest = Math.min(widestBeat, this.#streams.widest(this.#streams.classOf(giver)));
    while (
      2 * width <= widest &&
      this.#beats(this.#streams.stream(giver, width), tokens) > interval
    ) {
      width *= 2;
    }
    return width;
  }

  #beats(stream: StreamPlan, tokens: number): number {
    const perSite =
      stream.kind === 'dense'
        ? stream.maximumBeats
        : Math.max(1, ceilDivide(Math.ceil(tokens), stream.tokensPerBeat));
    return stream.height * ceilDivide(stream.width, stream.sitesPerBeat) * perSite;
  }
}
