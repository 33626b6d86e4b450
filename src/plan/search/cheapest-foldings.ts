import { present } from '../../base/invariant.ts';
import { resourceKinds } from '../../ir/board.ts';
import type { Board, ResourceKind, Resources } from '../../ir/board.ts';
import { hasEngines } from '../../ir/plan.ts';
import type {
  EngineLayerPlan,
  JoinChoice,
  LayerChoice,
  LayerPlan,
  StreamPlan,
} from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph, QuantizedMaxPool } from '../../ir/quantized.ts';
import { candidates } from './candidates.ts';
import type { FoldingProblem } from './candidates.ts';
import { ChoiceLowering } from './choice-lowering.ts';
import type { ClassWidths } from './class-widths.ts';
import { foldJoin, joinInterval } from './join-folding.ts';
import { layerRate } from './layer-rate.ts';
import type { LayerPlace } from '../lower/layer-context.ts';
import { lowerMaxPool } from '../lower/lower-max-pool.ts';
import { maxPoolCandidates } from './max-pool-folding.ts';
import { coreOf, packingAt } from '../lower/packing-of-layer.ts';
import { queueCandidates } from './queue-candidates.ts';
import { familyFacts } from '../resources/family-facts.ts';
import { stageResources, unitResources } from '../resources/plan-resources.ts';
import { networkStreams } from '../streams/stream-classes.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';
import { logitStream } from '../streams/streams.ts';
import type { FoldingNumbers, SearchContext } from './search-context.ts';
import type { UnitKind } from '../planner-options.ts';
import { ultraExchanges } from './ultra-memories.ts';
import { wiredCandidates } from '../wired/wired-candidates.ts';

/** Of a resource of which there is plenty. */
const leastPrice = 0.02;

export interface Folded extends FoldingNumbers {
  readonly choice: LayerChoice | JoinChoice;
}

/** The streams of a layer and its place, while it is folded. */
interface Neighbours {
  readonly output: StreamPlan;
  readonly place: LayerPlace;
}

/** Finds the cheapest folding of single layers; what is dear can be changed. */
export class CheapestFoldings {
  readonly streams: NetworkStreams;

  readonly #graph: QuantizedGraph;
  readonly #context: SearchContext;
  readonly #lowering: ChoiceLowering;
  /** What a share of the board costs, by resource. */
  readonly #prices: Record<ResourceKind, number> = { lut: 1, ff: 1, bram36: 1, uram: 1, dsp: 1 };

  constructor(graph: QuantizedGraph, context: SearchContext) {
    this.#graph = graph;
    this.#context = context;
    this.streams = networkStreams(graph, context.variant);
    this.#lowering = new ChoiceLowering(graph, this.streams, context);
  }

  /** Resources become dearer or cheaper by the share of the budget that is used of them. */
  price(share: (kind: ResourceKind) => number): void {
    const scarcest = Math.max(...resourceKinds.map(share));
    for (const kind of resourceKinds) {
      this.#prices[kind] = Math.max(leastPrice, (this.#prices[kind] * share(kind)) / scarcest);
    }
  }

