import type { Proof } from '../prove.ts';

/** Words of a requantise small enough for all sums. */
const small = { AccBits: 6, ChannelBits: 2, BiasBits: 4, ShiftBits: 2, MinShift: 14, OutBits: 4 };

/** FIFOs, registers and tails. */
export const tailProofs: readonly Proof[] = [
  { module: 'stream_register', parameters: { Width: 2 }, steps: 6 },
  { module: 'token_fifo', parameters: { Width: 2, Depth: 2 }, steps: 6 },
  { module: 'token_fifo', parameters: { Width: 2, Depth: 5 }, steps: 9 },
  { module: 'block_fifo', parameters: { Width: 2, Depth: 3 }, steps: 7 },
  {
    module: 'block_fifo',
    parameters: { Width: 1, Depth: 6, BlockMemory: 0 },
    steps: 9,
  },
  {
    module: 'densify',
    parameters: { Channels: 3, ChannelBits: 2, ValueBits: 1, W: 2 },
    steps: 11,
    bounded: true,
  },
  {
    module: 'densify',
    parameters: { Channels: 3, ChannelBits: 2, ValueBits: 1, W: 2, T: 2 },
    steps: 9,
    bounded: true,
  },
  {
    module: 'relu_pack',
    parameters: { R: 2, T: 2, Beats: 2, OutBits: 2, ChannelBits: 2 },
    steps: 14,
    bounded: true,
  },
  {
    module: 'logit_buffer',
    parameters: { Beats: 2, Channels: 2, ChannelBits: 1, AccBits: 4, BiasBits: 3 },
    images: { 'logit_buffer.mem': '14\n0c\n' },
    steps: 14,
    bounded: true,
  },
  ...[{ High: 15 }, { OutSigned: 1, Low: -8, High: 6 }].map((range) => ({
    module: 'requantise',
    parameters: { ...small, Beats: 3, ...range },
    // {used, channel, bias, multiplier, shift}: {1, 1, 3, 32768, 2}, {1, 2, -8, 65535, 3}, {0, 3, 7, 1, 1}
    images: { 'requantise.mem': '14e0002\n1a3ffff\ndc0005\n' },
    steps: 8,
    coverSteps: 14,
    solver: 'abc' as const,
  })),
  {
    module: 'requantise',
    parameters: {
      ...small,
      Beats: 2,
      Leaky: 1,
      OutSigned: 1,
      Low: -8,
      High: 7,
      MultiplyRows: 1,
      Cycles: 4,
    },
    // below 0 and above: {1, 1, 3, 6000, 1, 40000, 0}, {1, 2, -8, 65535, 3, 30000, 2}
    images: { 'requantise.mem': '53177067100\n68ffffdd4c2\n' },
    steps: 14,
    bounded: true,
    coverSteps: 24,
    solver: 'abc',
  },
];
