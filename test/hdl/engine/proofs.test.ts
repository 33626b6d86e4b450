import { describe, expect, it } from 'vitest';
import { prove } from '../../support/prove.ts';
import type { Proof } from '../../support/prove.ts';

/** What `ifdef FORMAL states, for several parameters. */
const proofs: readonly Proof[] = [
  { module: 'inference_distributor', parameters: { Copies: 1, DataBits: 2 }, steps: 4 },
  { module: 'inference_distributor', parameters: { Copies: 3, DataBits: 2 }, steps: 4 },
  { module: 'site_merge', parameters: { Ports: 1, CountBits: 1, DataBits: 2 }, steps: 4 },
  { module: 'site_merge', parameters: { Ports: 2, CountBits: 2, DataBits: 2 }, steps: 4 },
  { module: 'site_merge', parameters: { Ports: 5, CountBits: 1, DataBits: 1 }, steps: 4 },
  { module: 'weight_stream', parameters: { BeatBits: 2, FifoDepth: 4 }, steps: 4 },
  {
    module: 'weight_stream',
    parameters: { BeatBits: 1, FifoDepth: 3, WordBeats: 3, SectionBeats: 3 },
    steps: 5,
  },
  ...[0, 3, 5, 7].map((zeros) => ({
    module: 'base_sum',
    parameters: { Bits: 5, Zeros: zeros },
    steps: 1,
  })),
  { module: 'stream_fork', parameters: { Ports: 1, Width: 1 }, steps: 4 },
  { module: 'stream_fork', parameters: { Ports: 2, Width: 2 }, steps: 4 },
  { module: 'stream_fork', parameters: { Ports: 5, Width: 1 }, steps: 4 },
  {
    module: 'beat_splitter',
    parameters: { Parts: 4, PartBits: 2, StreamBeats: 10, BeatsPerSite: 5 },
    steps: 4,
  },
  {
    module: 'beat_splitter',
    parameters: { Parts: 1, PartBits: 2, StreamBeats: 3, BeatsPerSite: 1 },
    steps: 4,
  },
  {
    module: 'beat_splitter',
    parameters: { Parts: 4, PartBits: 1, StreamBeats: 3, BeatsPerSite: 3 },
    steps: 4,
  },
  ...[{ BDense: 1 }, { OutDense: 1, BDense: 1 }, { OutDense: 1, BDense: 1, ADense: 1 }].map(
    (forms) => ({
      module: 'join_add',
      parameters: {
        Channels: 3,
        ChannelBits: 2,
        W: 2,
        ABits: 2,
        BBits: 2,
        OutBits: 2,
        AMultiplier: 3,
        BMultiplier: 2,
        Shift: 2,
        High: 3,
        ...forms,
      },
      steps: 8,
      bounded: true as const,
    }),
  ),
  {
    module: 'answer_stream',
    parameters: { Dense: 1, Sites: 3, Channels: 3, P: 2, ValueBits: 2 },
    steps: 5,
  },
  {
    module: 'answer_stream',
    parameters: { Dense: 1, Sites: 2, Channels: 8, P: 4, ValueBits: 3, Signed: 1 },
    steps: 5,
  },
  {
    module: 'answer_stream',
    parameters: { Sites: 2, Channels: 2, ChannelBits: 1, P: 2, ValueBits: 1 },
    steps: 8,
    bounded: true,
  },
  {
    module: 'map_winners',
    parameters: {
      Channels: 1,
      ChannelBits: 1,
      Sites: 2,
      K: 1,
      KeepTies: 1,
      ValueBits: 2,
      T: 1,
      SiteBeats: 1,
      MapBeats: 2,
    },
    steps: 16,
    bounded: true,
    coverSteps: 26,
  },
  {
    module: 'map_winners',
    parameters: {
      Channels: 1,
      ChannelBits: 1,
      Sites: 2,
      K: 1,
      ValueBits: 2,
      T: 1,
      SiteBeats: 1,
      MapBeats: 2,
    },
    steps: 20,
    bounded: true,
    coverSteps: 32,
  },
  // lists of two inputs: 0x0101 is 1 bit for each
  ...[1, 2].map((tokens) => ({
    module: 'join_concat',
    parameters: {
      T: tokens,
      ChannelBits: 0x0101,
      ValueBits: 0x0101,
      OutValueBits: 1,
      DataBits: 4 * tokens,
    },
    steps: 8,
    bounded: true as const,
  })),
  {
    module: 'set_queue',
    parameters: { AddressBits: 2, CountBits: 3, ValueBits: 1, Depth: 8 },
    steps: 6,
  },
  {
    module: 'site_store',
    parameters: { RowBits: 1, ColumnBits: 2, Width: 3, LeadBits: 4, AddressBits: 3 },
    steps: 5,
  },
  {
    module: 'site_store',
    parameters: {
      RowBits: 2,
      ColumnBits: 1,
      Width: 2,
      WordsPerSite: 2,
      LeadBits: 5,
      AddressBits: 4,
    },
    steps: 5,
  },
  {
    module: 'site_store',
    parameters: {
      Tokens: 2,
      RowBits: 2,
      ColumnBits: 2,
      Width: 3,
      SitesPerBeat: 2,
      LeadBits: 4,
      AddressBits: 3,
      Counted: 0,
    },
    steps: 5,
  },
];

describe('properties of the engine modules are proved', () => {
  it.each(proofs)('$module holds for $parameters', (proof) => {
    const fixed = proof.module === 'site_store' ? { TokenBits: 1 } : {};
    expect(prove({ ...proof, parameters: { ...proof.parameters, ...fixed } })).toBe('');
  });
});
