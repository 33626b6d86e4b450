import { ceilDivide, ceilLog2, indexBits, nextPowerOfTwo, signedBits } from '../base/bits.ts';
import { invariant, present } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type {
  EdgePlan,
  EngineLayerPlan,
  LayerChoice,
  StreamPlan,
  TailPlan,
  WindowPlan,
} from '../ir/plan.ts';
import type { QuantizedWindow } from '../ir/quantized.ts';
import { engineStarts, storeParameters, windowParameters } from './engine-geometry.ts';
import type { Parameters } from './engine-geometry.ts';
import { inBlockMemory, queueDepths, queueParameters } from './queue-parameters.ts';

/** `kwta_insert` holds at most so many winners. */
export const maximumInsertWinners = 32;

/** Whether the winners of a layer can be found by insertion: few of them, and so many exactly. */
export function insertsWinners(layer: QuantizedWindow, keepTies: boolean): boolean {
  const { kWinners } = layer.layer;
  return kWinners !== null && !keepTies && kWinners.k <= maximumInsertWinners;
}

/** How the values of a layer leave its engines. */
export function tailOf(layer: QuantizedWindow, choice: LayerChoice, keepTies: boolean): TailPlan {
  const tokensPerBeat = choice.tailTokens;
  if (layer.requantization === null) return { kind: 'logits', wordsPerBeat: tokensPerBeat };
  const winners = layer.layer.kWinners;
  if (winners === null) return { kind: 'nonzero', tokensPerBeat };
  const inserts = insertsWinners(layer, keepTies) && choice.readWidth === 1;
  return {
    kind: inserts ? 'insert' : 'histogram',
    winners: winners.k,
    groups: winners.groups,
    tokensPerBeat,
  };
}

/** Equal ranges of channels in which a tail chooses winners. */
export function groupsOf(tail: TailPlan): number {
  return tail.kind === 'insert' || tail.kind === 'histogram' ? tail.groups : 1;
}

/** The fewest lanes that take no more positions each than `lanes` lanes would: none is empty. */
export function wholeLanes(positions: number, lanes: number): number {
  return ceilDivide(positions, ceilDivide(positions, Math.min(lanes, positions)));
}

