import { ceilDivide, ceilLog2, indexBits, nextPowerOfTwo, signedBits } from '../base/bits.ts';
import { invariant } from '../base/invariant.ts';
import type { Packing } from '../ir/packing.ts';
import type { LayerChoice, LayerPlan, StreamPlan, TailPlan, WindowPlan } from '../ir/plan.ts';
import type { QuantizedLayer } from '../ir/quantized.ts';

/** `kwta_insert` holds at most so many winners. */
export const maximumInsertWinners = 32;

/** How the values of a layer leave its engines. */
export function tailOf(layer: QuantizedLayer, choice: LayerChoice): TailPlan {
  const tokensPerBeat = choice.tailTokens;
  if (layer.requantization === null) return { kind: 'logits', wordsPerBeat: tokensPerBeat };
  const winners = layer.layer.kWinners;
  if (winners === null) return { kind: 'nonzero', tokensPerBeat };
  const { k } = winners;
  return k <= maximumInsertWinners && choice.readWidth === 1
    ? { kind: 'insert', winners: k, tokensPerBeat }
    : { kind: 'histogram', winners: k, tokensPerBeat };
}

/** The fewest lanes that take no more positions each than `lanes` lanes would: none is empty. */
export function wholeLanes(positions: number, lanes: number): number {
  return ceilDivide(positions, ceilDivide(positions, Math.min(lanes, positions)));
}

function windowPlan(layer: QuantizedLayer): WindowPlan {
  const { inputShape, windowShape, outputShape, kernel, stride, padding, pooling } = layer.layer;
  return {
    input: inputShape,
    kernel,
    stride,
    padTop: padding.top,
    padLeft: padding.left,
    pool: pooling?.kernel ?? { height: 1, width: 1 },
    output: { height: outputShape.height, width: outputShape.width },
    windows: { height: windowShape.height, width: windowShape.width },
  };
}

/** Drain slot -> output channel, in the order drain_pool empties the sums. */
function drainSlots(
  packing: Packing,
  choice: LayerChoice,
  folds: number,
  setSize: number,
): readonly number[] {
  const slots: number[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    for (let kid = 0; kid < setSize; kid += 1) {
      for (let parallel = 0; parallel < choice.setsParallel; parallel += 1) {
        const set = packing.sets[fold * choice.setsParallel + parallel];
        slots.push(set?.channels[kid] ?? -1);
      }
    }
  }
  return slots;
}

/** Top left input site of the window that each engine computes first. */
function engineStarts(window: WindowPlan, engines: number): LayerPlan['starts'] {
  return Array.from({ length: engines }, (_, engine) => ({
    top:
      Math.floor(engine / window.output.width) * window.pool.height * window.stride.height -
      window.padTop,
    left: (engine % window.output.width) * window.pool.width * window.stride.width - window.padLeft,
  }));
}

/** log2 of the rows an engine's store keeps: a group's own, and those that come in meanwhile. */
function storeRowBits(window: WindowPlan): number {
  const groupRows = window.pool.height * window.stride.height;
  const needed = (window.pool.height - 1) * window.stride.height + window.kernel.height;
  const inside = Math.min(needed, window.input.height);
  return Math.max(1, ceilLog2(inside + Math.min(groupRows, window.input.height)));
}

