import { ceilDivide, ceilLog2, indexBits, trailingZeros } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan, WindowPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { checkChoice } from './check-choice.ts';
import {
  engineStarts,
  mergeParameters,
  rowsNeeded,
  storeParameters,
  windowParameters,
} from './engine-geometry.ts';
import type { Parameters } from './engine-geometry.ts';
import { laneSumBits, positionSums } from './lane-sums.ts';
import { alone } from './layer-context.ts';
import type { LayerContext } from './layer-context.ts';
import { tailOf, tailParameters } from './lower-tail.ts';
import { fileNameParameters, memoryFiles } from '../memories/memory-files.ts';
import { blockKind } from '../memories/memory-kinds.ts';
import { inBlockMemory, queueDepths, queueParameters } from './queue-parameters.ts';
import { readParts } from './read-beats.ts';
import { siteRing } from './site-ring.ts';
import { streamedWeights } from '../streams/weight-stream.ts';

/** The windows of a layer in its map. */
export function mapWindow({ layer }: QuantizedWindow): WindowPlan {
  const { inputShape, windowShape, outputShape, pooling, padding } = layer;
  const { kernel, dilation, stride } = layer;
  const single = { height: 1, width: 1 };
  return {
    input: inputShape,
    kernel,
    dilation,
    stride,
    padTop: padding.top,
    padLeft: padding.left,
    pool: pooling?.kernel ?? single,
    poolStride: pooling?.stride ?? single,
    output: { height: outputShape.height, width: outputShape.width },
    windows: { height: windowShape.height, width: windowShape.width },
  };
}

/** The windows of a layer: its structure as the engines see it. */
export function windowPlan(
  layer: QuantizedWindow,
  input: StreamPlan,
  choice: Pick<LayerChoice, 'engines'>,
): WindowPlan {
  const { padding } = layer.layer;
  const window = mapWindow(layer);
  const pads = padding.top + padding.left + padding.bottom + padding.right;
  return pads === 0 ? siteRing(window, input, choice) : window;
}

/** Drain slot -> output channel, in the order drain_pool empties the sums. */
export function drainSlots(packing: Packing, setsParallel: number): readonly number[] {
  const { sets, setSize } = packing;
  const folds = ceilDivide(sets.length, setsParallel);
  const slots: number[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    for (let kid = 0; kid < setSize; kid += 1) {
      for (let parallel = 0; parallel < setsParallel; parallel += 1) {
        slots.push(sets[fold * setsParallel + parallel]?.channels[kid] ?? -1);
      }
    }
  }
  return slots;
}

interface CoreNumbers {
  readonly dense: boolean;
  readonly lanePositions: number;
  readonly words: number;
  readonly sumDepth: number;
}

/** Bits of the wider operand of a multiplier block, in the family where it is narrowest. */
const multiplierBits = 25;
/** Products of fewer bits are made of look-up tables, which two would not share. */
const smallestProduct = 9;

/** Whether one multiplier block makes the products of two weights with the same value. */
function sharesMultiplier(weightBits: number, input: StreamPlan): boolean {
  const operandBits = input.valueBits + (input.valueSigned ? 0 : 1);
  return (
    weightBits + operandBits >= smallestProduct &&
    2 * weightBits + input.valueBits <= multiplierBits
  );
}

/**
 * Bits of the sums of a lane. They are as wide as all sums where other weights may be loaded, or lanes
 * share the positions; a dense core has no sums of lanes.
 */
function bitsOfLanes(
  { layer, choice, positionSums: known }: LayerContext,
  { lanePositions, dense }: CoreNumbers,
  { sumBits, productBits }: { readonly sumBits: number; readonly productBits: number },
): number {
  if (dense || choice.lanes === 1 || choice.channelLanes || layer.room !== undefined)
    return sumBits;
  const bits = laneSumBits(known ?? positionSums(layer), lanePositions);
  return Math.min(sumBits, Math.max(productBits, bits));
}

/** Maxima of fewer bits are cheaper in registers. */
const leastBlockMaxima = 128;

