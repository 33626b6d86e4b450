import type { BoardFamily, Resources } from '../../ir/board.ts';
import { amount } from './amount.ts';
import { singlePortMemory } from './memories.ts';

/** accumulator_cell: two banks, an adder each, cleared as they drain. */
export function accumulatorCell(
  family: BoardFamily,
  cell: { readonly depth: number; readonly addressBits: number; readonly sumBits: number },
): Resources {
  const memories = 2 * singlePortMemory(family, cell.sumBits, cell.depth);
  return amount({ lut: memories + 5 * cell.sumBits + 2 * cell.addressBits + 2 });
}

/**
 * LUTs a bit of a word chosen by an indexed part select: Yosys builds a shifter behind a
 * multiplication where the width of a word is no power of two.
 */
export function partSelectLuts(words: number, width: number): number {
  if (words <= 1) return 0;
  const plain = words <= 4 ? 1 : 0.37 * words;
  return words <= 4 || Number.isInteger(Math.log2(width)) ? plain : 2.6 * words;
}

/** drain_select: one register behind a multiplexer of the groups. */
export function drainSelect(groups: number, drainWidth: number, sumBits: number): Resources {
  const width = drainWidth * sumBits;
  return amount({ lut: width * partSelectLuts(groups, width), ff: width });
}
