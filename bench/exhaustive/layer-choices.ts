import { ceilDivide, nextPowerOfTwo } from '../../src/base/bits.ts';
import type { Packing } from '../../src/ir/packing.ts';
import type { LayerChoice, StreamPlan } from '../../src/ir/plan.ts';
import type { QuantizedWindow } from '../../src/ir/quantized.ts';
import { inLockstep, laneCounts, powersUpTo, shares } from '../../src/plan/search/candidates.ts';
import { sharesChannels } from '../../src/plan/lower/check-choice.ts';
import { feedsWired, rowsOfStep } from '../../src/plan/wired/wired-graph.ts';

/** A layer and the streams around it. */
export interface LayerProblem {
  readonly layer: QuantizedWindow;
  readonly core: 'dense' | 'sparse';
  readonly packing: Packing;
  /** Whether it can have queues. */
  readonly queues: boolean;
  /** Windows of a step where its weights can be wired; none where they cannot. */
  readonly wiredWindows: readonly number[];
  readonly input: StreamPlan;
  readonly output: StreamPlan;
}

/** How sums leave the engines of a layer. */
type Drain = Pick<LayerChoice, 'engines' | 'drainWidth' | 'readWidth' | 'tailTokens'>;

/**
 * Every folding of a layer that there is hardware for, whatever a planner thinks of it. Left out is only
 * what is larger than another one and in nothing faster: read-outs and drains that are no power of two,
 * sets that are all padding.
 */
export function* layerChoices(problem: LayerProblem): Generator<LayerChoice> {
  yield* lockstepChoices(problem);
  if (problem.queues) yield* queueChoices(problem);
  yield* wiredChoices(problem);
}

function sitesOf({ layer }: LayerProblem): number {
  const { height, width } = layer.layer.outputShape;
  return height * width;
}

/** Tokens a beat of the tail: those of the stream, any number where a dense stream is made of them. */
function tailWidths({ output }: LayerProblem): readonly number[] {
  return output.kind === 'dense'
    ? powersUpTo(nextPowerOfTwo(output.channels))
    : [output.tokensPerBeat];
}

/** All numbers of engines, read widths and tails for a drain. */
function* drains(problem: LayerProblem, drainWidth: number): Generator<Drain> {
  for (const readWidth of powersUpTo(2 * drainWidth - 1)) {
    for (const tailTokens of tailWidths(problem)) {
      for (let engines = 1; engines <= sitesOf(problem); engines += 1) {
        yield { engines, drainWidth, readWidth, tailTokens };
      }
    }
  }
}

/** Sets in parallel for so many sets that are not padding, by drain width. */
function* paddedSets(sets: number): Generator<{ drainWidth: number; setsParallel: number }> {
  for (const drainWidth of powersUpTo(2 * sets - 1)) {
    yield { drainWidth, setsParallel: ceilDivide(sets, drainWidth) * drainWidth };
  }
}

function* lockstepChoices(problem: LayerProblem): Generator<LayerChoice> {
  const { layer, core, packing, input } = problem;
  const { kernel, inputShape } = layer.layer;
  const inputTokens = input.tokensPerBeat;
  const widest =
    core === 'dense' ? Math.min(64, inputTokens, nextPowerOfTwo(inputShape.channels)) : 1;
  for (const values of powersUpTo(widest)) {
    for (const lanes of laneCounts(kernel.height * kernel.width)) {
      for (const share of shares(packing.sets.length)) {
        for (const { drainWidth, setsParallel } of paddedSets(share)) {
          for (const drain of drains(problem, drainWidth)) {
            yield { core, lanes, values, setsParallel, ...inLockstep, inputTokens, ...drain };
          }
        }
      }
    }
  }
}

/** Kernel positions or channels, dealt to lanes. */
function laneSplits({
  layer,
  input,
}: LayerProblem): readonly { lanes: number; channelLanes: boolean }[] {
  const { kernel, inputShape } = layer.layer;
  const byPosition = laneCounts(kernel.height * kernel.width);
  const byChannel =
    sharesChannels(layer) && input.sitesPerBeat === 1
      ? powersUpTo(Math.min(16, inputShape.channels)).filter((lanes) => lanes >= 2)
      : [];
  return [
    ...byPosition.map((lanes) => ({ lanes, channelLanes: false })),
    ...byChannel.map((lanes) => ({ lanes, channelLanes: true })),
  ];
}

function* queueChoices(problem: LayerProblem): Generator<LayerChoice> {
  const { layer, input } = problem;
  const inputTokens = input.tokensPerBeat;
  for (const split of laneSplits(problem)) {
    for (const sets of shares(layer.layer.windowShape.channels)) {
      for (const { drainWidth, setsParallel } of paddedSets(sets)) {
        for (let queues = 1; queues <= setsParallel; queues += 1) {
          if (setsParallel % queues !== 0) continue;
          for (const drain of drains(problem, drainWidth)) {
            const choice: LayerChoice = {
              core: 'sparse',
              values: 1,
              setsParallel,
              ...inLockstep,
              queues,
              ...split,
              inputTokens,
              ...drain,
            };
            yield choice;
            yield { ...choice, blockWeights: true };
          }
        }
      }
    }
  }
}

function* wiredChoices(problem: LayerProblem): Generator<LayerChoice> {
  const { layer, wiredWindows, input } = problem;
  if (!feedsWired(input)) return;
  const outputs = layer.layer.windowShape.channels;
  for (const windows of wiredWindows) {
    for (const readWidth of powersUpTo(nextPowerOfTwo(outputs))) {
      for (let parts = 1; parts <= ceilDivide(outputs, readWidth); parts += 1) {
        const drainWidth = parts * readWidth;
        for (const tailTokens of tailWidths(problem)) {
          for (let engines = 1; engines <= sitesOf(problem); engines += 1) {
            yield {
              core: 'wired',
              engines,
              lanes: rowsOfStep(layer, windows),
              values: windows,
              setsParallel: drainWidth * ceilDivide(outputs, drainWidth),
              ...inLockstep,
              drainWidth,
              readWidth,
              inputTokens: input.tokensPerBeat,
              tailTokens,
            };
          }
        }
      }
    }
  }
}
