import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { readParts } from '../read-beats.ts';
import { accumulatorCell, drainSelect, wordSelect } from './accumulators.ts';
import { amount, sum, times } from './amount.ts';
import {
  blockChoice,
  blockRom,
  constantMemory,
  dualPortMemory,
  lutMemory,
  lutRom,
} from './memories.ts';

/** Multiplier blocks of a signed product; products below 9 bits are built from LUTs. */
export function multiplierDsps(family: BoardFamily, first: number, second: number): number {
  const wide = family === 'series7' ? 25 : 27;
  const [long, short] = first > second ? [first, second] : [second, first];
  if (long + short < 9) return 0;
  return long <= wide && short <= 18 ? 1 : 2;
}

/** Weight memory: in block memory its output register is inside. */
export function weightMemory(width: number, depth: number, block: boolean): Resources {
  if (!block) return amount({ lut: lutRom(width, depth), ff: width });
  const { bram36, ways } = blockRom(width, depth);
  return amount({ bram36, lut: width * blockChoice(ways) });
}

/** LUTs of an adder besides those of its bits. */
const adderExtra = 0.2;

/** adder_tree: every level registered and a bit wider; bits from `usedBits` on are not used by anybody. */
export function adderTree(terms: number, termBits: number, usedBits = Infinity): Resources {
  let lut = 0;
  let ff = 0;
  let bits = termBits;
  for (let left = terms; left > 1; left = ceilDivide(left, 2)) {
    bits = Math.min(bits + 1, usedBits);
    lut += Math.floor(left / 2) * (bits + adderExtra);
    ff += ceilDivide(left, 2) * bits;
  }
  return amount({ lut, ff });
}

export interface SparseLane {
  readonly sets: number;
  readonly slotBits: number;
  /** Bits of a word of all sets that are the same in all words. */
  readonly constantBits: number;
  /** Weights are loaded: see `loadingOfEngine`. */
  readonly loaded: boolean;
  readonly sumAddressBits: number;
  readonly sumBits: number;
  readonly pairWeights: boolean;
  readonly weightBits: number;
  readonly valueBits: number;
  readonly operandBits: number;
  readonly drainWidth: number;
  readonly groups: number;
  /** Bits of the adder of a weight address. */
  readonly addressAdder: number;
  readonly weightDepth: number;
  readonly blockWeights: boolean;
  readonly tokens: number;
  readonly tokenBits: number;
}

/** sparse_lane: token pick, weight words, a multiplier and two banks of sums per set. */
export function sparseLane(family: BoardFamily, lane: SparseLane): Resources {
  const cell = accumulatorCell(family, {
    addressBits: lane.sumAddressBits,
    sumBits: lane.sumBits,
  });
  const productBits = lane.weightBits + lane.valueBits;
  const set = amount({
    // three registers for the address, of operands and product one and two
    ff: 3 * lane.sumAddressBits + lane.weightBits + 2 * productBits,
  });
  const wordBits = lane.sets * lane.slotBits - lane.constantBits;
  const pairs = lane.pairWeights ? Math.floor(lane.sets / 2) : 0;
  const pairBits = productBits + lane.weightBits;
  return sum([
    times(lane.sets, cell),
    times(lane.sets, set),
    amount({
      dsp:
        pairs * multiplierDsps(family, pairBits, lane.operandBits) +
        (lane.sets - 2 * pairs) * multiplierDsps(family, lane.weightBits, lane.operandBits),
    }),
    lane.loaded || lane.blockWeights
      ? weightMemory(wordBits, lane.weightDepth, lane.blockWeights)
      : amount({ lut: constantMemory(wordBits, lane.weightDepth), ff: wordBits }),
    drainSelect(lane.groups, lane.drainWidth, lane.sumBits),
    amount({
      lut: wordSelect(lane.tokens, lane.tokenBits) + lane.addressAdder + 2,
      ff: 2 * lane.valueBits + 8,
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
  /** Words come from outside, into a register. */
  readonly streamWeights: boolean;
}

/** dense_core: two outputs share a multiplier block. */
export function denseCore(family: BoardFamily, core: DenseCore): Resources {
  const inputs = core.lanes * core.values;
  const productBits = core.weightBits + core.valueBits;
  const pairs = ceilDivide(core.outputs, 2);
  const wordBits = core.outputs * inputs * core.weightBits;
  const cell = accumulatorCell(family, {
    addressBits: core.foldBits,
    sumBits: core.sumBits,
  });
  const pair = amount({
    lut: core.weightBits + 1,
    dsp: multiplierDsps(family, productBits + core.weightBits + 1, core.operandBits),
  });
  // weights and two stages of products; all outputs share the values
  const product = amount({ ff: core.weightBits + 2 * productBits });
  return sum([
    times(pairs * inputs, pair),
    times(core.outputs * inputs, product),
    times(core.outputs, adderTree(inputs, productBits)),
    times(core.outputs, cell),
    core.streamWeights
      ? amount({ ff: wordBits })
      : weightMemory(wordBits, core.weightDepth, core.blockWeights),
    drainSelect(core.groups, core.drainWidth, core.sumBits),
    amount({
      lut: core.lanes * wordSelect(core.tokens / core.values, core.values * core.valueBits) + 10,
      ff: 2 * inputs * core.operandBits + 10,
    }),
  ]);
}

/** What vector_pool takes and gives. */
export interface VectorPool {
  readonly drainWidth: number;
  readonly readWidth: number;
  readonly sumBits: number;
  readonly beats: number;
  /** Windows pooled into a vector. */
  readonly windows: number;
}

/** vector_pool: two vectors in a memory, read slower than they are written. */
export function vectorPool(family: BoardFamily, pool: VectorPool): Resources {
  const width = pool.drainWidth * pool.sumBits;
  const depth = 2 ** (1 + Math.max(1, ceilLog2(pool.beats)));
  const read = pool.readWidth * pool.sumBits;
  // pooled: a memory a sum, which reads where it writes, and a comparison that says whether it is written,
  // two LUTs for three bits
  const memory =
    pool.windows > 1
      ? pool.drainWidth *
        (dualPortMemory(family, pool.sumBits, depth) + 2 * ceilDivide(pool.sumBits, 3) + 1)
      : lutMemory(family, width, depth);
  return amount({
    lut: memory + wordSelect(readParts(pool), read) + 25,
    ff: read + 18,
  });
}

/** drain_pool with vector_pool where windows are pooled or read slower than drained. */
export function drainPool(family: BoardFamily, drain: VectorPool): Resources {
  const control = amount({ lut: 24, ff: 17 });
  if (drain.windows === 1 && readParts(drain) === 1) return control;
  return sum([control, vectorPool(family, drain)]);
}
