import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type {
  AddLayerPlan,
  ConcatLayerPlan,
  EdgePlan,
  JoinLayerPlan,
  StreamPlan,
} from '../../ir/plan.ts';
import { amount, sum, times } from './amount.ts';
import { multiplier } from './datapath.ts';
import { blockMemories, blockWays, lutMemory, selectLuts } from './memories.ts';
import { mapWinners } from './map-winners.ts';
import { densify, reluPack } from './tails.ts';

/** join_add, join_concat or map_winners. */
export function joinResources(layer: JoinLayerPlan, family: BoardFamily): Resources {
  switch (layer.kind) {
    case 'add':
      return addition(layer, family);
    case 'concat':
      return concatenation(layer);
    case 'winners':
      return mapWinners(layer, family);
  }
}

/** `densify` in front of an addition of tokens. */
function inOrder(stream: StreamPlan, width: number, family: BoardFamily): Resources {
  if (stream.kind === 'dense') return amount({});
  const { channels, valueBits, tokensPerBeat } = stream;
  return densify(family, { channels, valueBits, values: width, tokens: tokensPerBeat });
}

function addition(layer: AddLayerPlan, family: BoardFamily): Resources {
  const { width } = layer.choice;
  const { output } = layer;
  const parameter = (name: string): number => present(layer.parameters[name], name);
  // a value and its product, registered
  const term = (stream: StreamPlan, factor: number): Resources => {
    const bits = ceilLog2(Math.abs(factor) + 1);
    return sum([
      multiplier(family, stream.valueBits + 1, bits + 1),
      amount({ ff: 2 * stream.valueBits + bits }),
    ]);
  };
  const [a, b] = layer.inputStreams;
  const left = present(a, 'an addition has two inputs');
  const right = present(b, 'an addition has two inputs');
  // two products and the rounding; what is rounded off is not kept
  const wide = Math.max(left.valueBits, right.valueBits) + 19;
  const sumBits = Math.max(wide, parameter('Shift') + output.valueBits) + 1;
  const value = sum([
    term(left, parameter('AMultiplier')),
    term(right, parameter('BMultiplier')),
    amount({
      lut: 1.8 * sumBits + output.valueBits,
      ff: sumBits - parameter('Shift') + output.valueBits,
    }),
  ]);
  const beats = ceilDivide(layer.outputChannels, width);
  const tokens =
    output.kind === 'tokens'
      ? reluPack(family, {
          slots: width,
          tokens: output.tokensPerBeat,
          capacity: beats * width,
          tokenBits: output.tokenBits,
        })
      : amount({});
  return sum([
    inOrder(left, width, family),
    inOrder(right, width, family),
    times(width, value),
    tokens,
    amount({ lut: 20, ff: 2 * ceilLog2(beats + 1) + 12 }),
  ]);
}

function concatenation({ output, inputStreams }: ConcatLayerPlan): Resources {
  return siteConcat({ ...output, inputs: inputStreams.length });
}

/** join_concat. */
export function siteConcat(
  unit: Pick<StreamPlan, 'tokensPerBeat' | 'tokenBits'> & {
    readonly inputs: number;
  },
): Resources {
  const { inputs, tokensPerBeat, tokenBits } = unit;
  const bits = tokensPerBeat * tokenBits;
  return amount({
    lut: bits * (selectLuts(inputs) + moveLuts(tokensPerBeat)) + 40,
    ff: 2 * bits + 2 * ceilLog2(tokensPerBeat + 1) + inputs + 8,
  });
}

/**
 * LUTs a bit of a beat to move tokens up behind those that wait for a full beat, and to keep what is over:
 * with two tokens one choice, with more a shift through twice as many places and two choices behind it.
 */
function moveLuts(tokensPerBeat: number): number {
  if (tokensPerBeat === 1) return 0;
  return tokensPerBeat === 2 ? 1.2 : 6.35;
}

/** stream_fork. */
export function fork(readers: number): Resources {
  return readers === 1 ? amount({}) : amount({ lut: 2 * readers + 1, ff: readers });
}

/** The FIFO on an edge. */
export function edgeFifo(edge: EdgePlan, stream: StreamPlan, family: BoardFamily): Resources {
  const { fifoDepth } = edge;
  if (fifoDepth === 0) return amount({});
  const width = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
  const pointer = ceilLog2(fifoDepth);
  const lut = 4 * pointer + 8;
  if (!edge.blockFifo) {
    return amount({ lut: lut + lutMemory(family, width, fifoDepth), ff: 3 * pointer + 2 });
  }
  // blocks that hold different words have a multiplexer behind them
  const ways = blockWays(family, width, fifoDepth);
  return amount({
    bram36: blockMemories(family, width, fifoDepth),
    lut: lut + 12 + width * selectLuts(ways) + (ways > 1 ? 3 * ways : 0),
    ff: 3 * pointer + 3 + ceilLog2(ways),
  });
}
