import { ceilDivide, nextPowerOfTwo } from '../../base/bits.ts';
import type { EngineLayerPlan, LayerChoice } from '../../ir/plan.ts';
import { inLockstep, powersUpTo } from '../search/candidates.ts';
import type { FoldingProblem } from '../search/candidates.ts';
import { layerRate } from '../search/layer-rate.ts';
import { insertsWinners } from '../lower/lower-tail.ts';
import { rowsOfStep, windowsOfStep } from './wired-graph.ts';

/**
 * Choices of a wired layer that finish an inference in the interval: vectors in fewer or more beats,
 * each with as many tails as it takes, or with one that takes whole beats where it can select winners.
 * None where the columns alone take longer.
 */
export function wiredCandidates(
  problem: Pick<
    FoldingProblem,
    'layer' | 'keepTies' | 'inputTokens' | 'tailTokens' | 'outputTokens' | 'interval'
  >,
  lower: (choice: LayerChoice) => EngineLayerPlan,
): readonly LayerChoice[] {
  const { layer, interval } = problem;
  const { inputShape, windowShape, outputShape } = layer.layer;
  const outputs = windowShape.channels;
  const sites = outputShape.height * outputShape.width;
  const inserts = insertsWinners(layer, problem.keepTies);
  const found: LayerChoice[] = [];
  const forms = windowsOfStep(layer).flatMap((windows) =>
    powersUpTo(outputs).flatMap((beats) => {
      const whole = nextPowerOfTwo(ceilDivide(outputs, beats));
      const widths = inserts ? [...new Set([1, whole])] : powersUpTo(16);
      return widths.map((readWidth) => ({ windows, beats, readWidth }));
    }),
  );
  for (const { windows, beats, readWidth } of forms) {
    if (beats * sites > interval) continue;
    const drainWidth = ceilDivide(ceilDivide(outputs, beats), readWidth) * readWidth;
    const one: LayerChoice = {
      core: 'wired',
      engines: 1,
      lanes: rowsOfStep(layer, windows),
      values: windows,
      setsParallel: drainWidth * ceilDivide(outputs, drainWidth),
      ...inLockstep,
      drainWidth,
      readWidth,
      inputTokens: Math.max(problem.inputTokens, nextPowerOfTwo(inputShape.channels)),
      tailTokens: problem.tailTokens,
    };
    const plan = lower(one);
    // a histogram of whole beats would be large, and has no use for them
    if (inserts && plan.tail.kind === 'histogram') continue;
    const rate = layerRate(plan, 1, problem.outputTokens);
    if (Math.max(rate.accumulate, rate.drain, rate.input) > interval) continue;
    const engines = ceilDivide(rate.tail, interval);
    if (engines > 1 && plan.tail.kind === 'select') continue;
    if (engines <= sites) found.push({ ...one, engines });
  }
  return found;
}