function range(values: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

export interface LayerContext {
  readonly index: number;
  readonly layer: QuantizedLayer;
  readonly packing: Packing;
  readonly choice: LayerChoice;
  readonly input: StreamPlan;
  readonly output: StreamPlan;
}

/**
 * All numbers of a layer from its folding. The choice must be legal: powers of two and
 * divisors as documented at LayerChoice, engines at most the output sites.
 */
export function lowerLayer(context: LayerContext): LayerPlan {
  const { index, layer, packing, choice, input, output } = context;
  const { core, engines, lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const window = windowPlan(layer);
  const dense = core === 'dense';
  const tail = tailOf(layer, choice);
  const positions = window.kernel.height * window.kernel.width;
  const lanePositions = ceilDivide(positions, lanes);
  const folds = ceilDivide(packing.sets.length, setsParallel);
  const { depth, setSize } = packing;
  const words = folds * depth;
  const sumDepth = folds * setSize;
  const drainGroups = setsParallel / drainWidth;
  invariant(Number.isInteger(drainGroups), `${layer.name}: drain width ${drainWidth}`);
  invariant(Number.isInteger(drainWidth / readWidth), `${layer.name}: read width ${readWidth}`);
  invariant(dense || values === 1, `${layer.name}: a sparse lane takes one token a step`);
  invariant(
    engines <= window.output.height * window.output.width,
    `${layer.name}: ${engines} engines`,
  );
  invariant(wholeLanes(positions, lanes) === lanes, `${layer.name}: ${lanes} lanes, one empty`);
  invariant(!dense || depth === 1, `${layer.name}: dense outputs are sets of one`);

  const steps = dense ? ceilDivide(input.channels, values) : input.channels;
  const fixedCount = input.kind === 'dense' ? steps : 0;
  const count = fixedCount === 0 ? input.maximumTokens : fixedCount;
  const countBits = Math.max(input.countBits, ceilLog2(count + 1));
  const weightWords = words * lanePositions * steps;
  // a weight address is also wide enough for every token number
  const baseBits = Math.max(1, countBits, ceilLog2(weightWords));
  const weightDepth = Math.max(2 ** (baseBits - 1) + 1, weightWords);
  const productBits = layer.weightBits + input.valueBits;
  const treeBits = productBits + (dense ? ceilLog2(lanes * values) : 0);
  const sumBits = Math.max(layer.accumulatorBits, treeBits);

  const rowBits = storeRowBits(window);
  const columnBits = Math.max(1 + ceilLog2(input.sitesPerBeat), ceilLog2(window.input.width), 1);
  const wordsPerSite = nextPowerOfTwo(input.maximumBeats);
  const addressBits = rowBits + columnBits - ceilLog2(input.sitesPerBeat) + ceilLog2(wordsPerSite);
  const groupRows = window.pool.height * window.stride.height;
  const groupColumns = window.pool.width * window.stride.width;
  const spanRows = window.output.height * groupRows;
  const spanColumns = window.output.width * groupColumns;
  const edge = spanColumns + (engines % window.output.width) * groupColumns;
  const xBits = Math.max(columnBits + 2, signedBits(-window.padLeft, edge + window.kernel.width));
  const leadBits =
    ceilLog2(2 * (window.input.height + window.padTop + spanRows + 2 ** rowBits)) + 2;
  const rows =
    (window.output.height - 1) * groupRows + (window.pool.height - 1) * window.stride.height;
  const columns =
    (window.output.width - 1) * groupColumns + (window.pool.width - 1) * window.stride.width;
  const padded =
    window.padTop > 0 ||
    window.padLeft > 0 ||
    rows + window.kernel.height - window.padTop > window.input.height ||
    columns + window.kernel.width - window.padLeft > window.input.width;

  const shift =
    layer.requantization === null ? { low: 0, high: 0 } : range(layer.requantization.shift);
  const shiftBits = indexBits(shift.high - shift.low + 1);
  const bias = range(layer.bias);
  const laneLevels = dense ? 0 : ceilLog2(lanes);
  const prefix = `layer${String(index).padStart(2, '0')}`;
  const laneFiles = Array.from({ length: dense ? 1 : lanes }, (_, lane) => {
    return `${prefix}_weights${String(lane).padStart(3, '0')}.mem`;
  });
  const weightWidth = dense
    ? setsParallel * lanes * values * layer.weightBits
    : setsParallel * (indexBits(sumDepth) + layer.weightBits);
  const blockWeights = weightDepth > 64 && weightWidth * weightDepth >= 8192;
  const storeBits = input.tokensPerBeat * input.tokenBits * 2 ** addressBits;
  const blockStore = addressBits > 6 && storeBits >= 8192;

  return {
    index,
    name: layer.name,
    origin: layer.layer.origin,
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
    sumDepth,
    sumBits,
    drainBeats: sumDepth * drainGroups,
    rowsInStore: 2 ** rowBits,
    slots: drainSlots(packing, choice, folds, setSize),
    starts: engineStarts(window, engines),
    multipliers: engines * lanes * values * setsParallel,
    weightBits: layer.weightBits,
    coreLatency: dense ? 5 + ceilLog2(lanes * values) : 5,
    drainLatency: 1 + laneLevels,
    requantiseLatency: 3 + ceilDivide(shiftBits, 2),
    parameters: {
      Tokens: input.tokensPerBeat,
      TokenBits: input.tokenBits,
      ChannelBits: input.channelBits,
      ValueBits: input.valueBits,
      ValueSigned: Number(input.valueSigned),
      DenseIn: Number(input.kind === 'dense'),
      CountBitsIn: input.countBits,
      CountBits: countBits,
      FixedCount: fixedCount,
      RowBits: rowBits,
      ColumnBits: columnBits,
      XBits: xBits,
      WordsPerSite: wordsPerSite,
      SitesPerBeat: input.sitesPerBeat,
      ValuesPerSite: Math.max(1, input.valuesPerSite),
      AddressBits: addressBits,
      BlockStore: Number(blockStore),
      InHeight: window.input.height,
      InWidth: window.input.width,
      KernelHeight: window.kernel.height,
      KernelWidth: window.kernel.width,
      StrideY: window.stride.height,
      StrideX: window.stride.width,
      Padded: Number(padded),
      PoolHeight: window.pool.height,
      PoolWidth: window.pool.width,
      GroupRows: groupRows,
      StepRows: Math.floor(engines / window.output.width) * groupRows,
      StepColumns: (engines % window.output.width) * groupColumns,
      RightEnd: spanColumns - window.padLeft,
      BottomEnd: spanRows - window.padTop,
      SpanRows: spanRows,
      SpanColumns: spanColumns,
      LeadBits: leadBits,
      Core: Number(dense),
      Lanes: lanes,
      LanePositions: lanePositions,
      PositionBits: ceilLog2(lanePositions + 1),
      Values: values,
      Words: words,
      PositionStride: steps,
      WordStride: lanePositions * steps,
      Sets: setsParallel,
      WeightBits: layer.weightBits,
      BaseBits: baseBits,
      WeightDepth: weightDepth,
      BlockWeights: Number(blockWeights),
      FileChars: (laneFiles[0] ?? '').length,
      SumBits: sumBits,
      SumDepth: sumDepth,
      SumAddressBits: indexBits(sumDepth),
      DrainWidth: drainWidth,
      GroupBits: indexBits(drainGroups),
      ReadWidth: readWidth,
      OutChannels: layer.layer.outputShape.channels,
      OutChannelBits: indexBits(layer.layer.outputShape.channels),
      BiasBits: signedBits(bias.low, bias.high),
      ShiftBits: shiftBits,
      MinShift: shift.low,
      OutBits: layer.outputFormat?.bits ?? 32,
      OutSigned: Number(layer.outputFormat?.signed ?? true),
      Relu: Number(layer.layer.relu),
      Tail: { logits: 0, insert: 1, histogram: 2, nonzero: 3 }[tail.kind],
      Winners: tail.kind === 'insert' || tail.kind === 'histogram' ? tail.winners : 1,
      TailTokens: choice.tailTokens,
      DenseWidth: output.kind === 'dense' ? output.tokensPerBeat : 0,
      OutTokens: output.tokensPerBeat,
      OutTokenBits: output.tokenBits,
      OutCountBits: output.countBits,
    },
    files: {
      WeightFiles: laneFiles,
      ParamFile: [`${prefix}_outputs.mem`],
      PermFile: tail.kind === 'histogram' ? [`${prefix}_order.mem`] : ['none.mem'],
    },
    logitScale:
      tail.kind === 'logits'
        ? Array.from(layer.weightScale, (scale) => scale * layer.inputFormat.scale)
        : [],
  };
}
