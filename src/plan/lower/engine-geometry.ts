import { ceilLog2, nextPowerOfTwo, signedBits } from '../../base/bits.ts';
import type { Size2d } from '../../ir/graph.ts';
import type { EngineLayerPlan, StreamPlan, WindowPlan } from '../../ir/plan.ts';
import { blockKind } from '../memories/memory-kinds.ts';

export type Parameters = Readonly<Record<string, number>>;

/**
 * Parameters of several parts as one, later ones over earlier ones. Spreading would say the same,
 * but takes forty times as long for as many keys, and a search lowers thousands of foldings.
 */
export function mergeParameters(...parts: readonly Parameters[]): Parameters {
  const merged: Record<string, number> = {};
  for (const part of parts) Object.assign(merged, part);
  return merged;
}

/** Input rows and columns between two neighbouring groups. */
export function groupStep({ poolStride, stride }: WindowPlan): Size2d {
  return { height: poolStride.height * stride.height, width: poolStride.width * stride.width };
}

/** Input rows and columns that the windows of a group reach over. */
export function groupExtent({ pool, stride, kernel, dilation }: WindowPlan): Size2d {
  const along = (side: 'height' | 'width'): number =>
    (pool[side] - 1) * stride[side] + (kernel[side] - 1) * dilation[side] + 1;
  return { height: along('height'), width: along('width') };
}

/** Top left input site of the window that each engine computes first. */
export function engineStarts(window: WindowPlan, engines: number): EngineLayerPlan['starts'] {
  const step = groupStep(window);
  return Array.from({ length: engines }, (_, engine) => ({
    top: Math.floor(engine / window.output.width) * step.height - window.padTop,
    left: (engine % window.output.width) * step.width - window.padLeft,
  }));
}

/**
 * The rows that a store has to keep, a power of two. All engines of a layer are fed by one stream, so while one
 * still works on its group, the store must take the rows of the groups the others work on (they
 * reach over `engines / groups a row` rows of groups) and those that come in meanwhile.
 */
export function rowsNeeded(window: WindowPlan, engines: number): number {
  const { input, output } = window;
  const groupRows = groupStep(window).height;
  const ownRows = groupExtent(window).height;
  const ahead = Math.ceil((engines - 1) / output.width) * groupRows;
  const needed = Math.min(ownRows + ahead, input.height) + Math.min(groupRows, input.height);
  return Math.max(2, nextPowerOfTwo(needed));
}

/** A store of fewer bits than this is cheaper in distributed memory. */
const blockStoreBits = 8192;
/** The same where LUTs are no memory. */
const smallBlockStoreBits = 128;

/** Parameters of site_store and token_address; `rowsInStore` a power of two, `small` where LUTs are no memory. */
export function storeParameters(
  window: WindowPlan,
  input: StreamPlan,
  {
    rowsInStore,
    ultraStore,
    small = false,
  }: { readonly rowsInStore: number; readonly ultraStore: boolean; readonly small?: boolean },
): Parameters {
  const rowBits = ceilLog2(rowsInStore);
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
    BlockStore: small
      ? blockKind(bits >= smallBlockStoreBits, false)
      : blockKind(addressBits > 6 && bits >= blockStoreBits, ultraStore),
  };
}

/** Whether a window reaches outside the map, at any border. */
function reachesOutside(window: WindowPlan): boolean {
  const { output, input, padTop, padLeft } = window;
  const step = groupStep(window);
  const extent = groupExtent(window);
  const lastRow = (output.height - 1) * step.height + extent.height - padTop;
  const lastColumn = (output.width - 1) * step.width + extent.width - padLeft;
  return padTop > 0 || padLeft > 0 || lastRow > input.height || lastColumn > input.width;
}

/** Parameters of window_control and of the geometry in lane_sequencer. */
export function windowParameters(
  window: WindowPlan,
  engines: number,
  rowsInStore: number,
): Parameters {
  const { input, output, pool, stride, kernel, dilation } = window;
  const rowBits = ceilLog2(rowsInStore);
  const { height: groupRows, width: groupColumns } = groupStep(window);
  const reach = Math.max(kernel.width, groupExtent(window).width - groupColumns);
  const spanRows = output.height * groupRows;
  const spanColumns = output.width * groupColumns;
  const stepColumns = (engines % output.width) * groupColumns;
  return {
    InHeight: input.height,
    InWidth: input.width,
    KernelHeight: kernel.height,
    KernelWidth: kernel.width,
    DilationY: dilation.height,
    DilationX: dilation.width,
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
      signedBits(-window.padLeft, spanColumns + stepColumns + reach),
    ),
    LeadBits: ceilLog2(2 * (input.height + window.padTop + spanRows + 2 ** rowBits)) + 2,
  };
}
