import { describe, expect, it } from 'vitest';
import { multiplierDsps } from '../../src/plan/resources/datapath.ts';
import { blockMemories } from '../../src/plan/resources/memories.ts';
import { readBoard } from '../../src/read/board.ts';

describe('boards of Lattice and Intel', () => {
  // from the data sheets named in the files
  it.each([
    ['icebreaker', 'ice40-ultraplus', { lut: 5280, ff: 5280, bram36: 30, uram: 0, dsp: 8 }],
    ['ice40hx8k', 'ice40', { lut: 7680, ff: 7680, bram36: 32, uram: 0, dsp: 0 }],
    ['ulx3s-85f', 'ecp5', { lut: 83_640, ff: 83_640, bram36: 208, uram: 0, dsp: 156 }],
    ['de10-nano', 'cyclone5', { lut: 41_910, ff: 167_640, bram36: 553, uram: 0, dsp: 112 }],
    [
      'stratix10-gx2800',
      'stratix10',
      { lut: 933_120, ff: 3_732_480, bram36: 11_721, uram: 0, dsp: 5760 },
    ],
  ])('%s', async (name, family, resources) => {
    const board = await readBoard(name);
    expect(board.family).toBe(family);
    expect(board.resources).toEqual(resources);
  });

  it('knows the pins of the iCE40 boards', async () => {
    expect((await readBoard('icebreaker')).pins).toEqual({
      clock: '35',
      serialIn: '6',
      serialOut: '9',
      resetButton: '10',
    });
    expect((await readBoard('ice40hx8k')).pins).toEqual({
      clock: 'J3',
      serialIn: 'B10',
      serialOut: 'B12',
    });
    expect((await readBoard('ultra96')).pins).toBeNull();
  });
});

describe('block memories of a family', () => {
  it.each([
    ['ice40', 16, 256, 1],
    ['ice40', 13, 1152, 5],
    ['ice40', 14, 2048, 7],
    ['ice40', 20, 64, 2],
    ['ecp5', 36, 512, 1],
    ['ecp5', 14, 2048, 2],
    ['cyclone5', 40, 256, 1],
    ['cyclone5', 5, 2048, 1],
    ['stratix10', 40, 512, 1],
    ['stratix10', 20, 1024, 1],
    ['stratix10', 14, 2048, 2],
  ] as const)('%s: %i bits by %i words', (family, width, depth, blocks) => {
    expect(blockMemories(family, width, depth)).toBe(blocks);
  });
});

describe('multipliers of a family', () => {
  it.each([
    ['ice40', 8, 9, 0],
    ['ice40-ultraplus', 8, 9, 1],
    ['ice40-ultraplus', 21, 17, 4],
    ['ecp5', 8, 9, 1],
    ['ecp5', 25, 9, 2],
    ['cyclone5', 8, 9, 0.5],
    ['cyclone5', 25, 9, 1],
    ['stratix10', 21, 17, 1],
  ] as const)('%s: %i by %i', (family, first, second, blocks) => {
    expect(multiplierDsps(family, first, second)).toBe(blocks);
  });
});
