import { invariant, present } from '../../base/invariant.ts';
import type { Plan } from '../../ir/plan.ts';
import { CopyTimeline } from './copy-timeline.ts';
import type { LayerFlow } from './layer-timeline.ts';
import { InputPort, OutputPort } from './ports.ts';
import { WeightTimeline } from './weight-timeline.ts';
import { workOfCopy, type Workload } from './workload.ts';

/** What the engines of a layer do in all copies together, in cycles summed over engines. */
export interface LayerPrediction {
  readonly name: string;
  /** A lane takes a step. */
  readonly busy: number;
  /** A window is loaded and no lane can step: its input is not there. */
  readonly starved: number;
  /** No window, because two of them wait to be drained. */
  readonly blocked: number;
  /** Per inference: its first beat is taken into the stores. */
  readonly firstCycles: Float64Array;
  /** Per inference: its last beat leaves the engines. */
  readonly lastCycles: Float64Array;
}

/** The timing of a run; cycle 0 is the one in which the first input beat is taken. */
export interface Prediction {
  /** Per inference: the cycle in which its first input beat is taken. */
  readonly starts: Float64Array;
  /** Per inference: the cycle in which its last output beat is given. */
  readonly completions: Float64Array;
  readonly layers: readonly LayerPrediction[];
  /** Of the weight stream; not there without one. */
  readonly weights?: WeightsPrediction;
}

export interface WeightsPrediction {
  /** Beats of the words that were given. */
  readonly beats: number;
  /** Of a period, the word that is given next. */
  readonly nextWord: number;
}

export interface CycleModelOptions {
  /** The first cycle out of reset: 0 where input waits at the end of reset, else negative. */
  readonly resetCycle?: number;
  /** Of a period of the weight stream, the word that is given first; 0 unless given. */
  readonly firstWord?: number;
}

/** A reset so long ago that nothing of it is left when the input comes. */
export const longAgo = -1_000_000;

/**
 * The timing of a design to the cycle, input always offered and output always taken: the times
 * of all transfers, windows and drains are maxima over times before them, as the templates'
 * headers state them.
 */
export function predictCycles(
  plan: Plan,
  workload: Workload,
  options: CycleModelOptions = {},
): Prediction {
  const { inferences } = workload;
  const resetCycle = options.resetCycle ?? 0;
  const output = new OutputPort(plan, inferences);
  const { weightStream } = plan;
  const weights =
    weightStream === undefined
      ? null
      : new WeightTimeline(weightStream, resetCycle, options.firstWord);
  const copies = Array.from({ length: plan.copies }, (_, copy) => {
    const work = workOfCopy(workload, copy, plan.copies);
    return new CopyTimeline(plan, work, output.sink(copy), resetCycle, weights);
  });
  const input = new InputPort(
    plan,
    inferences,
    copies.map((copy) => copy.input),
  );
  let moved = true;
  while (moved) {
    moved = input.advance();
    for (const copy of copies) if (copy.advance()) moved = true;
    if (!moved && weights !== null) moved = weights.settle();
  }
  // nothing moves any more: what has not left by now never will
  invariant(
    output.completed === inferences,
    `the design hangs: ${output.completed} of ${inferences} inferences leave`,
  );
  return {
    starts: input.starts,
    completions: output.completions,
    ...(weights === null
      ? {}
      : { weights: { beats: weights.beatsGiven, nextWord: weights.nextWord } }),
    layers: plan.layers.map((layer, index) =>
      layerPrediction(
        layer.name,
        copies.flatMap((copy) => copy.layers[index] ?? []),
        inferences,
      ),
    ),
  };
}

/**
 * Latency of every inference alone, in a design that has been idle for long: cycles from its
 * first input beat taken to its last output beat given. `firstWord`: where the weight stream stands.
 */
export function predictIsolated(plan: Plan, workload: Workload, firstWord = 0): Float64Array {
  const oneCopy: Plan = { ...plan, copies: 1 };
  // the weight stream stands where the inference before left it
  let nextWord = firstWord;
  return Float64Array.from({ length: workload.inferences }, (_, inference) => {
    const only = (layers: Workload['outputTokens']): Workload['outputTokens'] =>
      layers.map((layer) => layer.slice(inference, inference + 1));
    const { outputTokens, groupTokens, outputChannels } = workload;
    const alone = {
      inferences: 1,
      outputTokens: only(outputTokens),
      groupTokens: only(groupTokens),
      outputChannels: only(outputChannels),
    };
    const options = { resetCycle: longAgo, firstWord: nextWord };
    const { completions, weights } = predictCycles(oneCopy, alone, options);
    nextWord = weights?.nextWord ?? 0;
    return present(completions[0], 'an inference completes');
  });
}

function layerPrediction(
  name: string,
  copies: readonly LayerFlow[],
  inferences: number,
): LayerPrediction {
  const engines = copies.flatMap((copy) => copy.engines);
  const sum = (of: 'busy' | 'starved' | 'blocked'): number =>
    engines.reduce((total, engine) => total + engine.activity[of], 0);
  const spread = (of: (copy: LayerFlow) => Float64Array): Float64Array =>
    Float64Array.from({ length: inferences }, (_, inference) => {
      const copy = copies[inference % copies.length];
      return copy === undefined ? NaN : (of(copy)[Math.floor(inference / copies.length)] ?? NaN);
    });
  return {
    name,
    busy: sum('busy'),
    starved: sum('starved'),
    blocked: sum('blocked'),
    firstCycles: spread((copy) => copy.firstTaken),
    lastCycles: spread((copy) => copy.lastGiven),
  };
}
