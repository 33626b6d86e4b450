import { ceilLog2 } from '../../../src/base/bits.ts';
import { present } from '../../../src/base/invariant.ts';
import type { EngineLayerPlan, MemoryPlan } from '../../../src/ir/plan.ts';
import { vectorSlots } from '../../../src/plan/memories/memory-images.ts';

export const fieldKinds = [
  'weight',
  'kid',
  'start',
  'count',
  'turn',
  'shift',
  'multiplier',
  'bias',
  'channel',
  'exists',
  'position',
] as const;
export type FieldKind = (typeof fieldKinds)[number];

/** A part of every word of an image. */
export interface Field {
  readonly kind: FieldKind;
  /** Fields of a slot belong together: a weight and its kid, all of an output channel. */
  readonly slot: number;
  readonly low: number;
  readonly bits: number;
}

/** What the words of an image are made of, as the templates take them apart (their headers). */
export function imageFields(
  layer: EngineLayerPlan,
  purpose: MemoryPlan['purpose'],
): readonly Field[] {
  return laid(slotsOf(layer, purpose));
}

type Slot = readonly (readonly [FieldKind, bits: number])[];

function slotsOf(layer: EngineLayerPlan, purpose: MemoryPlan['purpose']): readonly Slot[] {
  const { core, setsParallel, lanes, values, queues, readWidth } = layer.choice;
  const parameter = (name: string): number => present(layer.parameters[name], name);
  const times = (count: number, slot: Slot): readonly Slot[] => Array<Slot>(count).fill(slot);
  switch (purpose) {
    case 'weights':
      if (core === 'dense') {
        return times(setsParallel * lanes * values, [['weight', layer.weightBits]]);
      }
      return times(setsParallel / Math.max(1, queues), [
        ['weight', layer.weightBits],
        ['kid', parameter('SumAddressBits')],
      ]);
    case 'pointers':
      return times(queues, [
        ['count', parameter('QueueCountBits')],
        ['start', parameter('QueueStartBits')],
      ]);
    case 'turns':
      return [[['turn', ceilLog2(lanes)]]];
    case 'requantise': {
      const scale: Slot = [
        ['shift', parameter('ShiftBits')],
        ['multiplier', 16],
      ];
      const scales = scalesOf(layer);
      return times(readWidth, [
        ...Array<Slot>(scales).fill(scale).flat(),
        ['bias', parameter('BiasBits')],
        ['channel', parameter('OutChannelBits')],
        ['exists', 1],
      ]);
    }
    case 'permutation': {
      const slots = vectorSlots(layer).length;
      return times(readWidth, [['position', Math.max(1, ceilLog2(slots))]]);
    }
  }
}

/** Scales of an output channel: none of an answer, two with LeakyReLU. */
function scalesOf(layer: EngineLayerPlan): number {
  if (layer.tail.kind === 'logits') return 0;
  return layer.parameters['Leaky'] === 1 ? 2 : 1;
}

function laid(slots: readonly Slot[]): readonly Field[] {
  let low = 0;
  return slots.flatMap((slot, number) =>
    slot.map(([kind, bits]): Field => {
      const field = { kind, slot: number, low, bits };
      low += bits;
      return field;
    }),
  );
}

export function fieldOf(word: bigint, { low, bits }: Field): bigint {
  return (word >> BigInt(low)) & ((1n << BigInt(bits)) - 1n);
}

/** The word with another value in a field, cut to its bits. */
export function withField(word: bigint, field: Field, value: bigint): bigint {
  const mask = (1n << BigInt(field.bits)) - 1n;
  const low = BigInt(field.low);
  return (word & ~(mask << low)) | ((value & mask) << low);
}

/** Words of `.mem` text. */
export function wordsOf(text: string): readonly bigint[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => BigInt(`0x${line}`));
}

export function textOf(words: readonly bigint[], widthBits: number): string {
  const digits = Math.ceil(widthBits / 4);
  return `${words.map((word) => word.toString(16).padStart(digits, '0')).join('\n')}\n`;
}
