import { ceilDivide, ceilLog2, indexBits, trailingZeros } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { memoryKind } from '../memories/memory-kinds.ts';
import { readBeats } from '../lower/read-beats.ts';
import { wordSelect } from './accumulators.ts';
import { amount, rounded, sum, times } from './amount.ts';
import { adderTree, denseCore, drainPool, sparseLane, vectorPool } from './datapath.ts';
import type { SmallForms } from './datapath.ts';
import { inFamily } from './family-facts.ts';
import { siteConcat } from './joins.ts';
import { kwtaSelect } from './kwta-select.ts';
import { loadingOfEngine } from './loading.ts';
import { maxPoolDatapath } from './max-pool.ts';
import { lutMemory, lutRom, simpleMemory, smallMemory } from './memories.ts';
import { queuedLane } from './queued-lane.ts';
import { densify, kwtaHistogram, kwtaInsert, logitBuffer, reluPack, requantise } from './tails.ts';
import { wiredDatapath } from './wired.ts';

type Parameter = (name: string) => number;

function parametersOf(layer: EngineLayerPlan): Parameter {
  return (name) => present(layer.parameters[name], `parameter ${name} of ${layer.name}`);
}

/** token_owners: a table of turns and the owner's flags for every token of a beat. */
function tokenOwners(p: Parameter): Resources {
  const table = lutRom(p('LaneBits'), 2 ** p('OwnerRowBits'));
  const owners = p('LaneBits') + p('Lanes') + p('CountBitsIn');
  return amount({ lut: p('Tokens') * (table + owners) });
}

/** beat_sequencer: place of the beat looked at, of that stepped on, its tokens that are left. */
function beatSequencer(p: Parameter): Resources {
  const place = p('ColumnBits') + ceilLog2(p('WordsPerSite'));
  const tokens = p('Tokens');
  return amount({
    lut: 2 * p('LeadBits') + place + 5 * tokens + 12,
    ff: p('LeadBits') + p('RowBits') + 2 * place + tokens + 7,
  });
}

/** site_store: one copy of the rows a lane, and the counts of their sites. */
function siteStore(layer: EngineLayerPlan, family: BoardFamily, p: Parameter): Resources {
  const width = p('Tokens') * p('TokenBits');
  const depth = 2 ** p('AddressBits');
  const data = simpleMemory(family, memoryKind(p('BlockStore')), { width, depth });
  const shared = layer.choice.channelLanes;
  const counted = p('FixedCount') === 0 && !shared;
  // a word has the counts of a run of sites, as many as it takes to have 64 words
  const siteBits = p('RowBits') + p('ColumnBits');
  const run = 2 ** Math.min(Math.max(0, siteBits - 6), p('ColumnBits'));
  const countBits = counted ? p('CountBits') : 0;
  const counts = shared
    ? amount({ lut: lutMemory(family, p('Tokens') + 1, depth) })
    : counted
      ? sum([
          smallMemory(family, run * countBits, 2 ** siteBits / run),
          amount({ lut: wordSelect(run, countBits) }),
        ])
      : amount({});
  const runCounts = (run - 1) * countBits;
  const state =
    2 * p('LeadBits') +
    1 +
    (p('ColumnBits') + 1 - ceilLog2(p('SitesPerBeat'))) +
    ceilLog2(p('WordsPerSite')) +
    run * countBits;
  return sum([
    times(p('Lanes'), sum([data, counts])),
    ...(shared ? [tokenOwners(p)] : []),
    amount({ lut: 4 * p('LeadBits') + 10 + (counted ? 6 + runCounts : 0), ff: state }),
  ]);
}

function windowControl(p: Parameter): Resources {
  const lead = p('LeadBits');
  const x = p('XBits');
  const pooled = p('PoolHeight') * p('PoolWidth') > 1;
  const rows = p('Padded') === 0 ? lead : 2 * lead;
  return amount({
    lut: 5 * lead + rows + 3 * x + (pooled ? 15 : 4) + p('Lanes') / 3,
    ff: 9 * lead + rows + (pooled ? 3 : 2) * x + (pooled ? 19 : 16),
  });
}

