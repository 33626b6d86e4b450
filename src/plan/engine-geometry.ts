import { ceilLog2, nextPowerOfTwo, signedBits } from '../base/bits.ts';
import type { LayerPlan, StreamPlan, WindowPlan } from '../ir/plan.ts';

export type Parameters = Readonly<Record<string, number>>;

/** Top left input site of the window that each engine computes first. */
export function engineStarts(window: WindowPlan, engines: number): LayerPlan['starts'] {
  return Array.from({ length: engines }, (_, engine) => ({
    top:
      Math.floor(engine / window.output.width) * window.pool.height * window.stride.height -
      window.padTop,
    left: (engine % window.output.width) * window.pool.width * window.stride.width - window.padLeft,
  }));
}

/**
 * log2 of the rows a store keeps. All engines of a layer are fed by one stream, so while one
 * still works on its group, the store must take the rows of the groups the others work on (they
 * reach over `engines / groups a row` rows of groups) and those that come in meanwhile.
 */
function storeRowBits(window: WindowPlan, engines: number): number {
  const { input, pool, stride, kernel, output } = window;
  const groupRows = pool.height * stride.height;
  const ownRows = (pool.height - 1) * stride.height + kernel.height;
  const ahead = Math.ceil((engines - 1) / output.width) * groupRows;
  const needed = Math.min(ownRows + ahead, input.height) + Math.min(groupRows, input.height);
  return Math.max(1, ceilLog2(needed));
}

/** A store of fewer bits than this is cheaper in distributed memory. */
const blockStoreBits = 8192;

/** Parameters of site_store and token_address. */
export function storeParameters(
  window: WindowPlan,
  input: StreamPlan,
  engines: number,
): Parameters {
  const rowBits = storeRowBits(window, engines);
  const beatShift = ceilLog2(input.sitesPerBeat);
  const columnBits = Math.max(1 + beatShift, ceilLog2(window.input.width));
  const wordsPerSite = nextPowerOfTwo(input.maximumBeats);
  const addressBits = rowBits + columnBits - beatShift + ceilLog2(wordsPerSite);
  const bits = input.tokensPerBeat * input.tokenBits * 2 ** addressBits;
  return {
    Tokens: input.tokensPerBeat,
    TokenBits: input.tokenBits,
    ChannelBits: input.channelBits,
    ValueBits: input.valueBits,
    ValueSigned: Number(input.valueSigned),
    DenseIn: Number(input.kind === 'dense'),
    CountBitsIn: input.countBits,
    RowBits: rowBits,
    ColumnBits: columnBits,
    WordsPerSite: wordsPerSite,
    SitesPerBeat: input.sitesPerBeat,
    ValuesPerSite: Math.max(1, input.valuesPerSite),
    AddressBits: addressBits,
    BlockStore: Number(addressBits > 6 && bits >= blockStoreBits),
  };
}

/** Whether a window reaches outside the map, at any border. */
function reachesOutside(window: WindowPlan): boolean {
  const { kernel, stride, pool, output, input, padTop, padLeft } = window;
  const lastRow = (output.height * pool.height - 1) * stride.height + kernel.height - padTop;
  const lastColumn = (output.width * pool.width - 1) * stride.width + kernel.width - padLeft;
  return padTop > 0 || padLeft > 0 || lastRow > input.height || lastColumn > input.width;
}

/** Parameters of window_control and of the geometry in lane_sequencer. */
export function windowParameters(window: WindowPlan, engines: number): Parameters {
  const { input, output, pool, stride, kernel } = window;
  const rowBits = storeRowBits(window, engines);
  const groupRows = pool.height * stride.height;
  const groupColumns = pool.width * stride.width;
  const spanRows = output.height * groupRows;
  const spanColumns = output.width * groupColumns;
  const stepColumns = (engines % output.width) * groupColumns;
  return {
    InHeight: input.height,
    InWidth: input.width,
    KernelHeight: kernel.height,
    KernelWidth: kernel.width,
    DilationY: 1,
    DilationX: 1,
    StrideY: stride.height,
    StrideX: stride.width,
    Padded: Number(reachesOutside(window)),
    PoolHeight: pool.height,
    PoolWidth: pool.width,
    GroupRows: groupRows,
    StepRows: Math.floor(engines / output.width) * groupRows,
    StepColumns: stepColumns,
    RightEnd: spanColumns - window.padLeft,
    BottomEnd: spanRows - window.padTop,
    SpanRows: spanRows,
    SpanColumns: spanColumns,
    XBits: Math.max(
      ceilLog2(input.width) + 2,
      signedBits(-window.padLeft, spanColumns + stepColumns + kernel.width),
    ),
    LeadBits: ceilLog2(2 * (input.height + window.padTop + spanRows + 2 ** rowBits)) + 2,
  };
}
