import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan, MemoryKind, Plan } from '../../ir/plan.ts';
import { partsOf } from '../memories/load-stream.ts';
import { memoryKind } from '../memories/memory-kinds.ts';
import { readBeats } from '../lower/read-beats.ts';
import { amount, sum, times } from './amount.ts';
import { weightMemory } from './datapath.ts';
import { blockRom, constantMemory, lutRom, simpleMemory } from './memories.ts';

/** A memory with what it takes as constants. */
interface Constants {
  readonly width: number;
  readonly depth: number;
  readonly memory: MemoryKind;
  readonly fixed: Resources;
}

/** Comparison of image and part, for every part of a word. */
const decodeLuts = 8;

/** What a memory takes whose words are loaded in parts of `loadBits`. */
function loadedMemory(
  family: BoardFamily,
  { width, depth, memory }: Constants,
  loadBits: number,
): Resources {
  const parts: Resources[] = [];
  for (let left = width; left > 0; left -= loadBits) {
    const bits = Math.min(left, loadBits);
    parts.push(simpleMemory(family, memory, { width: bits, depth }), amount({ lut: decodeLuts }));
  }
  return sum(parts);
}

/** Weights of every lane, parameters of the outputs, order of the channels. */
function constantsOf(layer: EngineLayerPlan, family: BoardFamily): readonly Constants[] {
  const p = (name: string): number => present(layer.parameters[name], name);
  const dense = p('Core') === 1;
  const { lanes, values, setsParallel, readWidth } = layer.choice;
  const width =
    setsParallel *
    (dense ? lanes * values * p('WeightBits') : p('SumAddressBits') + p('WeightBits'));
  const weights = { width, depth: p('WeightDepth'), memory: memoryKind(p('BlockWeights')) };
  const beats = readBeats(layer);
  const channel = 1 + p('OutChannelBits');
  const logits = layer.tail.kind === 'logits';
  const scales = logits ? 0 : 16 + p('ShiftBits');
  const field = channel + p('BiasBits') + (1 + p('Leaky')) * scales;
  // what the models of the tails count of the fields
  const counted = logits ? field : p('BiasBits') + 15 + p('ShiftBits');
  const countedRegisters = logits ? field / 2 : p('OutChannelBits') + counted;
  const order = readWidth * Math.max(1, ceilLog2(beats * readWidth));
  const rows = ceilDivide(layer.outputChannels, readWidth);
  const blockTail = p('BlockTail') !== 0;
  return [
    ...Array.from({ length: dense ? 1 : lanes }, () => ({
      ...weights,
      fixed: weightMemory(family, weights.width, weights.depth, weights.memory !== 'logic'),
    })),
    {
      width: readWidth * field,
      depth: beats,
      memory: 'logic',
      fixed: amount({
        lut: (logits ? lutRom : constantMemory)(readWidth * counted, beats),
        ff: readWidth * countedRegisters,
      }),
    },
    ...(layer.tail.kind === 'histogram'
      ? [
          {
            width: order,
            depth: rows,
            memory: memoryKind(p('BlockTail')),
            fixed: blockTail
              ? amount({ bram36: blockRom(family, order, rows).bram36 })
              : amount({ lut: lutRom(order, rows), ff: order }),
          },
        ]
      : []),
  ];
}

/**
 * What an engine of loaded weights takes beside one of the same widths with constants (less where
 * distributed memory is smaller than constants in logic); nothing where weights are fixed.
 */
export function loadingOfEngine(layer: EngineLayerPlan, family: BoardFamily): Resources {
  const loadBits = layer.parameters['LoadBits'];
  if (loadBits === undefined) return amount({});
  return sum(
    constantsOf(layer, family).map((memory) =>
      sum([loadedMemory(family, memory, loadBits), times(-1, memory.fixed)]),
    ),
  );
}

/** weight_loader, and the registers of the load bus on its way: equal ones are merged. */
export function loaderResources({ load, memories }: Pick<Plan, 'load' | 'memories'>): Resources {
  if (load === undefined) return amount({});
  const deepest = Math.max(...memories.map(({ depth }) => depth));
  const most = Math.max(...memories.map((memory) => partsOf(memory, load.beatBits)));
  const control = 1 + indexBits(memories.length) + indexBits(most) + indexBits(deepest);
  return amount({
    lut: 620 + 3 * memories.length,
    // three registers of the bus, check sum, places and limits, inferences inside
    ff: 3 * (load.beatBits + control) + 32 + 3 * control + 40,
  });
}
