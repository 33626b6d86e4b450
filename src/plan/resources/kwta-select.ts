import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { wordSelect } from './accumulators.ts';
import { amount, sum, times } from './amount.ts';
import { lutMemory, selectLuts } from './memories.ts';

/** A unit that selects winners. */
export interface KwtaSelect {
  readonly channels: number;
  readonly winners: number;
  /** Values a cycle. */
  readonly slots: number;
  readonly beats: number;
  /** A beat that leaves. */
  readonly tokens: number;
  readonly outBits: number;
  readonly signed: boolean;
  readonly tokenBits: number;
  /** At once. */
  readonly vectors: number;
}

/** Words of a shift register of LUTs; shorter delays are flip-flops. */
const shiftLength = 32;
const shortestShift = 3;

/** delay_line. */
function delayLine(width: number, cycles: number): Resources {
  const whole = Math.floor(cycles / shiftLength);
  const rest = cycles % shiftLength;
  // what is behind a full shift register is one as well, however short
  const shifts = whole + (rest >= shortestShift || (whole > 0 && rest > 0) ? 1 : 0);
  return shifts > 0 ? amount({ lut: shifts * width }) : amount({ ff: cycles * width });
}

/** saturating_sum: up to three bits a function of six inputs each, above that wider ones. */
function saturatingSum(bits: number): number {
  return bits <= 3 ? bits : 4 * bits;
}

/** LUTs of the disjunction of so many signals. */
function anyLuts(inputs: number): number {
  return inputs <= 1 ? 0 : Math.ceil((inputs - 1) / 5);
}

/** winner_level. */
function winnerLevel(slots: number, beats: number, bits: number): Resources {
  const triples = ceilDivide(slots, 3);
  const nodes = ceilDivide(triples, 2 ** Math.floor(ceilLog2(triples) / 2));
  return amount({
    lut: slots + triples * Math.min(2, bits) + triples * saturatingSum(bits) + 2 * bits + 1,
    ff: 2 * slots * (beats + 1) + slots + (nodes + 2) * bits + 1,
  });
}

/** prefix_count. */
function prefixCount(slots: number, bits: number): Resources {
  const groups = slots / 4;
  const sums = (groups / 2) * ceilLog2(groups) + groups;
  return amount({
    lut: groups * (Math.min(3, bits) + 4) + sums * saturatingSum(bits) + bits,
    ff: groups * (5 + bits) + bits,
  });
}

/** Bits that wait: of all values, of what is found of the K-th one, of how many are still to win. */
function waiting({ slots, beats, outBits }: KwtaSelect, bits: number): Resources {
  const period = beats + 2;
  const found = outBits * period;
  const levels = Array.from({ length: outBits }, (_, level) => level * period);
  return sum([
    ...levels.map((from) => delayLine(slots, from)),
    ...levels.map((from) => delayLine(slots + 1, found - from - beats - 1)),
    times(outBits - 1, delayLine(bits, beats + 1)),
    delayLine(bits, 2),
  ]);
}

/** kwta_select: a level a bit, ranks of ties and winners, a place for each winner. */
export function kwtaSelect(family: BoardFamily, unit: KwtaSelect): Resources {
  const { winners, slots, beats, tokens, outBits, signed, tokenBits, vectors } = unit;
  const bits = ceilLog2(winners + 1);
  const slotBits = ceilLog2(slots);
  const outBeats = ceilDivide(winners, tokens);
  const compared = slots * (2 * ceilDivide(outBits, 3) + 1 + (signed ? 2 : 0));
  const groups = slots / 4;
  const places = amount({
    lut:
      winners * slots * (bits <= 3 ? 1 : 2) +
      winners * slotBits * anyLuts(slots / 2) +
      winners * outBits * selectLuts(slots) +
      winners,
    ff: winners * (slotBits + 1 + tokenBits) + 2 * bits,
  });
  const flags = outBits * (beats + 2) + 5;
  const pointers = 4 * ceilLog2(vectors);
  const rest = amount({
    lut:
      compared +
      groups * (bits <= 3 ? bits : 2 * bits) +
      1.75 * slots +
      lutMemory(family, bits + outBeats * tokens * tokenBits, vectors) +
      wordSelect(outBeats, tokens * tokenBits) +
      2 * pointers +
      20,
    ff: 4 * slots * (outBits + 1) + flags + pointers + 10,
  });
  return sum([
    times(outBits, winnerLevel(slots, beats, bits)),
    times(2, prefixCount(slots, bits)),
    waiting(unit, bits),
    places,
    rest,
  ]);
}