/** Parameters of the forms for devices without memory in LUTs; none elsewhere. */
function smallForms({ layer, choice }: LayerContext, sumDepth: number): Parameters {
  const { oneBank, multiplyRows, scaleCycles = 1 } = choice;
  if (oneBank === undefined) return {};
  const pooled = poolsThrough(layer, choice);
  const maximaBits = sumDepth * choice.setsParallel * layer.accumulatorBits;
  return {
    OneBank: oneBank === 'block' ? 1 : 2,
    Through: Number(pooled),
    BlockPool: Number(pooled && maximaBits >= leastBlockMaxima),
    MultiplyRows: Number(choice.core === 'sparse' && multiplyRows === true),
    ScaleRows: 1,
    ScaleCycles: scaleCycles,
  };
}

/** Whether maxima leave with the last window of their group. */
function poolsThrough({ layer: { pooling } }: QuantizedWindow, choice: LayerChoice): boolean {
  if (choice.oneBank === undefined || pooling === null) return false;
  const { height, width } = pooling.kernel;
  return height * width > 1 && readParts(choice) === 1;
}

/** Parameters of the lanes and multipliers, accumulators and drain. */
function coreParameters(context: LayerContext, numbers: CoreNumbers): Parameters {
  const { layer, choice, input } = context;
  const { lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const { lanePositions, words, sumDepth, dense } = numbers;
  const steps = dense ? ceilDivide(input.channels, values) : input.channels;
  const fixedCount = input.kind === 'dense' ? steps : 0;
  const count = fixedCount === 0 ? input.maximumTokens : fixedCount;
  const countBits = Math.max(input.countBits, ceilLog2(count + 1));
  // lanes that share the channels number their own
  const own = choice.channelLanes ? ceilDivide(input.channels, lanes) : steps;
  const weightWords = words * lanePositions * own;
  // a weight address is also wide enough for every token number
  const baseBits = Math.max(
    1,
    countBits - (choice.channelLanes ? ceilLog2(lanes) : 0),
    ceilLog2(weightWords),
  );
  const weightDepth = Math.max(2 ** (baseBits - 1) + 1, weightWords);
  const weightWidth = dense
    ? setsParallel * lanes * values * layer.weightBits
    : setsParallel * (indexBits(sumDepth) + layer.weightBits);
  const queued = queueDepths(context, lanePositions);
  const productBits = layer.weightBits + input.valueBits;
  const treeBits = productBits + (dense ? ceilLog2(lanes * values) : 0);
  const sumBits = Math.max(layer.room?.sumBits ?? layer.accumulatorBits, treeBits);
  const steering: Parameters = {
    Core: Number(dense),
    CountBits: countBits,
    FixedCount: fixedCount,
    Lanes: lanes,
    LanePositions: lanePositions,
  };
  const sharing: Parameters = choice.channelLanes
    ? {
        LaneBits: ceilLog2(lanes),
        OwnerRowBits: Math.max(1, ceilLog2(own)),
        InChannels: input.channels,
      }
    : {};
  const arithmetic: Parameters = {
    PositionBits: ceilLog2(lanePositions + 1),
    Values: values,
    Words: words,
    PositionStride: steps,
    WordStride: lanePositions * steps,
    Sets: setsParallel,
    PairWeights: Number(
      !dense &&
        choice.queues === 0 &&
        choice.oneBank === undefined &&
        sharesMultiplier(layer.weightBits, input),
    ),
    WeightBits: layer.weightBits,
    BaseBits: baseBits,
    // an only position has no base
    BaseZeros: words * lanePositions === 1 ? baseBits : trailingZeros(steps),
    WeightDepth: weightDepth,
    BlockWeights: choice.streamWeights
      ? 0
      : blockKind(
          inBlockMemory(weightWidth, weightDepth, choice.oneBank !== undefined),
          choice.ultraWeights,
        ),
    ...(choice.streamWeights ? { StreamWeights: 1, StreamBits: weightWidth } : {}),
    SumBits: sumBits,
    LaneSumBits: bitsOfLanes(context, numbers, { sumBits, productBits }),
    SumDepth: sumDepth,
    SumAddressBits: indexBits(sumDepth),
    DrainWidth: drainWidth,
    GroupBits: indexBits(setsParallel / drainWidth),
    ReadWidth: readWidth,
    ...smallForms(context, sumDepth),
  };
  if (queued === null) return mergeParameters(steering, sharing, arithmetic);
  // with queues these are the addresses of pointers, and a queue has weights of its own
  const ofQueues = queueParameters(queued, {
    pointerDepth: weightDepth,
    blockWeights: choice.blockWeights,
    wordBits: (setsParallel / choice.queues) * (indexBits(sumDepth) + layer.weightBits),
  });
  return mergeParameters(steering, sharing, arithmetic, ofQueues);
}

/**
 * All numbers of a layer from its folding. The choice must be legal: powers of two and
 * divisors as documented at LayerChoice, engines at most the output sites.
 */
export function lowerLayer(context: LayerContext): EngineLayerPlan {
  const { index, layer, packing, choice, input, output } = context;
  const { engines, lanes, values, setsParallel, drainWidth } = choice;
  const window = windowPlan(layer, input, choice);
  checkChoice(context, window);
  const dense = choice.core === 'dense';
  const tail = tailOf(layer, choice, context.keepTies ?? false);
  const { depth, setSize } = packing;
  const folds = ceilDivide(packing.sets.length, setsParallel);
  const words = choice.queues > 0 ? 1 : folds * depth;
  const sumDepth = folds * setSize;
  const positions = window.kernel.height * window.kernel.width;
  const lanePositions = choice.channelLanes ? positions : ceilDivide(positions, lanes);
  const files = memoryFiles(index, choice, tail);
  const numbers: CoreNumbers = { dense, lanePositions, words, sumDepth };
  // a window that takes words as they come begins when it is there as a whole: the next one comes in meanwhile
  const rowsInStore = rowsNeeded(window, engines) * (choice.streamWeights ? 2 : 1);
  const parameters = mergeParameters(
    storeParameters(window, input, {
      rowsInStore,
      ultraStore: choice.ultraStore,
      small: choice.oneBank !== undefined,
    }),
    windowParameters(window, engines, rowsInStore),
    coreParameters(context, numbers),
    tailParameters(context, tail, sumDepth),
    fileNameParameters(files),
  );
  const number = (name: string): number => present(parameters[name], name);
  const streamed = choice.streamWeights
    ? streamedWeights(
        lanePositions * words * number('FixedCount'),
        number('StreamBits'),
        present(context.weightStream, 'a stream of weights'),
      )
    : null;
  const coreLatency = dense ? 5 + ceilLog2(lanes * values) : choice.queues > 0 ? 3 : 5;
  return {
    kind: 'window',
    index,
    name: layer.name,
    origin: layer.layer.origin,
    ...(context.place ?? alone),
    choice,
    window,
    input,
    output,
    tail,
    outputChannels: layer.layer.outputShape.channels,
    sets: folds * setsParallel,
    folds,
    depth,
    setSize,
    packingEfficiency: packing.efficiency,
    lanePositions,
    words,
    turns: Array.from(packing.queues?.turns ?? []),
    queueWords: packing.queues?.words.map((counts) => Array.from(counts)) ?? [],
    windowWords: packing.queues?.windowWords ?? 0,
    sumDepth,
    sumBits: number('SumBits'),
    drainBeats: (sumDepth * setsParallel) / drainWidth,
    rowsInStore,
    slots: context.slots ?? drainSlots(packing, setsParallel),
    starts: engineStarts(window, engines),
    multipliers: engines * lanes * values * setsParallel,
    weightBits: layer.weightBits,
    coreLatency,
    fillLatency: choice.queues > 0 ? 8 : coreLatency,
    drainLatency: 1 + (dense ? 0 : ceilLog2(lanes)),
    requantiseLatency:
      2 + (choice.scaleCycles ?? 1) + number('Leaky') + ceilDivide(number('ShiftBits'), 2),
    parameters,
    files,
    ...(streamed === null ? {} : { streamed }),
  };
}
