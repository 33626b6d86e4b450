import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { readParts } from '../lower/read-beats.ts';
import { accumulatorBank, accumulatorCell, drainSelect, wordSelect } from './accumulators.ts';
import { amount, sum, times } from './amount.ts';
import { familyFacts } from './family-facts.ts';
import {
  blockChoice,
  blockMemories,
  blockRom,
  constantMemory,
  dualPortMemory,
  lutMemory,
  lutRom,
  registerFile,
} from './memories.ts';

/**
 * Multiplier blocks of a signed product; products below 9 bits are built from LUTs, all of them in a family
 * without multipliers.
 */
export function multiplierDsps(family: BoardFamily, first: number, second: number): number {
  const [long, short] = first > second ? [first, second] : [second, first];
  const { multipliers } = familyFacts(family);
  const widest = multipliers.at(-1);
  if (long + short < 9 || widest === undefined) return 0;
  const fits = multipliers.find(({ wide, narrow }) => long <= wide && short <= narrow);
  if (fits !== undefined) return fits.blocks;
  return widest.blocks * ceilDivide(long, widest.wide) * ceilDivide(short, widest.narrow);
}

/** A signed product: multiplier blocks, or rows of additions where the family has none. */
export function multiplier(family: BoardFamily, first: number, second: number): Resources {
  const dsp = multiplierDsps(family, first, second);
  if (dsp > 0 || familyFacts(family).multipliers.length > 0) return amount({ dsp });
  return amount({ lut: multiplyLuts(family, first, second) });
}

/** multiply_rows: a LUT of four inputs a bit of every row. */
export function multiplyLuts(family: BoardFamily, first: number, second: number): number {
  const rows = Math.min(first, second);
  return (rows * (Math.max(first, second) + 1)) / familyFacts(family).logicOfLut;
}

/** Weight memory: in block memory its output register is inside. */
export function weightMemory(
  family: BoardFamily,
  width: number,
  depth: number,
  block: boolean,
): Resources {
  if (!block) return amount({ lut: lutRom(width, depth), ff: width });
  const { bram36, ways } = blockRom(family, width, depth);
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
  /** Null where LUTs are memory. */
  readonly small: SmallForms | null;
}

/** The forms of an engine for devices whose LUTs are no memory. */
export interface SmallForms {
  readonly oneBank: 'block' | 'registers';
  readonly multiplyRows: boolean;
  readonly sumDepth: number;
}

/** The sums of a set: two banks, or one. */
function sumsOfSet(
  family: BoardFamily,
  cell: {
    readonly addressBits: number;
    readonly sumBits: number;
    readonly small: SmallForms | null;
  },
): Resources {
  const { small } = cell;
  if (small === null) return accumulatorCell(family, cell);
  return accumulatorBank(family, { ...cell, depth: small.sumDepth }, small.oneBank);
}

/** sparse_lane: token pick, weight words, a multiplier and two banks of sums per set. */
export function sparseLane(family: BoardFamily, lane: SparseLane): Resources {
  const cell = sumsOfSet(family, {
    addressBits: lane.sumAddressBits,
    sumBits: lane.sumBits,
    small: lane.small,
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
    times(pairs, multiplier(family, pairBits, lane.operandBits)),
    lane.small?.multiplyRows === true
      ? times(lane.sets, amount({ lut: multiplyLuts(family, lane.weightBits, lane.valueBits) }))
      : times(lane.sets - 2 * pairs, multiplier(family, lane.weightBits, lane.operandBits)),
    lane.loaded || lane.blockWeights
      ? weightMemory(family, wordBits, lane.weightDepth, lane.blockWeights)
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
  /** Null where LUTs are memory. */
  readonly small: SmallForms | null;
  /** Words come from outside, into a register. */
  readonly streamWeights: boolean;
}

/** dense_core: two outputs share a multiplier block. */
export function denseCore(family: BoardFamily, core: DenseCore): Resources {
  const inputs = core.lanes * core.values;
  const productBits = core.weightBits + core.valueBits;
  const pairs = ceilDivide(core.outputs, 2);
  const wordBits = core.outputs * inputs * core.weightBits;
  const cell = sumsOfSet(family, {
    addressBits: core.foldBits,
    sumBits: core.sumBits,
    small: core.small,
  });
  const pair = sum([
    amount({ lut: core.weightBits + 1 }),
    multiplier(family, productBits + core.weightBits + 1, core.operandBits),
  ]);
  // weights and two stages of products; all outputs share the values
  const product = amount({ ff: core.weightBits + 2 * productBits });
  return sum([
    times(pairs * inputs, pair),
    times(core.outputs * inputs, product),
    times(core.outputs, adderTree(inputs, productBits)),
    times(core.outputs, cell),
    core.streamWeights
      ? amount({ ff: wordBits })
      : weightMemory(family, wordBits, core.weightDepth, core.blockWeights),
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

/** running_maximum: a comparison and a choice of every sum of a beat. */
function runningMaximum(family: BoardFamily, drain: VectorPool, block: boolean): Resources {
  const width = drain.drainWidth * drain.sumBits;
  const maxima = block
    ? amount({ bram36: blockMemories(family, width, drain.beats) })
    : registerFile(family, width, drain.beats);
  const beatBits = ceilLog2(drain.beats);
  const rest = (2.5 * width + 2 * beatBits + 6) / familyFacts(family).logicOfLut;
  return sum([maxima, amount({ lut: rest, ff: width + beatBits + 2 })]);
}

/** drain_pool with vector_pool where windows are pooled or read slower than drained. */
export function drainPool(
  family: BoardFamily,
  drain: VectorPool & { readonly through?: { readonly block: boolean } | null },
): Resources {
  const control = amount({ lut: 24, ff: 17 });
  const { through = null } = drain;
  if (through !== null) return sum([control, runningMaximum(family, drain, through.block)]);
  if (drain.windows === 1 && readParts(drain) === 1) return control;
  return sum([control, vectorPool(family, drain)]);
}
