import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan, WindowPlan } from '../../ir/plan.ts';
import type { QuantizedMaxPool } from '../../ir/quantized.ts';
import {
  engineStarts,
  mergeParameters,
  rowsNeeded,
  storeParameters,
  windowParameters,
} from './engine-geometry.ts';
import type { LayerPlace } from './layer-context.ts';
import { wholeLanes } from './check-choice.ts';

export interface MaxPoolContext {
  readonly index: number;
  readonly layer: QuantizedMaxPool;
  readonly choice: LayerChoice;
  readonly input: StreamPlan;
  readonly output: StreamPlan;
  readonly place: LayerPlace;
}

function windowPlan({ layer }: QuantizedMaxPool): WindowPlan {
  const { inputShape, outputShape, kernel, stride, padding } = layer;
  const single = { height: 1, width: 1 };
  const output = { height: outputShape.height, width: outputShape.width };
  return {
    input: inputShape,
    kernel,
    dilation: single,
    stride,
    padTop: padding.top,
    padLeft: padding.left,
    pool: single,
    poolStride: single,
    output,
    windows: output,
  };
}

function checkChoice({ layer, choice, input }: MaxPoolContext): void {
  const { engines, lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const { kernel, outputShape } = layer.layer;
  const { name } = layer;
  const powers = [values, setsParallel, drainWidth, readWidth];
  invariant(
    powers.every((value) => 2 ** ceilLog2(value) === value),
    `${name}: powers of two`,
  );
  invariant(choice.core === 'max', `${name}: a ${choice.core} core`);
  invariant(drainWidth <= setsParallel && readWidth <= drainWidth, `${name}: drain width`);
  invariant(values <= setsParallel && values <= input.tokensPerBeat, `${name}: values a step`);
  invariant(input.kind === 'dense' || values === 1, `${name}: tokens come one a step`);
  invariant(input.kind === 'dense' || !input.valueSigned, `${name}: signed values come dense`);
  const positions = kernel.height * kernel.width;
  invariant(wholeLanes(positions, lanes) === lanes, `${name}: ${lanes} lanes, one empty`);
  invariant(engines <= outputShape.height * outputShape.width, `${name}: ${engines} engines`);
}

/**
 * All numbers of a max-pooling layer: engines whose lanes keep the largest value of every channel.
 * Channel c lies in bank c mod setsParallel.
 */
export function lowerMaxPool(context: MaxPoolContext): EngineLayerPlan {
  const { index, layer, choice, input, output, place } = context;
  checkChoice(context);
  const { engines, lanes, values, setsParallel, drainWidth, readWidth, tailTokens } = choice;
  const { channels } = input;
  const window = windowPlan(layer);
  const positions = window.kernel.height * window.kernel.width;
  const lanePositions = ceilDivide(positions, lanes);
  const steps = input.kind === 'dense' ? ceilDivide(channels, values) : channels;
  const fixedCount = input.kind === 'dense' ? steps : 0;
  const most = fixedCount === 0 ? input.maximumTokens : fixedCount;
  const countBits = Math.max(input.countBits, ceilLog2(most + 1));
  const sumDepth = ceilDivide(channels, setsParallel);
  const rowsInStore = rowsNeeded(window, engines);
  const store = storeParameters(window, input, { rowsInStore, ultraStore: choice.ultraStore });
  return {
    kind: 'max-pool',
    index,
    name: layer.name,
    origin: layer.layer.origin,
    ...place,
    choice,
    window,
    input,
    output,
    tail: { kind: 'nonzero', tokensPerBeat: tailTokens },
    outputChannels: channels,
    sets: setsParallel,
    folds: 1,
    depth: 1,
    setSize: sumDepth,
    packingEfficiency: 1,
    lanePositions,
    words: 1,
    turns: [],
    queueWords: [],
    windowWords: 0,
    sumDepth,
    sumBits: input.valueBits,
    drainBeats: (sumDepth * setsParallel) / drainWidth,
    rowsInStore,
    slots: Array.from({ length: sumDepth * setsParallel }, (_, slot) =>
      slot < channels ? slot : -1,
    ),
    starts: engineStarts(window, engines),
    multipliers: 0,
    weightBits: 0,
    coreLatency: 3,
    fillLatency: 3,
    drainLatency: 1 + ceilLog2(lanes),
    requantiseLatency: 0,
    parameters: mergeParameters(store, windowParameters(window, engines, rowsInStore), {
      Core: 2,
      CountBits: countBits,
      FixedCount: fixedCount,
      Lanes: lanes,
      LanePositions: lanePositions,
      PositionBits: ceilLog2(lanePositions + 1),
      Values: values,
      Words: 1,
      PositionStride: 0,
      WordStride: 0,
      Sets: setsParallel,
      BaseBits: countBits,
      BaseZeros: 0,
      SumBits: input.valueBits,
      LaneSumBits: input.valueBits,
      SumDepth: sumDepth,
      SumAddressBits: indexBits(sumDepth),
      DrainWidth: drainWidth,
      GroupBits: indexBits(setsParallel / drainWidth),
      ReadWidth: readWidth,
      OutChannels: channels,
      OutChannelBits: indexBits(channels),
      OutBits: input.valueBits,
      OutSigned: Number(input.valueSigned),
      Tail: 4,
      TailTokens: tailTokens,
      DenseWidth: output.kind === 'dense' ? output.tokensPerBeat : 0,
      OutTokens: output.tokensPerBeat,
      OutTokenBits: output.tokenBits,
      OutCountBits: output.countBits,
    }),
    files: {},
  };
}