  /** For an interval; null where the layer cannot reach it. A dense core may widen its input. */
  fold(index: number, target: number, widths: ClassWidths): Folded | null {
    const layer = present(this.#graph.layers[index], 'layer');
    const place = this.#lowering.placeOf(index);
    const { inputs } = place;
    const output = this.output(index, widths);
    if (layer.kind === 'add' || layer.kind === 'concat' || layer.kind === 'winners') {
      const streams = inputs.map(({ from }) => this.streams.stream(from, widths.of(from)));
      const { keepTies } = this.#graph;
      const around = { index, layer, inputs: streams, output, place, keepTies };
      const { plan, choice } = foldJoin({ ...around, interval: target });
      return { choice, ...this.#measure(plan) };
    }
    return layer.kind === 'max-pool'
      ? this.#cheapestPool(layer, index, target, widths, { output, place })
      : this.#cheapest(index, target, widths, { output, place });
  }

  /** The stream that leaves a layer. */
  output(index: number, widths: ClassWidths): StreamPlan {
    const layer = present(this.#graph.layers[index], 'layer');
    return layer.outputFormat === null
      ? logitStream(layer.layer.outputShape, widths.of(index))
      : this.streams.stream(index, widths.of(index));
  }

  #cheapestPool(
    layer: QuantizedMaxPool,
    index: number,
    target: number,
    widths: ClassWidths,
    { output, place }: Neighbours,
  ): Folded | null {
    const { from } = present(place.inputs[0], 'a layer has an input');
    const tokensPerSite = this.#context.options.tokensPerSite[from + 1] ?? 1;
    const input = this.streams.stream(from, widths.of(from));
    const problem = {
      layer,
      denseInput: this.streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.tokensPerBeat,
      tokensPerSite,
      interval: target,
    };
    return this.#cheapestOf(maxPoolCandidates(problem), target, (choice) => {
      return this.#numbers(index, output, choice, () =>
        lowerMaxPool({ index, layer, choice, input, output, place }),
      );
    });
  }

  /** The cheapest of the choices that keep to the interval. */
  #cheapestOf(
    choices: readonly LayerChoice[],
    target: number,
    numbersOf: (choice: LayerChoice) => FoldingNumbers,
  ): (Folded & { readonly choice: LayerChoice }) | null {
    let best: (FoldingNumbers & { choice: LayerChoice; cost: number }) | null = null;
    for (const choice of choices) {
      const numbers = numbersOf(choice);
      if (numbers.interval > target) continue;
      const cost = this.#costWithExchanges(numbers);
      if (best === null || cost < best.cost) best = { choice, ...numbers, cost };
    }
    return best;
  }

  /** The numbers of a choice, lowered only once. */
  #numbers(
    index: number,
    output: StreamPlan,
    choice: LayerChoice,
    lower: () => EngineLayerPlan,
  ): FoldingNumbers {
    const key = [index, output.tokensPerBeat, ...Object.values(choice)].join(' ');
    const known = this.#context.numbers.get(key);
    if (known !== undefined) return known;
    const numbers = this.#measure(lower());
    this.#context.numbers.set(key, numbers);
    return numbers;
  }

  #measure(layer: LayerPlan): FoldingNumbers {
    const { tokensPerSite, board } = this.#context.options;
    const tokens = [...layer.inputs.map(({ from }) => from), layer.index].map(
      (giver) => tokensPerSite[giver + 1] ?? 1,
    );
    const interval = hasEngines(layer)
      ? layerRate(layer, present(tokens[0], 'tokens of an input'), tokens.at(-1)).interval
      : joinInterval(layer, tokens);
    const unit = unitResources(layer, board.family);
    const exchanges =
      hasEngines(layer) && board.resources.uram > 0
        ? ultraExchanges(layer, board.family, unit)
        : [];
    return { interval, resources: stageResources(layer, board.family, unit), exchanges };
  }

  /** Each memory where it is cheaper; which one it will be is known when all layers are. */
  #costWithExchanges({ resources, exchanges }: FoldingNumbers): number {
    return exchanges.reduce(
      (cost, { change }) => cost + Math.min(0, this.cost(change)),
      this.cost(resources),
    );
  }

  #cheapest(
    index: number,
    target: number,
    widths: ClassWidths,
    { output, place }: Neighbours,
  ): Folded | null {
    const layer = windowOf(present(this.#graph.layers[index], 'layer'));
    const packing = packingAt(this.#context.packings, index);
    const { from } = present(place.inputs[0], 'a layer has an input');
    const mayWiden = this.#mayWiden(from);
    const tokensPerSite = this.#context.options.tokensPerSite[from + 1] ?? 1;
    const weightStream = this.#context.streamed[index] ?? null;
    const problem = {
      layer,
      packing,
      weightStream,
      keepTies: this.#graph.keepTies,
      core: coreOf(layer, this.#context.variant),
      smallForms: smallFormsOf(this.#context.options.board),
      denseInput: this.streams.isDense(from),
      inputTokens: widths.of(from),
      tailTokens: output.kind === 'dense' ? 1 : output.tokensPerBeat,
      outputTokens:
        output.kind === 'dense' ? (this.#context.options.tokensPerSite[index + 1] ?? 1) : 0,
      tokensPerSite,
      interval: target,
    };
    const unit = this.#context.options.units?.get(layer.name) ?? null;
    const small = problem.smallForms !== null;
    const queued = small ? null : (this.#context.queued[index] ?? null);
    const graphs = small ? null : (this.#context.wired[index] ?? null);
    const lower = (choice: LayerChoice): EngineLayerPlan =>
      this.#lowering.lower(index, choice, output);
    const choices = [
      ...candidates(problem),
      ...(queued === null ? [] : queueCandidates(problem, queued.estimates)),
      ...(graphs === null ? [] : wiredCandidates(problem, lower)),
    ];
    const best = this.#cheapestOf(
      choices.filter(
        (choice) =>
          (choice.inputTokens <= widths.of(from) || mayWiden) &&
          (unit === null || unitOf(choice) === unit),
      ),
      target,
      (choice) => this.#numbers(index, output, choice, () => lower(choice)),
    );
    if (best !== null && mayWiden) widths.widen(from, best.choice.inputTokens);
    return best;
  }

  /** Whether a stream has one reader and its width is its own affair. */
  #mayWiden(giver: number): boolean {
    const { topology } = this.streams;
    const alike = this.#graph.layers.filter((_, index) => {
      return this.streams.classOf(index) === this.streams.classOf(giver);
    });
    return topology.readersOf(giver).length === 1 && alike.length === (giver === -1 ? 0 : 1);
  }

  /** Sum of the shares of the board: a design is limited by one of them, but which depends. */
  cost(resources: Resources): number {
    let cost = 0;
    for (const kind of resourceKinds) {
      if (resources[kind] === 0) continue;
      cost += (this.#prices[kind] * resources[kind]) / Math.max(1, this.#context.budget[kind]);
    }
    return cost;
  }
}

function unitOf({ core, queues }: LayerChoice): UnitKind {
  if (core === 'wired') return 'wired';
  return queues > 0 ? 'queues' : 'lockstep';
}

/** What the family of a board asks for where its LUTs are no memory; else null. */
export function smallFormsOf({ family }: Pick<Board, 'family'>): FoldingProblem['smallForms'] {
  const { distributed, multipliers } = familyFacts(family);
  return distributed === null ? { multipliers: multipliers.length > 0 } : null;
}
