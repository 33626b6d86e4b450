import { ceilDivide, nextPowerOfTwo } from '../../base/bits.ts';
import type { Packing } from '../../ir/packing.ts';
import type { LayerChoice } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { wholeLanes } from '../lower/check-choice.ts';
import { mayScaleSlowly } from '../lower/drain-cycles.ts';
import { insertsWinners } from '../lower/lower-tail.ts';
import { streamedWeights } from '../streams/weight-stream.ts';
import type { WeightStreamContext } from '../streams/weight-stream.ts';

/** What is chosen of a layer without queues; memories of blocks are no UltraRAM yet. */
export const inLockstep = {
  queues: 0,
  channelLanes: false,
  blockWeights: false,
  ultraWeights: false,
  ultraStore: false,
} as const;

/** The layer to fold and what its neighbours and the target fix. */
export interface FoldingProblem {
  readonly layer: QuantizedWindow;
  readonly packing: Packing;
  /** k-WTA keeps every value equal to the k-th. */
  readonly keepTies: boolean;
  readonly core: LayerChoice['core'];
  /** Weights come in this stream (dense core); null where the device holds them. */
  readonly weightStream: WeightStreamContext | null;
  /** Small forms: LUTs are no memory; with multipliers or without. */
  readonly smallForms: { readonly multipliers: boolean } | null;
  readonly denseInput: boolean;
  /** Tokens (values) a beat of the input stream; the dense core may want more. */
  readonly inputTokens: number;
  readonly tailTokens: number;
  /**
   * Mean of max(1, tokens) of an output site where the tail makes a dense stream of them, as many
   * a beat as that takes; 0: `tailTokens` it is.
   */
  readonly outputTokens: number;
  /** Mean of max(1, tokens) over input sites; not used where the input is dense. */
  readonly tokensPerSite: number;
  /** Cycles an inference may take. */
  readonly interval: number;
}

/** Multipliers of one engine: what accumulates, and for how long. */
interface Core {
  readonly lanes: number;
  readonly values: number;
  /** Sets in parallel, before padding to the drain width. */
  readonly share: number;
  readonly folds: number;
  /** Cycles of all windows of a group. */
  readonly accumulateCycles: number;
}

/** Fewest cycles between two groups of an engine. */
export const groupMinimum = 5;
/** Candidates with more multipliers than this multiple of the fewest are not worth lowering. */
const multiplierSlack = 2;
const mostCandidates = 40;

export function powersUpTo(limit: number): readonly number[] {
  const powers: number[] = [];
  for (let power = 1; power <= limit; power *= 2) powers.push(power);
  return powers;
}

/** Distinct values of ceil(total / folds), largest first. */
export function shares(total: number): readonly number[] {
  const found = new Set<number>();
  for (let folds = 1; folds <= total; folds += 1) found.add(ceilDivide(total, folds));
  return [...found].sort((left, right) => right - left);
}

/** Lane counts without an empty lane. */
export function laneCounts(positions: number): readonly number[] {
  const counts = new Set<number>();
  for (let lanes = 1; lanes <= positions; lanes += 1) counts.add(wholeLanes(positions, lanes));
  return [...counts];
}

export function windowsPerGroup(layer: QuantizedWindow): number {
  const { pooling } = layer.layer;
  return pooling === null ? 1 : pooling.kernel.height * pooling.kernel.width;
}

/** Every (lanes, values, folds) whose windows alone keep to the interval. */
function* cores(problem: FoldingProblem): Generator<Core> {
  const { layer, packing, interval } = problem;
  const { kernel, inputShape } = layer.layer;
  const positions = kernel.height * kernel.width;
  const dense = problem.core === 'dense';
  const widest = dense ? Math.min(64, nextPowerOfTwo(inputShape.channels)) : 1;
  const sharesOfSets = shares(packing.sets.length);
  for (const values of powersUpTo(widest)) {
    const steps =
      dense || problem.denseInput
        ? ceilDivide(inputShape.channels, values)
        : Math.max(1, problem.tokensPerSite);
    for (const lanes of laneCounts(positions)) {
      for (const share of sharesOfSets) {
        const folds = ceilDivide(packing.sets.length, share);
        const stepsPerWindow = ceilDivide(positions, lanes) * steps * folds * packing.depth;
        const { weightStream } = problem;
        const wordBits = share * lanes * values * layer.weightBits;
        const windowCycles =
          weightStream === null
            ? stepsPerWindow
            : streamedWeights(stepsPerWindow, wordBits, weightStream).periodCycles;
        const accumulateCycles = windowsPerGroup(layer) * windowCycles;
        if (accumulateCycles > interval) {
          // fewer words of more beats can be faster again
          if (weightStream === null) break;
          continue;
        }
        yield { lanes, values, share, folds, accumulateCycles };
      }
    }
  }
}

/** Tokens a beat of the tail, for so many sites of an engine. */
export function tailTokensOf(problem: FoldingProblem, sites: number): number {
  let { tailTokens } = problem;
  while (sites * Math.ceil(problem.outputTokens / tailTokens) > problem.interval) tailTokens *= 2;
  return tailTokens;
}

