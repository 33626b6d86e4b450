import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tailProofs } from '../../support/proofs/tail.ts';
import { prove } from '../../support/prove.ts';
import { sourcesOf } from '../lint/tools.ts';

type Parameters = Readonly<Record<string, number>>;

interface Template {
  readonly module: string;
  readonly legal: readonly Parameters[];
  readonly illegal: readonly Parameters[];
}

const list: readonly Template[] = [
  {
    module: 'requantise',
    legal: [
      {},
      { R: 3, ShiftBits: 3, MinShift: 20, OutSigned: 1, Low: -128, High: 127, Beats: 1 },
      { OutSigned: 1, Low: -100, High: 127, Leaky: 1 },
      { OutBits: 9, OutSigned: 1, Low: -255, High: 255 },
      { BlockMemory: 1, OutBits: 4, High: 15 },
      { High: 6 },
    ],
    illegal: [
      { R: 0 },
      { ShiftBits: 7 },
      { BiasBits: 25 },
      { MinShift: 64 },
      { High: 256 },
      { Low: -1 },
      { Low: 1 },
      { OutSigned: 1 },
      { OutSigned: 1, Low: -129, High: 127 },
      { OutBits: 17 },
    ],
  },
  {
    module: 'kwta_insert',
    legal: [{}, { K: 6, T: 4, Signed: 1 }, { K: 3, T: 4 }, { K: 1 }],
    illegal: [{ K: 33 }, { K: 0 }, { T: 0 }],
  },
  {
    module: 'kwta_histogram',
    legal: [
      {},
      { R: 1, Beats: 64 },
      { R: 8, T: 2, Beats: 200, N: 1500, ChannelBits: 11, K: 150, Signed: 1, BlockMemory: 1 },
      { N: 62, Beats: 17, OutBits: 4 },
      { KeepTies: 1, OutBits: 9, Signed: 1 },
      // fewer channels than slots, as a group of a wide vector may have
      { N: 2, R: 8, K: 1, ChannelBits: 1 },
    ],
    illegal: [
      { R: 3, Beats: 30 },
      { Beats: 15 },
      { OutBits: 3 },
      { ChannelBits: 5 },
      { Buffers: 3 },
    ],
  },
  {
    module: 'kwta_select',
    legal: [
      {},
      { N: 50, R: 16, Beats: 4, K: 9, Signed: 1, T: 1 },
      { N: 3, R: 4, Beats: 1, K: 1, ChannelBits: 2, OutBits: 2, Vectors: 2 },
      { N: 256, R: 64, Beats: 4, K: 32, ChannelBits: 8, OutBits: 9, T: 1 },
    ],
    illegal: [{ K: 0 }, { R: 2, Beats: 32 }, { Beats: 3 }, { T: 0 }],
  },
  {
    module: 'relu_pack',
    legal: [
      {},
      { R: 1, T: 1 },
      { R: 8, T: 2, CommonBits: 3 },
      { R: 1, T: 8, Buffers: 4 },
      { Beats: 1, MaxTokens: 2 },
    ],
    illegal: [{ R: 3 }, { T: 6 }, { Buffers: 1 }, { CommonBits: 6 }],
  },
  {
    module: 'densify',
    legal: [
      {},
      { W: 1, Channels: 5 },
      { W: 8, Channels: 8 },
      { Channels: 1, ChannelBits: 1 },
      { T: 4 },
    ],
    illegal: [{ W: 3 }, { Channels: 65 }, { T: 0 }],
  },
  {
    module: 'logit_buffer',
    legal: [
      {},
      { R: 3, P: 4, Beats: 5 },
      { R: 2, P: 16, AccBits: 32 },
      { Channels: 1, Beats: 1, ChannelBits: 1 },
    ],
    illegal: [{ P: 3 }, { AccBits: 33 }, { Channels: 17 }],
  },
  {
    module: 'token_fifo',
    legal: [{}, { Depth: 2 }, { Depth: 5, Width: 1 }],
    illegal: [{ Depth: 1 }],
  },
  {
    module: 'block_fifo',
    legal: [{}, { Depth: 3 }, { Depth: 100, Width: 1, BlockMemory: 0 }],
    illegal: [{ Depth: 2 }, { Width: 0 }],
  },
  { module: 'stream_register', legal: [{}, { Bypass: 1 }, { Width: 1 }], illegal: [{ Width: 0 }] },
];

function sources({ module }: { readonly module: string }): readonly string[] {
  return sourcesOf(module);
}

function run(command: string, parameters: readonly string[], cwd?: string): string {
  return execFileSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 110_000,
  });
}

describe('templates of the tails', () => {
  it.each(list)('$module is clean in Verilator and Icarus', (template) => {
    for (const parameters of template.legal) {
      const generics = Object.entries(parameters);
      run('verilator', [
        '--lint-only',
        '-Wall',
        ...generics.map(([name, value]) => `-G${name}=${value}`),
        '--top-module',
        template.module,
        ...sources(template),
      ]);
      run('iverilog', [
        '-g2005',
        '-Wall',
        ...generics.map(([name, value]) => `-P${template.module}.${name}=${value}`),
        '-s',
        template.module,
        '-o',
        '/dev/null',
        ...sources(template),
      ]);
    }
  });

  it.each(list)('$module refuses illegal parameters', (template) => {
    for (const parameters of template.illegal) {
      const generics = Object.entries(parameters).map(
        ([name, value]) => `-P${template.module}.${name}=${value}`,
      );
      expect(() =>
        run('iverilog', [
          '-g2005',
          ...generics,
          '-s',
          template.module,
          '-o',
          '/dev/null',
          ...sources(template),
        ]),
      ).toThrow(new RegExp(`Unknown module type: ${template.module}_`, 'u'));
    }
  });
});

describe('properties of the tails', () => {
  it.each(tailProofs)('$module holds for $parameters', (proof) => {
    expect(prove(proof)).toBe('');
  });
});
