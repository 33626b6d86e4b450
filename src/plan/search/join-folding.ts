import { ceilDivide } from '../../base/bits.ts';
import type { JoinChoice, JoinLayerPlan, StreamPlan } from '../../ir/plan.ts';
import type { QuantizedAdd, QuantizedConcat, QuantizedWinners } from '../../ir/quantized.ts';
import { lowerAdd, lowerConcat } from '../lower/lower-join.ts';
import type { LayerPlace } from '../lower/layer-context.ts';
import { lowerWinners, winnersUnit, winnersWork } from '../lower/lower-winners.ts';

/** A join and the streams around it. */
export interface JoinProblem {
  readonly index: number;
  readonly layer: QuantizedAdd | QuantizedConcat | QuantizedWinners;
  readonly inputs: readonly StreamPlan[];
  readonly output: StreamPlan;
  readonly place: LayerPlace;
  /** Of the network. */
  readonly keepTies: boolean;
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
  const { index, layer, inputs, output, place, keepTies } = problem;
  const inputTokens = inputs.map(({ tokensPerBeat }) => tokensPerBeat);
  if (layer.kind === 'concat') {
    const choice: JoinChoice = { core: 'join', inputTokens, width: output.tokensPerBeat };
    return { plan: lowerConcat({ index, layer, choice, inputs, output, place }), choice };
  }
  if (layer.kind === 'winners') {
    const choice: JoinChoice = { core: 'join', inputTokens, width: inputTokens[0] ?? 1 };
    return {
      plan: lowerWinners({ index, layer, choice, inputs, output, keepTies, place }),
      choice,
    };
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
  const sites = layer.output.height * layer.output.width;
  const cycles = sites * Math.max(...beats, sums);
  return layer.kind === 'winners'
    ? Math.max(cycles, winnersWork(winnersUnit(layer), sites * (beats[0] ?? 1)))
    : cycles;
}