/** lane_sequencer: the position looked at and whether it is on the map, the one stepped on. */
function laneSequencer(p: Parameter): Resources {
  const words = p('Words');
  const stride = p('PositionStride');
  const zeros = stride > 0 ? trailingZeros(stride) : 0;
  const baseBits = Math.max(0, p('BaseBits') - zeros);
  const tokenBits = p('FixedCount') === 1 ? 0 : p('CountBits');
  const wordBits = words > 1 ? ceilLog2(words) + p('BaseBits') : 0;
  const counters = p('PositionBits') + tokenBits + wordBits;
  const lead = p('LeadBits');
  const x = p('XBits');
  const padded = p('Padded') !== 0;
  return amount({
    lut: lead + 2 * x + counters + 2 * baseBits + 17 + (padded ? 2 * lead + x : 0),
    ff:
      lead +
      2 * x +
      ceilLog2(p('KernelWidth')) +
      counters +
      tokenBits +
      2 * baseBits +
      p('RowBits') +
      p('ColumnBits') +
      7 +
      (padded ? lead + 1 : 0),
  });
}

/** weight_follower: the place of the next word, and the steps of a window. */
function weightFollower(p: Parameter, words: number): Resources {
  const place = p('SumAddressBits') + p('CountBits') + p('PositionBits');
  const site = p('LeadBits') + p('XBits');
  const steps = indexBits(words);
  return amount({
    lut: 1.5 * place + 2.5 * site + steps + 12,
    ff: place + ceilLog2(p('KernelWidth')) + 2 * site + steps + 1,
  });
}

/** What walks a lane's share of a window. */
function laneControl(layer: EngineLayerPlan, p: Parameter): Resources {
  if (layer.choice.channelLanes) return beatSequencer(p);
  return layer.streamed === undefined ? laneSequencer(p) : weightFollower(p, layer.streamed.words);
}

/**
 * Bits of a weight word that are 0 in all words, which synthesis leaves out: the upper ones of the sum
 * addresses of parallel sets that are not there in the last folds.
 */
function constantAddressBits({ slots, choice, sumDepth }: EngineLayerPlan, p: Parameter): number {
  const { setsParallel } = choice;
  let constant = 0;
  for (let set = 0; set < setsParallel; set += 1) {
    let last = sumDepth - 1;
    while (last > 0 && (slots[last * setsParallel + set] ?? -1) < 0) last -= 1;
    constant += p('SumAddressBits') - ceilLog2(last + 1);
  }
  return constant;
}

function smallForms({ choice, sumDepth }: EngineLayerPlan): SmallForms | null {
  const { oneBank, multiplyRows } = choice;
  return oneBank === undefined ? null : { oneBank, multiplyRows: multiplyRows === true, sumDepth };
}

function core(family: BoardFamily, layer: EngineLayerPlan, p: Parameter): Resources {
  const { queues } = layer.choice;
  const groups = p('Sets') / p('DrainWidth');
  const operandBits = p('ValueBits') + (p('ValueSigned') === 0 ? 1 : 0);
  const shared = {
    weightBits: p('WeightBits'),
    valueBits: p('ValueBits'),
    operandBits,
    sumBits: p('LaneSumBits'),
    drainWidth: p('DrainWidth'),
    groups,
    baseBits: p('BaseBits'),
    weightDepth: p('WeightDepth'),
    blockWeights: p('BlockWeights') !== 0,
    tokens: p('Tokens'),
    small: smallForms(layer),
  };
  if (p('Core') !== 0) {
    return denseCore(family, {
      ...shared,
      lanes: p('Lanes'),
      values: p('Values'),
      outputs: p('Sets'),
      folds: p('SumDepth'),
      foldBits: p('SumAddressBits'),
      streamWeights: layer.streamed !== undefined,
    });
  }
  const loaded = layer.parameters['LoadBits'] !== undefined;
  const channelBits = ceilLog2(layer.input.channels);
  const constantBits = loaded ? 0 : constantAddressBits(layer, p);
  const sparse = {
    ...shared,
    sets: p('Sets'),
    slotBits: p('SumAddressBits') + p('WeightBits'),
    constantBits,
    // a channel below the zeros of its base is the address
    addressAdder: channelBits <= p('BaseZeros') ? 0 : p('BaseBits') - p('BaseZeros'),
    loaded,
    sumAddressBits: p('SumAddressBits'),
    pairWeights: p('PairWeights') !== 0,
    tokenBits: p('TokenBits'),
  };
  const lane =
    queues === 0
      ? sparseLane(family, sparse)
      : queuedLane(family, {
          ...sparse,
          queues,
          queueDepth: p('QueueDepth'),
          startBits: p('QueueStartBits'),
          countBits: p('QueueCountBits'),
          pointerDepth: p('PointerDepth'),
          blockPointers: p('BlockPointers') !== 0,
        });
  return sum([
    times(p('Lanes'), lane),
    times(p('DrainWidth'), adderTree(p('Lanes'), p('LaneSumBits'), p('SumBits'))),
  ]);
}

