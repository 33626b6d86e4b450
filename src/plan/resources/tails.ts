import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { amount, sum, times } from './amount.ts';
import { multiplier, multiplyLuts } from './datapath.ts';
import { familyFacts } from './family-facts.ts';
import {
  blockMemories,
  blockRom,
  constantMemory,
  lutMemory,
  lutRom,
  selectLuts,
  smallMemory,
} from './memories.ts';

export interface Requantise {
  readonly slots: number;
  readonly sumBits: number;
  readonly beats: number;
  readonly channelBits: number;
  readonly biasBits: number;
  readonly shiftBits: number;
  readonly minimumShift: number;
  readonly outBits: number;
  /** Channels go along with the values. */
  readonly tagged: boolean;
  /** Products are rows of additions, whatever multipliers there are. */
  readonly inRows: boolean;
  /** Cycles of a product. */
  readonly cycles: number;
}

/** requantise: bias, multiplier, shift and clamp for each slot. */
export function requantise(family: BoardFamily, unit: Requantise): Resources {
  const { slots, sumBits, shiftBits, outBits, channelBits, biasBits } = unit;
  const steps = ceilDivide(shiftBits, 2);
  // the highest bit of a normalised multiplier is constant; the channel mostly follows the beat
  const field = biasBits + 15 + shiftBits;
  // product bits below every shift are not used
  const productBits = Math.max(outBits, sumBits + 17 - unit.minimumShift + 1);
  const slot = sumBits + 1 + steps * (outBits + 2) + 2 * outBits + channelBits + 1;
  // of few beats many bits are equal functions of the beat
  const functions = unit.beats <= 4 ? 2 ** (2 ** ceilLog2(unit.beats)) : Infinity;
  const products = unit.inRows
    ? rowsOfScale(family, sumBits + 1, unit.cycles)
    : multiplier(family, sumBits + 1, 17);
  const rest = amount({
    lut: Math.min(functions, constantMemory(slots * field, unit.beats)) + slots * slot + 10,
    ff:
      slots * (channelBits + field + 15 + sumBits + 1 + productBits + 2 * shiftBits) +
      slots * (steps * (outBits + 3) + outBits + (unit.tagged ? channelBits : 0)) +
      3 +
      2 * ceilLog2(unit.beats + 1),
  });
  return sum([times(slots, products), rest]);
}

/** A scale of 16 bits in so many cycles: of several the multiplier lies where the product will, and shifts. */
function rowsOfScale(family: BoardFamily, sumBits: number, cycles: number): Resources {
  const rows = amount({ lut: multiplyLuts(family, sumBits, 16 / cycles) });
  if (cycles === 1) return rows;
  return sum([rows, amount({ lut: 16 / familyFacts(family).logicOfLut, ff: cycles + 10 })]);
}

/** kwta_insert: K cells of a comparison each, and K output places. */
export function kwtaInsert(winners: number, keyBits: number): Resources {
  return amount({ lut: 2.9 * winners * keyBits + 3, ff: winners * (2 * keyBits + 1) + 4 });
}

/** relu_pack: a crossbar to banks, R or T of them. */
export function reluPack(
  family: BoardFamily,
  pack: {
    readonly slots: number;
    readonly tokens: number;
    readonly capacity: number;
    readonly tokenBits: number;
    readonly buffers?: number;
  },
): Resources {
  const banks = Math.max(pack.slots, pack.tokens);
  const rows = 2 ** indexBits(ceilDivide(pack.capacity, banks));
  const memory = lutMemory(family, pack.tokenBits, (pack.buffers ?? 2) * rows);
  return amount({
    lut:
      banks * (memory + pack.tokenBits * selectLuts(pack.slots) + 6) +
      pack.tokens * pack.tokenBits * selectLuts(banks / pack.tokens) +
      30,
    // so many bits of a channel follow from the slot
    ff:
      pack.slots * (2 * (pack.tokenBits - ceilLog2(pack.slots)) + 3) +
      pack.tokens * pack.tokenBits +
      banks * 4 +
      40,
  });
}

