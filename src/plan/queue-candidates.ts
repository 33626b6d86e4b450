import { ceilDivide } from '../base/bits.ts';
import type { LayerChoice } from '../ir/plan.ts';
import type { QuantizedWindow } from '../ir/quantized.ts';
import type { FoldingProblem } from './candidates.ts';
import { groupMinimum, laneCounts, powersUpTo, shares, windowsPerGroup } from './candidates.ts';
import { maximumInsertWinners } from './lower-layer.ts';
import type { QueueEstimates } from './queue-estimates.ts';

/** Sets of a queue that are tried, besides all of them. */
const queueShares = [1, 2, 4];
/** Candidates with more multipliers than this multiple of the fewest are not worth lowering. */
const multiplierSlack = 1.4;
/** Of each number of sets a queue. */
const mostCandidates = 5;
/** Cycles of a window besides its steps and words. */
export const queueLatency = 6;

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
  for (const lanes of laneCounts(positions)) {
    for (const sets of shares(windowShape.channels)) {
      for (const drainWidth of powersUpTo(Math.min(sets, 64))) {
        const setsParallel = ceilDivide(sets, drainWidth) * drainWidth;
        const before = found.length;
        for (const share of [...queueShares, setsParallel]) {
          if (setsParallel % share !== 0 || (share === setsParallel && share <= 4)) continue;
          const folding = fold(problem, estimates, { lanes, setsParallel, share, drainWidth });
          if (folding !== null) found.push(folding);
        }
        // a wider drain costs more and is worth trying only where a narrow one is too slow
        if (found.length > before) break;
      }
    }
  }
  const fewest = found.reduce((least, { multipliers }) => Math.min(least, multipliers), Infinity);
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

interface QueueFolding {
  readonly lanes: number;
  readonly setsParallel: number;
  readonly share: number;
  readonly drainWidth: number;
}

/** One folding, null where it cannot keep to the interval. */
function fold(
  problem: FoldingProblem,
  estimates: QueueEstimates,
  { lanes, setsParallel, share, drainWidth }: QueueFolding,
): Found | null {
  const { layer, interval, denseInput, tokensPerSite } = problem;
  const { kernel, inputShape, windowShape, outputShape, kWinners } = layer.layer;
  const lanePositions = ceilDivide(kernel.height * kernel.width, lanes);
  const steps = lanePositions * (denseInput ? inputShape.channels : Math.max(1, tokensPerSite));
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
      channelLanes: false,
      blockWeights: false,
      drainWidth,
      readWidth,
      inputTokens: problem.inputTokens,
      tailTokens: problem.tailTokens,
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