/** The narrowest drain and read-out that do not slow a core down, and wider ones up to that. */
function* foldings(problem: FoldingProblem, core: Core): Generator<LayerChoice> {
  const { layer, packing, interval } = problem;
  const { outputShape } = layer.layer;
  const groups = outputShape.height * outputShape.width;
  const insert = insertsWinners(layer, problem.keepTies);
  for (const drainWidth of powersUpTo(core.share * 2 - 1)) {
    const setsParallel = ceilDivide(core.share, drainWidth) * drainWidth;
    const slots = core.folds * packing.setSize * setsParallel;
    const drainCycles = windowsPerGroup(layer) * (slots / drainWidth);
    if (drainCycles > interval) continue;
    for (const readWidth of insert ? [1] : powersUpTo(drainWidth)) {
      const tailCycles = slots / readWidth + 2;
      const groupCycles = Math.max(groupMinimum, core.accumulateCycles, drainCycles, tailCycles);
      const engines = Math.ceil((groups * groupCycles) / interval);
      if (engines > groups) continue;
      yield {
        core: problem.core,
        engines,
        lanes: core.lanes,
        values: core.values,
        setsParallel,
        ...inLockstep,
        ...(problem.weightStream === null ? {} : { streamWeights: true as const }),
        drainWidth,
        readWidth,
        inputTokens: Math.max(problem.inputTokens, core.values),
        tailTokens: tailTokensOf(problem, Math.ceil(groups / engines)),
      };
      if (tailCycles <= Math.max(core.accumulateCycles, drainCycles)) break;
    }
    if (drainCycles <= core.accumulateCycles) break;
  }
}

/** Words that leave so much more of their beats empty than others waste the bandwidth all copies share. */
const worthwhileShare = 0.95;

/** Share of the beats of streamed words that weights fill; 1 where nobody asks. */
function beatShare({ layer, weightStream }: FoldingProblem, core: Core): number {
  if (weightStream === null || !weightStream.fullBeats) return 1;
  const { beatBits } = weightStream;
  const wordBits = core.share * core.lanes * core.values * layer.weightBits;
  return wordBits / (ceilDivide(wordBits, beatBits) * beatBits);
}

const multipliersOf = ({ engines, lanes, values, setsParallel }: LayerChoice): number =>
  engines * lanes * values * setsParallel;

/** Multipliers that no folding with this core goes below. */
function leastMultipliers({ layer, interval }: FoldingProblem, core: Core): number {
  const { height, width } = layer.layer.outputShape;
  const groupCycles = Math.max(groupMinimum, core.accumulateCycles);
  const engines = Math.ceil((height * width * groupCycles) / interval);
  return engines * core.lanes * core.values * core.share;
}

/** Multipliers of the smallest folding with any of the cores; those that promise most come first. */
function fewestMultipliers(problem: FoldingProblem, all: readonly Core[]): number {
  const bounds = all.map((core) => ({ core, least: leastMultipliers(problem, core) }));
  bounds.sort((left, right) => left.least - right.least);
  let fewest = Infinity;
  for (const { core, least } of bounds) {
    if (least >= fewest) break;
    for (const choice of foldings(problem, core)) fewest = Math.min(fewest, multipliersOf(choice));
  }
  return fewest;
}

/** Cycles of a scale other than 1: of a quarter of the rows, and of one. */
const slowScales = [4, 16] as const;

/** A folding with its sums in block memory and in registers, its scales in one cycle and in several. */
function inSmallForms(
  { layer, smallForms }: FoldingProblem,
  choice: LayerChoice,
): readonly LayerChoice[] {
  const multipliers = smallForms?.multipliers === true;
  const products = choice.core === 'dense' || multipliers ? {} : ({ multiplyRows: true } as const);
  return (['block', 'registers'] as const).flatMap((oneBank) => {
    const small = { ...choice, oneBank, ...products };
    const slow = mayScaleSlowly(layer, small) ? slowScales : [];
    return [small, ...slow.map((scaleCycles) => ({ ...small, scaleCycles }))];
  });
}

/**
 * Foldings of a layer that finish an inference in the interval by simple bounds, each with the
 * fewest engines that do: those with few multipliers, few engines first among equals.
 */
export function candidates(problem: FoldingProblem): readonly LayerChoice[] {
  const found: { readonly choice: LayerChoice; readonly multipliers: number }[] = [];
  const possible = [...cores(problem)];
  const fullest = Math.max(...possible.map((core) => beatShare(problem, core)));
  const all = possible.filter((core) => beatShare(problem, core) >= worthwhileShare * fullest);
  const limit = fewestMultipliers(problem, all) * multiplierSlack;
  for (const core of all) {
    if (leastMultipliers(problem, core) > limit) continue;
    for (const choice of foldings(problem, core)) {
      const multipliers = multipliersOf(choice);
      if (multipliers <= limit) found.push({ choice, multipliers });
    }
  }
  found.sort(
    (left, right) =>
      left.multipliers - right.multipliers || left.choice.engines - right.choice.engines,
  );
  const { smallForms } = problem;
  if (smallForms !== null) {
    return found
      .slice(0, mostCandidates / 2)
      .flatMap(({ choice }) => inSmallForms(problem, choice));
  }
  return found.slice(0, mostCandidates).map(({ choice }) => choice);
}