/** kwta_histogram: two histograms and a copy of all values for each slot. */
export function kwtaHistogram(
  family: BoardFamily,
  unit: {
    readonly channels: number;
    readonly winners: number;
    readonly slots: number;
    readonly beats: number;
    readonly tokens: number;
    readonly outBits: number;
    readonly channelBits: number;
    /** Values and their order lie in block memory. */
    readonly block: boolean;
  },
): Resources {
  const { slots, outBits, beats, block } = unit;
  const binBits = ceilLog2(beats + 1);
  const beatBits = indexBits(beats);
  const coarse = outBits - Math.floor(outBits / 2);
  const rows = ceilDivide(unit.channels, slots);
  const field = Math.max(1, ceilLog2(beats * slots));
  const histogram =
    4 * binBits * 2 ** Math.max(0, outBits - 2 - 6) +
    binBits * ceilDivide(2 ** coarse, 64) +
    5 * binBits +
    2 * outBits;
  const values = slots * outBits;
  const buffered = 2 * 2 ** beatBits;
  const pack = reluPack(family, {
    slots,
    tokens: unit.tokens,
    capacity: Math.min(unit.winners, rows * slots),
    tokenBits: unit.channelBits + outBits,
  });
  const memories = block
    ? amount({
        bram36:
          slots * blockMemories(family, values, buffered) +
          blockRom(family, slots * field, rows).bram36,
      })
    : amount({
        lut: slots * lutMemory(family, values, buffered) + lutRom(slots * field, rows),
        ff: slots * (field + values),
      });
  const rest = amount({
    lut:
      pack.lut +
      slots * (2 * histogram + outBits * selectLuts(slots) + 2 * outBits + binBits) +
      120,
    ff: pack.ff + slots * (6 * outBits + 2 * binBits + 1) + 120,
  });
  return sum([memories, rest]);
}

/** logit_buffer: sums plus bias, in channel order. */
export function logitBuffer(
  family: BoardFamily,
  unit: {
    readonly slots: number;
    readonly sumBits: number;
    readonly beats: number;
    readonly channels: number;
    readonly channelBits: number;
    readonly biasBits: number;
    readonly words: number;
  },
): Resources {
  const { slots, sumBits, words } = unit;
  const rows = 2 ** indexBits(ceilDivide(unit.channels, words));
  const field = 1 + unit.channelBits + unit.biasBits;
  const memories =
    slots === 1
      ? smallMemory(family, sumBits, 2 * rows)
      : times(2 * slots, sum([smallMemory(family, sumBits, rows), amount({ lut: sumBits })]));
  const rest = amount({
    lut: lutRom(slots * field, unit.beats) + slots * sumBits + 10,
    // of the fields of few beats many bits are constant or equal
    ff: slots * (field / 2 + sumBits + unit.channelBits + 1) + words * sumBits + 20,
  });
  return sum([times(words, memories), rest]);
}

/**
 * densify: for each value of a beat, two halves of a memory for each token a cycle, whose words are
 * merged. `synth_xilinx` takes 73, 119 and 217 LUTs for 1, 2 and 4 tokens and one of 32 values a beat,
 * 150, 245 and 464 for four values.
 */
export function densify(
  family: BoardFamily,
  unit: {
    readonly channels: number;
    readonly valueBits: number;
    readonly values: number;
    readonly tokens: number;
  },
): Resources {
  const rows = 2 ** indexBits(ceilDivide(unit.channels, unit.values));
  const half = lutMemory(family, unit.valueBits, rows) + 3;
  return amount({
    lut:
      unit.values * (2 * half + unit.valueBits) +
      2 * unit.valueBits +
      20 +
      (unit.tokens - 1) * (unit.values * 2 * half + 2 * unit.valueBits + 6),
    ff: unit.values * unit.valueBits + 12,
  });
}
