import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
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
import { multiplierDsps } from './datapath.ts';
import { blockMemories, lutMemory, selectLuts } from './memories.ts';
import { reluPack } from './tails.ts';

/** join_add or join_concat. */
export function joinResources(layer: JoinLayerPlan, family: BoardFamily): Resources {
  return layer.kind === 'add' ? addition(layer, family) : concatenation(layer);
}

/** Tokens of a site filled into two halves of a memory for each value of a beat. */
function fill(stream: StreamPlan, width: number, family: BoardFamily): Resources {
  if (stream.kind === 'dense') return amount({});
  const rows = 2 ** indexBits(ceilDivide(stream.channels, width));
  const half = lutMemory(family, stream.valueBits, rows) + rows / 8 + 4;
  return amount({
    lut: width * (2 * half + stream.valueBits * (1 + selectLuts(stream.tokensPerBeat))) + 20,
    ff: width * (stream.valueBits + 2 * rows) + 12,
  });
}

function addition(layer: AddLayerPlan, family: BoardFamily): Resources {
  const { width } = layer.choice;
  const { output } = layer;
  const parameter = (name: string): number => present(layer.parameters[name], name);
  const term = (stream: StreamPlan, multiplier: number): Resources =>
    amount({
      dsp: multiplierDsps(family, stream.valueBits + 1, ceilLog2(Math.abs(multiplier) + 1) + 1),
      ff: stream.valueBits,
    });
  const [a, b] = layer.inputStreams;
  const left = present(a, 'an addition has two inputs');
  const right = present(b, 'an addition has two inputs');
  const value = sum([
    term(left, parameter('AMultiplier')),
    term(right, parameter('BMultiplier')),
    amount({ lut: 28 + 2 * output.valueBits, ff: 28 + output.valueBits }),
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
    fill(left, width, family),
    fill(right, width, family),
    times(width, value),
    tokens,
    amount({ lut: 20, ff: 2 * ceilLog2(beats + 1) + 12 }),
  ]);
}

function concatenation(layer: ConcatLayerPlan): Resources {
  const { output, inputStreams } = layer;
  const { tokensPerBeat, tokenBits } = output;
  // one of the inputs, then a rotation by the tokens that wait for a full beat
  const choose = tokensPerBeat * tokenBits * selectLuts(inputStreams.length);
  const rotate = 2 * tokensPerBeat * tokenBits * selectLuts(tokensPerBeat);
  return amount({
    lut: choose + rotate + tokensPerBeat * output.channelBits + 40,
    ff: 2 * tokensPerBeat * tokenBits + 2 * output.countBits + inputStreams.length + 8,
  });
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
  const control = amount({ lut: 4 * pointer + 8, ff: 2 * pointer + 2 });
  return sum([
    control,
    edge.blockFifo
      ? amount({ bram36: blockMemories(width, fifoDepth), lut: 12, ff: width + pointer })
      : amount({ lut: lutMemory(family, width, fifoDepth) }),
  ]);
}
