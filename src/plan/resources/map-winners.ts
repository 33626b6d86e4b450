import { ceilLog2, indexBits, nextPowerOfTwo } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { WinnersLayerPlan } from '../../ir/plan.ts';
import { amount, sum, times } from './amount.ts';
import { blockMemories, lutMemory, singlePortMemory } from './memories.ts';
import { densify, reluPack } from './tails.ts';

/** map_winners and the densify behind it. */
export function mapWinners(layer: WinnersLayerPlan, family: BoardFamily): Resources {
  const p = (name: string): number => present(layer.parameters[name], name);
  const [slots, channelBits, valueBits, mapBeats] = [
    p('T'),
    p('ChannelBits'),
    p('ValueBits'),
    p('MapBeats'),
  ];
  const { output } = layer;
  const tokenBits = channelBits + valueBits;
  const word = 1 + ceilLog2(slots + 1) + slots * tokenBits;
  const words = 2 * nextPowerOfTwo(mapBeats);
  const maps =
    p('BlockMemory') === 1
      ? amount({ bram36: blockMemories(family, word, words) })
      : amount({ lut: lutMemory(family, word, words), ff: word });
  const binBits = ceilLog2(mapBeats + 1);
  const tieBits = p('KeepTies') === 1 ? 0 : ceilLog2(p('Sites') + 1);
  const needBits = ceilLog2(p('Channels') * p('Sites') + mapBeats * slots + 1) + 1;
  const bins = 2 * (singlePortMemory(family, binBits, 2 ** valueBits) + binBits + valueBits);
  const ties = tieBits === 0 ? 0 : singlePortMemory(family, tieBits, 2 ** channelBits);
  const slot = amount({
    // counts of more than two slots are added, and their winners dealt out, in steps of their own
    lut:
      bins + ties + 2 * tieBits + needBits + 2 * valueBits + 2 * channelBits + (slots > 2 ? 54 : 0),
    ff: binBits + tieBits + 2 * tokenBits + valueBits + 6,
  });
  const control = amount({
    lut: 6 * needBits + 4 * indexBits(mapBeats) + 60,
    ff: 3 * needBits + 4 * binBits + 2 * valueBits + 3 * channelBits + 40,
  });
  const pack = reluPack(family, {
    slots,
    tokens: slots,
    capacity: p('SiteBeats') * slots,
    tokenBits,
    buffers: 8,
  });
  return sum([
    maps,
    times(slots, slot),
    control,
    pack,
    output.kind === 'dense'
      ? densify(family, {
          channels: p('Channels'),
          valueBits,
          values: output.tokensPerBeat,
          tokens: slots,
        })
      : amount({}),
  ]);
}
