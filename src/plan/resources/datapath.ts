import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { amount, sum, times } from './amount.ts';
import { blockMemories, lutMemory, lutRom, selectLuts } from './memories.ts';

/** Multiplier blocks of a signed product; products below 9 bits are built from LUTs. */
export function multiplierDsps(family: BoardFamily, first: number, second: number): number {
  const wide = family === 'series7' ? 25 : 27;
  const [long, short] = first > second ? [first, second] : [second, first];
  if (long + short < 9) return 0;
  return long <= wide && short <= 18 ? 1 : 2;
}

/** accumulator_cell: two banks, an adder each, cleared as they drain. */
export function accumulatorCell(
  family: BoardFamily,
  shape: { readonly depth: number; readonly addressBits: number; readonly sumBits: number },
): Resources {
  const memories = 2 * lutMemory(family, shape.sumBits, shape.depth);
  return amount({ lut: memories + 5 * shape.sumBits + 2 * shape.addressBits + 2 });
}

/** drain_select: one register behind a multiplexer of the groups. */
export function drainSelect(groups: number, width: number): Resources {
  return amount({ lut: width * selectLuts(groups), ff: width });
}

/** Weight memory: in block memory its output register is inside. */
export function weightMemory(width: number, depth: number, block: boolean): Resources {
  return block
    ? amount({ bram36: blockMemories(width, depth) })
    : amount({ lut: lutRom(width, depth), ff: width });
}

/** adder_tree: every level registered. */
export function adderTree(terms: number, bits: number): Resources {
  let lut = 0;
  let ff = 0;
  let left = terms;
  for (let level = 0; level < ceilLog2(terms); level += 1) {
    const width = bits + level + 1;
    lut += Math.floor(left / 2) * width;
    left = ceilDivide(left, 2);
    ff += left * width;
  }
  return amount({ lut, ff });
}

export interface SparseLane {
  readonly sets: number;
  readonly slotBits: number;
  readonly sumAddressBits: number;
  readonly sumDepth: number;
  readonly sumBits: number;
  readonly weightBits: number;
  readonly valueBits: number;
  readonly operandBits: number;
  readonly drainWidth: number;
  readonly groups: number;
  readonly baseBits: number;
  readonly weightDepth: number;
  readonly blockWeights: boolean;
  readonly tokens: number;
  readonly tokenBits: number;
}

/** sparse_lane: token pick, weight words, a multiplier and two banks of sums per set. */
export function sparseLane(family: BoardFamily, lane: SparseLane): Resources {
  const cell = accumulatorCell(family, {
    depth: lane.sumDepth,
    addressBits: lane.sumAddressBits,
    sumBits: lane.sumBits,
  });
  const set = amount({
    // the address travels three stages as a shift register
    lut: lane.sumAddressBits,
    ff: 4 + 2 * lane.sumAddressBits + lane.weightBits,
    dsp: multiplierDsps(family, lane.weightBits, lane.operandBits),
  });
  return sum([
    times(lane.sets, cell),
    times(lane.sets, set),
    weightMemory(lane.sets * lane.slotBits, lane.weightDepth, lane.blockWeights),
    drainSelect(lane.groups, lane.drainWidth * lane.sumBits),
    amount({
      lut: lane.tokenBits * selectLuts(lane.tokens) + lane.baseBits + 4,
      ff: 20 + lane.operandBits,
    }),
  ]);
}

export interface DenseCore {
  readonly lanes: number;
  readonly values: number;
  readonly tokens: number;
  readonly outputs: number;
  readonly weightBits: number;
  readonly valueBits: number;
  readonly operandBits: number;
  readonly folds: number;
  readonly foldBits: number;
  readonly sumBits: number;
  readonly drainWidth: number;
  readonly groups: number;
  readonly baseBits: number;
  readonly weightDepth: number;
  readonly blockWeights: boolean;
}

/** dense_core: two outputs share a multiplier block. */
export function denseCore(family: BoardFamily, core: DenseCore): Resources {
  const inputs = core.lanes * core.values;
  const productBits = core.weightBits + core.valueBits;
  const pairs = ceilDivide(core.outputs, 2);
  const cell = accumulatorCell(family, {
    depth: core.folds,
    addressBits: core.foldBits,
    sumBits: core.sumBits,
  });
  const pair = amount({
    lut: core.weightBits + 1,
    ff: 2 * core.weightBits + core.operandBits + 2 * productBits,
    dsp: multiplierDsps(family, productBits + core.weightBits + 1, core.operandBits),
  });
  return sum([
    times(pairs * inputs, pair),
    times(core.outputs, adderTree(inputs, productBits)),
    times(core.outputs, cell),
    weightMemory(core.outputs * inputs * core.weightBits, core.weightDepth, core.blockWeights),
    drainSelect(core.groups, core.drainWidth * core.sumBits),
    amount({
      lut: inputs * core.valueBits * selectLuts(ceilDivide(core.tokens, core.values)) + 10,
      ff: inputs * core.operandBits + 10,
    }),
  ]);
}

/** drain_pool with vector_pool where windows are pooled or read slower than drained. */
export function drainPool(
  family: BoardFamily,
  drain: {
    readonly drainWidth: number;
    readonly readWidth: number;
    readonly sumBits: number;
    readonly beats: number;
    readonly windows: number;
    readonly latency: number;
  },
): Resources {
  const control = amount({ lut: 30, ff: 20 + 4 * drain.latency });
  if (drain.windows === 1 && drain.drainWidth === drain.readWidth) return control;
  const width = drain.drainWidth * drain.sumBits;
  const depth = 2 ** (1 + Math.max(1, ceilLog2(drain.beats)));
  const pooled = drain.windows > 1;
  return sum([
    control,
    amount({
      lut:
        lutMemory(family, width, depth, pooled ? 2 : 1) +
        (pooled ? 1.6 * width : 0) +
        drain.readWidth * drain.sumBits * selectLuts(drain.drainWidth / drain.readWidth) +
        40,
      ff: 20 + drain.readWidth * drain.sumBits,
    }),
  ]);
}
