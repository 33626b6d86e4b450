import { indexBits, nextPowerOfTwo, signedBits } from '../../base/bits.ts';
import type { LayerChoice, TailPlan, WinnersTail } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import type { Parameters } from './engine-geometry.ts';
import type { LayerContext } from './layer-context.ts';
import { readBeats } from './read-beats.ts';

/** `kwta_insert` holds at most so many winners. */
export const maximumInsertWinners = 32;
/** `kwta_histogram` scans its bins in two levels: values of fewer bits have none. */
export const leastHistogramBits = 4;

/** Whether the winners of a layer can be found by insertion: few of them, and so many exactly. */
export function insertsWinners(layer: QuantizedWindow, keepTies: boolean): boolean {
  const { kWinners } = layer.layer;
  return kWinners !== null && !keepTies && kWinners.k <= maximumInsertWinners;
}

/** `kwta_select` takes at least so many values a cycle. */
const fewestSelected = 4;

/**
 * Whether one unit finds the winners of all vectors of a wired layer: beats go into it as they come,
 * a power of two of values each.
 */
function selectsWinners(layer: QuantizedWindow, choice: LayerChoice, keepTies: boolean): boolean {
  const { core, engines, drainWidth, readWidth } = choice;
  return (
    core === 'wired' &&
    engines === 1 &&
    readWidth === drainWidth &&
    readWidth >= fewestSelected &&
    nextPowerOfTwo(readWidth) === readWidth &&
    insertsWinners(layer, keepTies) &&
    layer.layer.kWinners?.groups === 1
  );
}

/** How the values of a layer leave its engines. */
export function tailOf(layer: QuantizedWindow, choice: LayerChoice, keepTies: boolean): TailPlan {
  const tokensPerBeat = choice.tailTokens;
  if (layer.requantization === null) return { kind: 'logits', wordsPerBeat: tokensPerBeat };
  const winners = layer.layer.kWinners;
  if (winners === null) return { kind: 'nonzero', tokensPerBeat };
  const inserts = insertsWinners(layer, keepTies) && choice.readWidth === 1;
  const selects = selectsWinners(layer, choice, keepTies);
  const kind = selects ? 'select' : inserts ? 'insert' : 'histogram';
  return {
    kind,
    winners: winners.k,
    groups: winners.groups,
    tokensPerBeat,
  };
}

/** Whether there is hardware for a tail: foldings that are tried may have none. */
export function hasTailHardware(layer: QuantizedWindow, tail: TailPlan): boolean {
  return tail.kind !== 'histogram' || hasHistogramBits(layer);
}

/** Whether the values of a layer have bits enough for `kwta_histogram`. */
export function hasHistogramBits({ outputFormat }: QuantizedWindow): boolean {
  return outputFormat === null || outputFormat.bits >= leastHistogramBits;
}

/** Equal ranges of channels in which a tail chooses winners. */
export function groupsOf(tail: TailPlan): number {
  return choosesWinners(tail) ? tail.groups : 1;
}

function choosesWinners(tail: TailPlan): tail is WinnersTail {
  return tail.kind === 'insert' || tail.kind === 'histogram' || tail.kind === 'select';
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

/** The values of two vectors in a histogram of fewer bits are cheaper in distributed memory. */
const blockValueBits = 8192;

/** Whether a histogram keeps its values and their order in block memory. */
function blocksHold(choice: LayerChoice, sumDepth: number, layer: QuantizedWindow): boolean {
  const drainBeats = (sumDepth * choice.setsParallel) / choice.drainWidth;
  const words = 2 * nextPowerOfTwo(readBeats({ drainBeats, choice }));
  const bits = choice.readWidth * (layer.outputFormat?.bits ?? 32);
  return words > 64 && words * bits >= blockValueBits;
}

/** Parameters of requantise and the tail. */
export function tailParameters(
  context: Pick<LayerContext, 'layer' | 'choice' | 'output' | 'keepTies'>,
  tail: TailPlan,
  sumDepth: number,
): Parameters {
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
    Tail: { logits: 0, insert: 1, histogram: 2, nonzero: 3, select: 5 }[tail.kind],
    KeepTies: Number(tail.kind === 'histogram' && context.keepTies === true),
    WinnerGroups: groupsOf(tail),
    Winners: choosesWinners(tail) ? tail.winners : 1,
    TailTokens: choice.tailTokens,
    BlockTail: Number(
      tail.kind === 'histogram' && tail.groups === 1 && blocksHold(choice, sumDepth, layer),
    ),
    DenseWidth: output.kind === 'dense' ? output.tokensPerBeat : 0,
    OutTokens: output.tokensPerBeat,
    OutTokenBits: output.tokenBits,
    OutCountBits: output.countBits,
    ...(layer.room === undefined ? {} : { LoadBits: layer.room.loadBits }),
  };
}