/** The windows of a layer: its structure as the engines see it. */
export function windowPlan(layer: QuantizedWindow): WindowPlan {
  const { inputShape, windowShape, outputShape, pooling, padding } = layer.layer;
  const { kernel, dilation, stride } = layer.layer;
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

function range(values: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

export interface LayerContext {
  readonly index: number;
  readonly layer: QuantizedWindow;
  readonly packing: Packing;
  readonly choice: LayerChoice;
  readonly input: StreamPlan;
  readonly output: StreamPlan;
  /** k-WTA keeps every value equal to the k-th; false where not given. */
  readonly keepTies?: boolean;
  /** `drainSlots` of the packing and choice, where they are known. */
  readonly slots?: readonly number[];
  /** Where it stands in a network; alone behind the input where not given. */
  readonly place?: LayerPlace;
}

/** The edges around a layer. */
export interface LayerPlace {
  readonly inputs: readonly EdgePlan[];
  readonly readers: number;
}

/** A layer with one reader, behind the input of the network. */
export const alone: LayerPlace = {
  inputs: [{ from: -1, port: 0, fifoDepth: 0, blockFifo: false }],
  readers: 1,
};

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
  const treeBits = layer.weightBits + input.valueBits + (dense ? ceilLog2(lanes * values) : 0);
  return {
    Core: Number(dense),
    CountBits: countBits,
    FixedCount: fixedCount,
    Lanes: lanes,
    LanePositions: lanePositions,
    ...(choice.channelLanes
      ? {
          LaneBits: ceilLog2(lanes),
          OwnerRowBits: Math.max(1, ceilLog2(own)),
          InChannels: input.channels,
        }
      : {}),
    PositionBits: ceilLog2(lanePositions + 1),
    Values: values,
    Words: words,
    PositionStride: steps,
    WordStride: lanePositions * steps,
    Sets: setsParallel,
    PairWeights: Number(!dense && choice.queues === 0 && sharesMultiplier(layer.weightBits, input)),
    WeightBits: layer.weightBits,
    BaseBits: baseBits,
    WeightDepth: weightDepth,
    BlockWeights: Number(inBlockMemory(weightWidth, weightDepth)),
    SumBits: Math.max(layer.room?.sumBits ?? layer.accumulatorBits, treeBits),
    SumDepth: sumDepth,
    SumAddressBits: indexBits(sumDepth),
    DrainWidth: drainWidth,
    GroupBits: indexBits(setsParallel / drainWidth),
    ReadWidth: readWidth,
    // with queues these are the addresses of pointers, and a queue has weights of its own
    ...(queued === null
      ? {}
      : queueParameters(queued, {
          pointerDepth: weightDepth,
          blockWeights: choice.blockWeights,
          wordBits: (setsParallel / choice.queues) * (indexBits(sumDepth) + layer.weightBits),
        })),
  };
}

/** The values of two vectors in a histogram of fewer bits are cheaper in distributed memory. */
const blockValueBits = 8192;

/** Whether a histogram keeps its values and their order in block memory. */
function blocksHold(choice: LayerChoice, sumDepth: number, layer: QuantizedWindow): boolean {
  const slots = sumDepth * choice.setsParallel;
  const words = 2 * nextPowerOfTwo(slots / choice.readWidth);
  const bits = choice.readWidth * (layer.outputFormat?.bits ?? 32);
  return words > 64 && words * bits >= blockValueBits;
}

/** Parameters of requantise and the tail. */
function tailParameters(context: LayerContext, tail: TailPlan, numbers: CoreNumbers): Parameters {
  const { layer, choice, output } = context;
  const shift = shiftRange(layer);
  const bias = range(layer.bias);
  const { channels } = layer.layer.outputShape;
  return {
    OutChannels: channels,
    OutChannelBits: indexBits(channels),
    BiasBits: layer.room?.biasBits ?? signedBits(bias.low, bias.high),
    ShiftBits: layer.room?.shiftBits ?? indexBits(shift.high - shift.low + 1),
    MinShift: layer.room?.minimumShift ?? shift.low,
    OutBits: layer.outputFormat?.bits ?? 32,
    OutSigned: Number(layer.outputFormat?.signed ?? true),
    Low: layer.outputRange?.minimum ?? 0,
    High: layer.outputRange?.maximum ?? 0,
    Leaky: Number(layer.negativeRequantization !== null),
    Tail: { logits: 0, insert: 1, histogram: 2, nonzero: 3 }[tail.kind],
    KeepTies: Number(tail.kind === 'histogram' && context.keepTies === true),
    WinnerGroups: groupsOf(tail),
    Winners: tail.kind === 'insert' || tail.kind === 'histogram' ? tail.winners : 1,
    TailTokens: choice.tailTokens,
    BlockTail: Number(
      tail.kind === 'histogram' && tail.groups === 1 && blocksHold(choice, numbers.sumDepth, layer),
    ),
    DenseWidth: output.kind === 'dense' ? output.tokensPerBeat : 0,
    OutTokens: output.tokensPerBeat,
    OutTokenBits: output.tokenBits,
    OutCountBits: output.countBits,
    ...(layer.room === undefined ? {} : { LoadBits: layer.room.loadBits }),
  };
}

interface CoreNumbers {
  readonly dense: boolean;
  readonly lanePositions: number;
  readonly words: number;
  readonly sumDepth: number;
}

/** Smallest and largest shift of the requantiser. */
export function shiftRange(layer: QuantizedWindow): {
  readonly low: number;
  readonly high: number;
} {
  if (layer.requantization === null) return { low: 0, high: 0 };
  const positive = range(layer.requantization.shift);
  const negative = range(layer.negativeRequantization?.shift ?? []);
  return {
    low: Math.min(positive.low, negative.low),
    high: Math.max(positive.high, negative.high),
  };
}

/** A folding that no hardware exists for is our mistake. */
function checkChoice(context: LayerContext, window: WindowPlan): void {
  const { layer, packing, choice } = context;
  const { core, engines, lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const sites = window.output.height * window.output.width;
  const positions = window.kernel.height * window.kernel.width;
  const { name } = layer;
  invariant(setsParallel % drainWidth === 0, `${name}: drain width ${drainWidth}`);
  invariant(drainWidth % readWidth === 0, `${name}: read width ${readWidth}`);
  invariant(core === 'dense' || values === 1, `${name}: a sparse lane takes one token a step`);
  invariant(engines >= 1 && engines <= sites, `${name}: ${engines} engines`);
  invariant(
    choice.channelLanes || wholeLanes(positions, lanes) === lanes,
    `${name}: ${lanes} lanes, one empty`,
  );
  invariant(core === 'sparse' || packing.depth === 1, `${name}: dense outputs are sets of one`);
  checkQueues(context);
  if (choice.channelLanes) checkChannelLanes(context);
}

/** Whether the lanes of a layer may share its channels. */
export function sharesChannels(layer: QuantizedWindow): boolean {
  const { kernel, padding } = layer.layer;
  const pads = padding.top + padding.left + padding.bottom + padding.right;
  return kernel.height * kernel.width === 1 && pads === 0;
}

function checkChannelLanes({ layer, packing, choice, input }: LayerContext): void {
  const { name } = layer;
  const { queues, lanes } = choice;
  invariant(queues > 0 && packing.queues !== undefined, `${name}: channels of lanes in lockstep`);
  invariant(sharesChannels(layer), `${name}: lanes share the channels of one position`);
  invariant(lanes >= 2 && 2 ** ceilLog2(lanes) === lanes, `${name}: ${lanes} lanes`);
  invariant(input.sitesPerBeat === 1, `${name}: several sites in a beat`);
}

/** Queues belong to a packing made for them, and read all sets there are. */
function checkQueues({ layer, packing, choice }: LayerContext): void {
  const { name } = layer;
  const { core, queues, lanes, setsParallel } = choice;
  if (queues === 0) {
    invariant(packing.queues === undefined, `${name}: words of queues, but no queues`);
    return;
  }
  invariant(core === 'sparse' && setsParallel % queues === 0, `${name}: ${queues} queues`);
  invariant(packing.queues?.words.length === queues, `${name}: packed for other queues`);
  invariant(packing.queues.lanes === lanes, `${name}: packed for other lanes`);
  invariant(packing.sets.length === setsParallel, `${name}: queues of folded sets`);
}

/** Numbered names, all of the same length. */
function numberedFiles(prefix: string, count: number): readonly string[] {
  const digits = Math.max(3, String(count - 1).length);
  return Array.from(
    { length: count },
    (_, number) => `${prefix}${String(number).padStart(digits, '0')}.mem`,
  );
}

/** Names of the memory images; `none.mem` is a parameter nobody reads. */
function memoryFiles(index: number, choice: LayerChoice, tail: TailPlan): EngineLayerPlan['files'] {
  const { core, lanes, queues } = choice;
  const prefix = `layer${String(index).padStart(2, '0')}`;
  const weights = core === 'dense' ? 1 : lanes * Math.max(1, queues);
  return {
    WeightFiles: numberedFiles(`${prefix}_weights`, weights),
    ...(queues > 0 ? { PointerFiles: numberedFiles(`${prefix}_pointers`, lanes) } : {}),
    ...(choice.channelLanes ? { TurnFile: [`${prefix}_turns.mem`] } : {}),
    ParamFile: [`${prefix}_outputs.mem`],
    PermFile: Array.from({ length: groupsOf(tail) }, (_, group) => orderFile(prefix, tail, group)),
  };
}

function orderFile(prefix: string, tail: TailPlan, group: number): string {
  if (tail.kind !== 'histogram') return 'none.mem';
  return `${prefix}_order${tail.groups === 1 ? '' : group}.mem`;
}

/**
 * All numbers of a layer from its folding. The choice must be legal: powers of two and
 * divisors as documented at LayerChoice, engines at most the output sites.
 */
export function lowerLayer(context: LayerContext): EngineLayerPlan {
  const { index, layer, packing, choice, input, output } = context;
  const { engines, lanes, values, setsParallel, drainWidth } = choice;
  const window = windowPlan(layer);
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
  const parameters: Parameters = {
    ...storeParameters(window, input, engines),
    ...windowParameters(window, engines),
    ...coreParameters(context, numbers),
    ...tailParameters(context, tail, numbers),
    FileChars: present(files['WeightFiles']?.[0], 'a lane has a file').length,
    PermChars: present(files['PermFile']?.[0], 'a tail has a file').length,
    ...(choice.queues > 0
      ? { PointerFileChars: present(files['PointerFiles']?.[0], 'a lane has pointers').length }
      : {}),
  };
  const coreLatency = dense ? 5 + ceilLog2(lanes * values) : choice.queues > 0 ? 3 : 5;
  const number = (name: string): number => present(parameters[name], name);
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
    rowsInStore: 2 ** number('RowBits'),
    slots: context.slots ?? drainSlots(packing, setsParallel),
    starts: engineStarts(window, engines),
    multipliers: engines * lanes * values * setsParallel,
    weightBits: layer.weightBits,
    coreLatency,
    fillLatency: choice.queues > 0 ? 8 : coreLatency,
    drainLatency: 1 + (dense ? 0 : ceilLog2(lanes)),
    requantiseLatency: 3 + number('Leaky') + ceilDivide(number('ShiftBits'), 2),
    parameters,
    files,
  };
}
