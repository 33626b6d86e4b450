import { ceilDivide } from '../../base/bits.ts';
import type { LayerChoice } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import type { FoldingProblem } from './candidates.ts';
import {
  groupMinimum,
  laneCounts,
  powersUpTo,
  shares,
  windowsPerGroup,
  tailTokensOf,
} from './candidates.ts';
import { sharesChannels } from '../lower/check-choice.ts';
import { maximumInsertWinners } from '../lower/lower-tail.ts';
import type { QueueEstimates } from './queue-estimates.ts';

/** Sets of a queue that are tried, besides all of them. */
const queueShares = [1, 2, 4];
/** Candidates with more multipliers than this multiple of the fewest are not worth lowering. */
const multiplierSlack = 1.4;
/** Of each number of sets a queue. */
const mostCandidates = 5;
/** Cycles of a window besides its steps and words. */
export const queueLatency = 6;

/**
 * Steps of the slowest of lanes that share the channels of a site: of a beat, the tokens of its own, or
 * one where there are none. Dense beats have as many for every lane.
 */
export function shareSteps(
  input: { readonly kind: string; readonly channels: number; readonly tokensPerBeat: number },
  lanes: number,
  tokensPerSite: number,
): number {
  const { tokensPerBeat } = input;
  const dense = input.kind === 'dense';
  const tokens = dense ? input.channels : Math.max(1, tokensPerSite);
  const beats = Math.ceil(tokens / tokensPerBeat);
  const each = Math.min(tokensPerBeat, tokens) / lanes;
  if (dense) return beats * Math.max(1, Math.ceil(each));
  const slowest = slowestShare * Math.sqrt(tokens / lanes);
  return beats * (each + Math.exp(-each)) + slowest;
}

/** Standard deviations of a lane's tokens by which the slowest of a few lanes is late. */
const slowestShare = 1.5;

interface Found {
  readonly choice: LayerChoice;
  readonly multipliers: number;
  readonly share: number;
}

/**
 * Foldings with queues that finish an inference in the interval by estimates: each with the fewest
 * engines that do, a few of those with the fewest multipliers for each number of sets a queue.
 */
export function queueCandidates(
  problem: FoldingProblem,
  estimates: QueueEstimates,
): readonly LayerChoice[] {
  const { layer } = problem;
  const { kernel, windowShape } = layer.layer;
  const positions = kernel.height * kernel.width;
  const found: Found[] = [];
  const splits = [
    ...laneCounts(positions).map((lanes) => ({ lanes, channelLanes: false })),
    ...sharedLanes(problem).map((lanes) => ({ lanes, channelLanes: true })),
  ];
  let fewest = Infinity;
  for (const { lanes, channelLanes } of splits) {
    for (const sets of shares(windowShape.channels)) {
      if (lanes * sets > multiplierSlack * fewest) continue;
      for (const drainWidth of powersUpTo(Math.min(sets, 64))) {
        const setsParallel = ceilDivide(sets, drainWidth) * drainWidth;
        const before = found.length;
        for (const share of [...queueShares, setsParallel]) {
          if (setsParallel % share !== 0 || (share === setsParallel && share <= 4)) continue;
          const split = { lanes, channelLanes, setsParallel, share, drainWidth };
          const folding = fold(problem, estimates, split);
          if (folding === null) continue;
          found.push(folding);
          fewest = Math.min(fewest, folding.multipliers);
        }
        // a wider drain costs more and is worth trying only where a narrow one is too slow
        if (found.length > before) break;
      }
    }
  }
  const kept = new Map<number, number>();
  return found
    .filter(({ multipliers }) => multipliers <= multiplierSlack * fewest)
    .sort(
      (one, two) => one.multipliers - two.multipliers || one.choice.engines - two.choice.engines,
    )
    .filter(({ share, choice }) => {
      const kind = share === choice.setsParallel ? 0 : share;
      const count = (kept.get(kind) ?? 0) + 1;
      kept.set(kind, count);
      return count <= mostCandidates;
    })
    .flatMap(({ choice }) => [choice, { ...choice, blockWeights: true }]);
}

