import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { amount, sum, times } from './amount.ts';
import { drainPool } from './datapath.ts';
import { lutMemory, selectLuts } from './memories.ts';
import { densify, reluPack } from './tails.ts';

type Parameter = (name: string) => number;

/** max_lane: two banks of a cell for every set, a comparison each. */
function maxLane(family: BoardFamily, p: Parameter): Resources {
  const bits = p('ValueBits');
  const cell = 2 * lutMemory(family, bits, p('SumDepth')) + 2.5 * bits + 5;
  const groups = p('Sets') / p('DrainWidth');
  return amount({
    lut:
      p('Sets') * cell +
      3 * p('Values') * bits +
      p('Values') * p('TokenBits') * selectLuts(p('Tokens') / p('Values')) +
      p('DrainWidth') * bits * selectLuts(2 * groups),
    ff: p('Sets') + 1.5 * p('Values') * bits + p('DrainWidth') * bits + 9,
  });
}

/** What follows the control and the lanes of a max-pooling engine. */
export function maxPoolDatapath(
  layer: EngineLayerPlan,
  family: BoardFamily,
  p: Parameter,
): Resources {
  const bits = p('ValueBits');
  const lanes = p('Lanes');
  const slots = p('ReadWidth');
  const beats = layer.drainBeats * (p('DrainWidth') / slots);
  const dense = p('DenseWidth');
  return sum([
    times(lanes, maxLane(family, p)),
    times(p('DrainWidth') * (lanes - 1), amount({ lut: 1.5 * bits, ff: bits })),
    drainPool(family, {
      drainWidth: p('DrainWidth'),
      readWidth: slots,
      sumBits: bits,
      beats: layer.drainBeats,
      windows: 1,
    }),
    reluPack(family, {
      slots,
      tokens: p('TailTokens'),
      capacity: beats * slots,
      tokenBits: p('OutChannelBits') + bits,
    }),
    dense > 0
      ? densify(family, {
          channels: p('OutChannels'),
          valueBits: bits,
          values: dense,
          tokens: p('TailTokens'),
        })
      : amount({}),
  ]);
}
