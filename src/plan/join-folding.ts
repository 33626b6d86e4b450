import { ceilDivide } from '../base/bits.ts';
import type { JoinChoice, JoinLayerPlan, StreamPlan } from '../ir/plan.ts';
import type { QuantizedAdd, QuantizedConcat } from '../ir/quantized.ts';
import { lowerAdd, lowerConcat } from './lower-join.ts';
import type { LayerPlace } from './lower-layer.ts';

/** A join and the streams around it. */
export interface JoinProblem {
  readonly index: number;
  readonly layer: QuantizedAdd | QuantizedConcat;
  readonly inputs: readonly StreamPlan[];
  readonly output: StreamPlan;
  readonly place: LayerPlace;
  /** Cycles an inference may take. */
  readonly interval: number;
}

/** Most sums an addition makes a cycle where no stream says how many. */
const widestAddition = 64;

/** The narrowest join that keeps to the interval; its streams are as wide as they are. */
export function foldJoin(problem: JoinProblem): {
  readonly plan: JoinLayerPlan;
  readonly choice: JoinChoice;
} {
  const { index, layer, inputs, output, place } = problem;
  const inputTokens = inputs.map(({ tokensPerBeat }) => tokensPerBeat);
  if (layer.kind === 'concat') {
    const choice: JoinChoice = { core: 'join', inputTokens, width: output.tokensPerBeat };
    return { plan: lowerConcat({ index, layer, choice, inputs, output, place }), choice };
  }
  const choice: JoinChoice = { core: 'join', inputTokens, width: additionWidth(problem) };
  return { plan: lowerAdd({ index, layer, choice, inputs, output, place }), choice };
}

/** That of the dense streams around it; else sums a cycle that keep to the interval. */
function additionWidth({ inputs, output, interval }: JoinProblem): number {
  const dense = [...inputs, output].find(({ kind }) => kind === 'dense');
  if (dense !== undefined) return dense.tokensPerBeat;
  const { channels, height, width } = output;
  let sums = 1;
  while (height * width * ceilDivide(channels, sums) > interval && sums < widestAddition) sums *= 2;
  return sums;
}

/**
 * Cycles an inference occupies a join in steady state. `tokens`: by input, then of the output, mean
 * tokens a site.
 */
export function joinInterval(layer: JoinLayerPlan, tokens: readonly number[]): number {
  const beats = [...layer.inputStreams, layer.output].map((stream, at) =>
    stream.kind === 'dense'
      ? stream.maximumBeats
      : Math.max(1, ceilDivide(tokens[at] ?? 1, stream.tokensPerBeat)),
  );
  const sums = layer.kind === 'add' ? ceilDivide(layer.outputChannels, layer.choice.width) : 1;
  return layer.output.height * layer.output.width * Math.max(...beats, sums);
}
