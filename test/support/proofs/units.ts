import type { Proof } from '../prove.ts';

/** Memories, comparisons and other small units. */
export const unitProofs: readonly Proof[] = [
  ...[0, 1, 2].map((kind) => ({
    module: 'simple_memory',
    parameters: { Width: 2, Depth: 5, AddressBits: 3, BlockMemory: kind },
    steps: 6,
  })),
  ...[1, 2, 3, 5].map((bits) => ({ module: 'tie_room', parameters: { Bits: bits }, steps: 1 })),
  ...[1, 3, 6].flatMap((bits) =>
    ['saturating_sum', 'value_above'].map((module) => ({
      module,
      parameters: { Bits: bits },
      steps: 1,
    })),
  ),
  ...[0, 1, 5].map((cycles) => ({
    module: 'delay_line',
    parameters: { Width: 2, Cycles: cycles },
    steps: cycles + 3,
  })),
  ...[
    { Terms: 1, TermBits: 3, Signed: 0 },
    { Terms: 5, TermBits: 3, Signed: 1 },
    { Terms: 8, TermBits: 2, Signed: 0 },
  ].map((parameters) => ({ module: 'maximum_tree', parameters, steps: 7 })),
  { module: 'serial_transmitter', parameters: { Divider: 4 }, steps: 4, coverSteps: 14 },
  { module: 'serial_transmitter', parameters: { Divider: 5 }, steps: 4, coverSteps: 16 },
  ...[4, 8].map((divider) => ({
    module: 'serial_receiver',
    parameters: { Divider: divider },
    steps: 4,
    coverSteps: 60,
    solver: 'abc' as const,
  })),
  { module: 'serial_receiver', parameters: { Divider: 5 }, steps: 4, coverSteps: 25 },
  ...[
    { Words: 1, IndexBits: 1, Width: 2 },
    { Words: 5, IndexBits: 3, Width: 2 },
    { Words: 8, IndexBits: 4, Width: 1 },
  ].map((parameters) => ({ module: 'word_select', parameters, steps: 1 })),
  { module: 'event_adder', parameters: { Fields: 3, Bits: 2 }, steps: 3 },
  ...[0, 1, 2].map((kind) => ({
    module: 'weight_memory',
    parameters: {
      Width: 5,
      Depth: 3,
      AddressBits: 2,
      BlockMemory: kind,
      LoadBits: 2,
      LoadImage: 1,
    },
    steps: 8,
    bounded: true as const,
    solver: 'abc' as const,
  })),
  ...[0, 1].map((kind) => ({
    module: 'weight_memory',
    parameters: { Width: 5, Depth: 3, AddressBits: 2, BlockMemory: kind },
    images: { 'weights.mem': '1f\n02\n15\n' },
    steps: 3,
  })),
];