/** Numbers of lanes that may share the channels, a few channels each, in beats of one site. */
function sharedLanes({ layer, denseInput, inputTokens }: FoldingProblem): readonly number[] {
  const { channels } = layer.layer.inputShape;
  if (!sharesChannels(layer)) return [];
  return [2, 4, 8, 16].filter((lanes) => {
    const beat = Math.max(inputTokens, sharedBeat(lanes, denseInput));
    return channels >= 4 * lanes && (!denseInput || beat <= channels);
  });
}

/** Tokens a beat that keep lanes busy which share the channels. */
function sharedBeat(lanes: number, denseInput: boolean): number {
  return denseInput ? lanes : 2 * lanes;
}

interface QueueFolding {
  readonly lanes: number;
  readonly channelLanes: boolean;
  readonly setsParallel: number;
  readonly share: number;
  readonly drainWidth: number;
}

/** One folding, null where it cannot keep to the interval. */
function fold(
  problem: FoldingProblem,
  estimates: QueueEstimates,
  { lanes, channelLanes, setsParallel, share, drainWidth }: QueueFolding,
): Found | null {
  const { layer, interval, denseInput, tokensPerSite } = problem;
  const { kernel, inputShape, windowShape, outputShape, kWinners } = layer.layer;
  const inputTokens = channelLanes
    ? Math.max(problem.inputTokens, sharedBeat(lanes, denseInput))
    : problem.inputTokens;
  const stream = {
    kind: denseInput ? 'dense' : 'tokens',
    channels: inputShape.channels,
    tokensPerBeat: inputTokens,
  };
  const lanePositions = ceilDivide(kernel.height * kernel.width, lanes);
  const steps = channelLanes
    ? shareSteps(stream, lanes, tokensPerSite)
    : lanePositions * (denseInput ? inputShape.channels : Math.max(1, tokensPerSite));
  const read = estimates.windowWords({ sets: setsParallel, share, lanes });
  const windows = windowsPerGroup(layer);
  const accumulate = windows * (Math.max(steps, read) + queueLatency);
  const slots = ceilDivide(windowShape.channels, setsParallel) * setsParallel;
  const drain = windows * (slots / drainWidth + 1);
  const readWidth = narrowestRead(layer, kWinners?.k ?? null, {
    drainWidth,
    slots,
    cycles: Math.max(accumulate, drain),
    interval,
  });
  const cycles = Math.max(groupMinimum, accumulate, drain, slots / readWidth + 2);
  const groups = outputShape.height * outputShape.width;
  const engines = Math.ceil((groups * cycles) / interval);
  if (engines > groups) return null;
  return {
    share,
    multipliers: engines * lanes * setsParallel,
    choice: {
      core: 'sparse',
      engines,
      lanes,
      values: 1,
      setsParallel,
      queues: setsParallel / share,
      channelLanes,
      blockWeights: false,
      ultraWeights: false,
      ultraStore: false,
      drainWidth,
      readWidth,
      inputTokens,
      tailTokens: tailTokensOf(problem, Math.ceil(groups / engines)),
    },
  };
}

/** The narrowest read-out that does not slow the group down, as far as the drain is wide. */
function narrowestRead(
  layer: QuantizedWindow,
  winners: number | null,
  group: {
    readonly drainWidth: number;
    readonly slots: number;
    readonly cycles: number;
    readonly interval: number;
  },
): number {
  if (winners !== null && winners <= maximumInsertWinners) return 1;
  const widths = powersUpTo(group.drainWidth);
  const groups = layer.layer.outputShape.height * layer.layer.outputShape.width;
  // with a single group nothing is gained below the interval
  const enough = Math.max(group.cycles, groups === 1 ? group.interval : 0);
  return widths.find((width) => group.slots / width + 2 <= enough) ?? group.drainWidth;
}
