import type { BoardFamily, Resources } from '../../ir/board.ts';
import { amount, sum } from './amount.ts';
import { familyFacts } from './family-facts.ts';
import { blockMemories, dualPortMemory, registerFile, selectLuts } from './memories.ts';

/**
 * accumulator_cell: the sums of both banks with a flag each in one memory, the flags of the
 * draining side in another, one adder.
 */
export function accumulatorCell(
  family: BoardFamily,
  cell: { readonly addressBits: number; readonly sumBits: number },
): Resources {
  const places = 2 ** (1 + cell.addressBits);
  const sums = dualPortMemory(family, cell.sumBits + 1, places);
  const flags = dualPortMemory(family, 1, Math.max(64, places));
  return amount({ lut: sums + flags + cell.sumBits + 1 });
}

/** accumulator_bank: one bank, an adder, a choice of addresses and of what is written. */
export function accumulatorBank(
  family: BoardFamily,
  cell: { readonly addressBits: number; readonly sumBits: number; readonly depth: number },
  kind: 'block' | 'registers',
): Resources {
  const { addressBits, sumBits, depth } = cell;
  const sums =
    kind === 'block'
      ? amount({ bram36: blockMemories(family, sumBits, depth) })
      : registerFile(family, sumBits, depth);
  return sum([sums, amount({ lut: (2 * sumBits + addressBits) / familyFacts(family).logicOfLut })]);
}

/** word_select: a multiplexer. */
export function wordSelect(words: number, width: number): number {
  return width * selectLuts(words);
}

/** drain_select: registers, which are reset for sums nothing was added to. */
export function drainSelect(groups: number, drainWidth: number, sumBits: number): Resources {
  const width = drainWidth * sumBits;
  return amount({
    lut: wordSelect(groups, width) + drainWidth * Math.max(1, selectLuts(groups)),
    ff: width,
  });
}
