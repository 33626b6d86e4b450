import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { LayerPlan } from '../../ir/plan.ts';
import { amount, rounded, sum, times } from './amount.ts';
import { adderTree, denseCore, drainPool, sparseLane } from './datapath.ts';
import { blockMemories, lutMemory, selectLuts } from './memories.ts';
import { densify, kwtaHistogram, kwtaInsert, logitBuffer, reluPack, requantise } from './tails.ts';

type Parameter = (name: string) => number;

function parametersOf(layer: LayerPlan): Parameter {
  return (name) => present(layer.parameters[name], `parameter ${name} of ${layer.name}`);
}

/** site_store: one copy of the rows a lane, and the counts of their sites. */
function siteStore(family: BoardFamily, p: Parameter): Resources {
  const width = p('Tokens') * p('TokenBits');
  const depth = 2 ** p('AddressBits');
  const block = p('BlockStore') !== 0;
  const data = block
    ? amount({ bram36: blockMemories(width, depth) })
    : amount({ lut: lutMemory(family, width, depth), ff: width });
  const sites = 2 ** (p('RowBits') + p('ColumnBits'));
  const counts =
    p('FixedCount') === 0 ? amount({ lut: lutMemory(family, p('CountBits'), sites) }) : amount({});
  const state = p('LeadBits') + p('RowBits') + p('ColumnBits') + 1 + p('CountBits');
  return sum([times(p('Lanes'), sum([data, counts])), amount({ lut: 2 * state, ff: state + 2 })]);
}

function windowControl(p: Parameter): Resources {
  const lead = p('LeadBits');
  const x = p('XBits');
  return amount({ lut: 9 * lead + 6 * x, ff: 6 * lead + 4 * x + p('RowBits') + 14 });
}

function laneSequencer(p: Parameter): Resources {
  const fields = p('PositionBits') + p('CountBits') + ceilLog2(Math.max(2, p('Words')));
  return amount({
    lut: p('LeadBits') + p('XBits') + 2 * p('BaseBits') + 2 * fields + 12,
    ff: p('LeadBits') + 2 * p('XBits') + 3 * p('BaseBits') + fields + 4,
  });
}

function core(family: BoardFamily, p: Parameter): Resources {
  const groups = p('Sets') / p('DrainWidth');
  const operandBits = p('ValueBits') + (p('ValueSigned') === 0 ? 1 : 0);
  const shared = {
    weightBits: p('WeightBits'),
    valueBits: p('ValueBits'),
    operandBits,
    sumBits: p('SumBits'),
    drainWidth: p('DrainWidth'),
    groups,
    baseBits: p('BaseBits'),
    weightDepth: p('WeightDepth'),
    blockWeights: p('BlockWeights') !== 0,
    tokens: p('Tokens'),
  };
  if (p('Core') !== 0) {
    return denseCore(family, {
      ...shared,
      lanes: p('Lanes'),
      values: p('Values'),
      outputs: p('Sets'),
      folds: p('SumDepth'),
      foldBits: p('SumAddressBits'),
    });
  }
  const lane = sparseLane(family, {
    ...shared,
    sets: p('Sets'),
    slotBits: p('SumAddressBits') + p('WeightBits'),
    sumAddressBits: p('SumAddressBits'),
    sumDepth: p('SumDepth'),
    tokenBits: p('TokenBits'),
  });
  return sum([
    times(p('Lanes'), lane),
    times(p('DrainWidth'), adderTree(p('Lanes'), p('SumBits'))),
  ]);
}

function tail(family: BoardFamily, layer: LayerPlan, p: Parameter): Resources {
  const slots = p('ReadWidth');
  const beats = layer.drainBeats * (p('DrainWidth') / slots);
  const shared = {
    slots,
    beats,
    sumBits: p('SumBits'),
    channels: p('OutChannels'),
    channelBits: p('OutChannelBits'),
    biasBits: p('BiasBits'),
  };
  if (layer.tail.kind === 'logits') {
    return logitBuffer(family, { ...shared, words: p('OutTokens') });
  }
  const outBits = p('OutBits');
  const tokens = p('TailTokens');
  const tokenBits = p('OutChannelBits') + outBits;
  const values = requantise(family, { ...shared, shiftBits: p('ShiftBits'), outBits });
  const pick = {
    insert: () => kwtaInsert(p('Winners'), tokenBits + p('OutSigned'), tokens),
    histogram: () => kwtaHistogram(family, { ...shared, winners: p('Winners'), tokens, outBits }),
    nonzero: () => reluPack(family, { slots, tokens, capacity: beats * slots, tokenBits }),
  };
  const dense = p('DenseWidth');
  return sum([
    values,
    pick[layer.tail.kind](),
    dense > 0
      ? densify(family, { channels: p('OutChannels'), valueBits: outBits, values: dense })
      : amount({}),
  ]);
}

/** One window_engine of a layer. */
export function engineResources(layer: LayerPlan, family: BoardFamily): Resources {
  const p = parametersOf(layer);
  return sum([
    siteStore(family, p),
    windowControl(p),
    times(p('Lanes'), laneSequencer(p)),
    core(family, p),
    drainPool(family, {
      drainWidth: p('DrainWidth'),
      readWidth: p('ReadWidth'),
      sumBits: p('SumBits'),
      beats: layer.drainBeats,
      windows: p('PoolHeight') * p('PoolWidth'),
      latency: layer.drainLatency,
    }),
    tail(family, layer, p),
  ]);
}

/** stream_register: two registers a bit. */
export function streamRegister(width: number): Resources {
  return amount({ lut: width + 3, ff: 2 * width + 2 });
}

/** site_merge of `ports` streams of `bits` bits a beat. */
export function siteMerge(ports: number, bits: number): Resources {
  if (ports === 1) return amount({});
  return amount({
    lut: (bits + 2) * selectLuts(ports) + ports + 3,
    ff: ports + ceilLog2(ports),
  });
}

/**
 * FPGA resources of a whole layer (all its engines, the merge and the register slice behind),
 * as Yosys maps them. No route-through or placement loss is in it.
 */
export function layerResources(layer: LayerPlan, family: BoardFamily): Resources {
  const { output, choice } = layer;
  const bits = output.countBits + output.tokensPerBeat * output.tokenBits;
  return rounded(
    sum([
      times(choice.engines, engineResources(layer, family)),
      siteMerge(choice.engines, bits),
      streamRegister(1 + bits),
      amount({ lut: ceilDivide(choice.engines, 6) }),
    ]),
  );
}
