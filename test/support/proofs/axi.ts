import type { Proof } from '../prove.ts';

/** Around the core: AXI, reset, counters. */
export const axiProofs: readonly Proof[] = [
  ...[
    { Parts: 1, LastParts: 1 },
    { Parts: 2, LastParts: 1 },
    { Parts: 4, LastParts: 3 },
    { Parts: 4, LastParts: 4 },
  ].map((parts) => ({ module: 'axi_narrow', parameters: { PartBits: 2, ...parts }, steps: 5 })),
  ...[1, 2, 4].map((parts) => ({
    module: 'axi_widen',
    parameters: { PartBits: 2, Parts: parts },
    steps: 5,
  })),
  { module: 'axi_lite_slave', parameters: { AddressBits: 4 }, steps: 6 },
  { module: 'axi_lite_slave', parameters: { AddressBits: 3, ReadLatency: 3 }, steps: 8 },
  ...[
    { Beats: 1, Bytes: 1, LastBytes: 1 },
    { Beats: 3, Bytes: 2, LastBytes: 1 },
    { Beats: 4, Bytes: 1, LastBytes: 1 },
  ].flatMap((parameters) =>
    ['axi_frame_in', 'axi_frame_out'].map((module) => ({
      module,
      parameters: { BatchBits: 2, ...parameters },
      steps: 6,
    })),
  ),
  { module: 'burst_planner', parameters: { Bytes: 64, Burst: 64, CountBits: 12 }, steps: 5 },
  { module: 'burst_planner', parameters: { Bytes: 4, Burst: 256, CountBits: 12 }, steps: 5 },
  { module: 'core_reset', parameters: { ResetCycles: 1 }, steps: 4 },
  { module: 'core_reset', parameters: { ResetCycles: 6 }, steps: 10 },
  {
    module: 'event_counters',
    parameters: { Counters: 2, AmountBits: 1, CounterBits: 33 },
    steps: 6,
  },
  {
    module: 'event_counters',
    parameters: { Counters: 5, AmountBits: 3, CounterBits: 40 },
    steps: 8,
  },
  {
    module: 'memory_reader',
    parameters: { Bytes: 2, Burst: 4, Depth: 5, LastEvery: 3, CountBits: 10 },
    steps: 3,
    solver: 'abc',
  },
  {
    module: 'memory_reader',
    parameters: { Bytes: 1, Burst: 2, Depth: 4, LastEvery: 2, CountBits: 10 },
    steps: 14,
    bounded: true,
    solver: 'abc',
  },
  {
    module: 'memory_writer',
    parameters: { Bytes: 2, Burst: 4, Depth: 5, CountBits: 10 },
    steps: 3,
    coverSteps: 24,
    solver: 'abc',
  },
  {
    module: 'memory_writer',
    parameters: { Bytes: 1, Burst: 2, Depth: 4, CountBits: 10 },
    steps: 14,
    bounded: true,
    solver: 'abc',
  },
];
