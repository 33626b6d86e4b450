import { ceilLog2, indexBits } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { streamWordBits } from '../streams/weight-stream.ts';
import { amount } from './amount.ts';
import { blockMemories } from './memories.ts';

/** weight_stream: the FIFO of beats, and a word in three registers. */
export function weightStreamResources(
  { weightStream, copies }: Pick<Plan, 'weightStream' | 'copies'>,
  family: BoardFamily,
): Resources {
  if (weightStream === undefined) return amount({});
  const { beatBits, fifoDepth, sections } = weightStream;
  const wordBits = streamWordBits(weightStream);
  const pointer = ceilLog2(fifoDepth - 1);
  const beats = indexBits(wordBits / beatBits);
  const several = sections.length > 1;
  const counted = several ? 32 + 2 * indexBits(sections.length) : 0;
  return amount({
    bram36: blockMemories(family, beatBits, fifoDepth - 1),
    lut: 8 * pointer + 16 + 2 * beats + (several ? 2 * counted + 16 : 0) + copies / 6,
    ff: 3 * pointer + 5 + 3 * wordBits + beats + 1 + counted + sections.length,
  });
}
