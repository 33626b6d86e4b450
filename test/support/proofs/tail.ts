import type { Proof } from '../prove.ts';

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
    module: 'kwta_insert',
    parameters: { K: 2, OutBits: 2, ChannelBits: 2, T: 1 },
    steps: 12,
    bounded: true,
  },
  {
    module: 'kwta_select',
    parameters: { N: 4, K: 1, R: 4, Beats: 1, OutBits: 2, ChannelBits: 2, T: 1, Vectors: 2 },
    steps: 17,
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
];