function tail(family: BoardFamily, layer: EngineLayerPlan, p: Parameter): Resources {
  const slots = p('ReadWidth');
  const beats = readBeats(layer);
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
  const values = requantise(family, {
    ...shared,
    shiftBits: p('ShiftBits'),
    minimumShift: p('MinShift'),
    outBits,
    tagged: layer.tail.kind !== 'select',
    inRows: layer.parameters['ScaleRows'] === 1,
    cycles: layer.choice.scaleCycles ?? 1,
  });
  const groups = p('WinnerGroups');
  const channels = p('OutChannels') / groups;
  // a unit of a group does without the bits that tell the groups apart
  const channelBits = indexBits(channels);
  const grouped = (unit: Resources): Resources =>
    groups === 1
      ? unit
      : sum([
          times(groups, unit),
          siteConcat({
            inputs: groups,
            tokensPerBeat: tokens,
            tokenBits,
          }),
        ]);
  const pick = {
    select: () =>
      kwtaSelect(family, {
        channels,
        winners: p('Winners'),
        slots,
        beats,
        tokens,
        outBits,
        signed: p('OutSigned') !== 0,
        tokenBits,
        vectors: p('Vectors'),
      }),
    insert: () => grouped(kwtaInsert(p('Winners'), channelBits + outBits + p('OutSigned'))),
    histogram: () =>
      grouped(
        kwtaHistogram(family, {
          ...shared,
          channels,
          channelBits,
          winners: p('Winners'),
          tokens,
          outBits,
          block: p('BlockTail') !== 0,
        }),
      ),
    nonzero: () => reluPack(family, { slots, tokens, capacity: beats * slots, tokenBits }),
  };
  const dense = p('DenseWidth');
  return sum([
    values,
    pick[layer.tail.kind](),
    dense > 0
      ? densify(family, {
          channels: p('OutChannels'),
          valueBits: outBits,
          values: dense,
          tokens,
        })
      : amount({}),
  ]);
}

/** Everything of a wired layer before the slice behind it. */
function wiredResources(layer: EngineLayerPlan, family: BoardFamily): Resources {
  const p = parametersOf(layer);
  const { engines } = layer.choice;
  if (layer.tail.kind === 'select') {
    return sum([
      siteStore(layer, family, p),
      wiredDatapath(layer, family, p),
      tail(family, layer, p),
    ]);
  }
  const vectors = vectorPool(family, {
    drainWidth: p('DrainWidth'),
    readWidth: p('ReadWidth'),
    sumBits: p('SumBits'),
    beats: layer.drainBeats,
    windows: 1,
  });
  return sum([
    siteStore(layer, family, p),
    wiredDatapath(layer, family, p),
    times(engines, sum([vectors, tail(family, layer, p), amount({ lut: 4, ff: 4 })])),
  ]);
}

/** One window_engine of a layer, in LUTs of six inputs. */
export function engineResources(layer: EngineLayerPlan, family: BoardFamily): Resources {
  const p = parametersOf(layer);
  const control = sum([
    siteStore(layer, family, p),
    windowControl(p),
    times(p('Lanes'), laneControl(layer, p)),
  ]);
  if (layer.kind === 'max-pool') return sum([control, maxPoolDatapath(layer, family, p)]);
  return sum([
    control,
    core(family, layer, p),
    drainPool(family, {
      drainWidth: p('DrainWidth'),
      readWidth: p('ReadWidth'),
      sumBits: p('SumBits'),
      beats: layer.drainBeats,
      windows: p('PoolHeight') * p('PoolWidth'),
      through:
        layer.parameters['Through'] === 1 ? { block: layer.parameters['BlockPool'] === 1 } : null,
    }),
    tail(family, layer, p),
    loadingOfEngine(layer, family),
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
    lut: wordSelect(ports, bits) + 2 * ports + 3,
    ff: ports + ceilLog2(ports),
  });
}

/**
 * FPGA resources of a whole layer (all its engines, the merge and the register slice behind),
 * as Yosys maps them. No route-through or placement loss is in it.
 */
export function layerResources(layer: EngineLayerPlan, family: BoardFamily): Resources {
  const { output, choice } = layer;
  const bits = output.countBits + output.tokensPerBeat * output.tokenBits;
  const parts = sum([
    layer.wired === undefined
      ? times(choice.engines, engineResources(layer, family))
      : wiredResources(layer, family),
    siteMerge(choice.engines, bits),
    streamRegister(1 + bits),
    amount({ lut: ceilDivide(choice.engines, 6) }),
  ]);
  return rounded(inFamily(family, parts));
}
