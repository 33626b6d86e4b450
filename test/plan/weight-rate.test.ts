import { describe, expect, it } from 'vitest';
import { weightRate } from '../../src/plan/streams/weight-rate.ts';
import { listBoards } from '../../src/read/board.ts';

const memory = (gigabytes: number, share = 1) => ({
  dramGigabytesPerSecond: gigabytes,
  dramShare: share,
});

describe('weightRate', () => {
  it('is the bandwidth at the clock, in the narrowest beat that carries it', () => {
    // 8 bytes a cycle
    expect(weightRate(memory(0.8), 100)).toEqual({ beatBits: 64, rate: { beats: 1, cycles: 1 } });
    // 9: a wider beat, not every cycle
    expect(weightRate(memory(0.9), 100)).toEqual({ beatBits: 128, rate: { beats: 9, cycles: 16 } });
    expect(weightRate(memory(1, 0.9), 100)).toEqual(weightRate(memory(0.9), 100));
  });

  it('has beats of 32 bits at least, and one of 512 a cycle at most', () => {
    expect(weightRate(memory(0.001), 100)).toEqual({
      beatBits: 32,
      rate: { beats: 1, cycles: 400 },
    });
    expect(weightRate(memory(1000), 100)).toEqual({ beatBits: 512, rate: { beats: 1, cycles: 1 } });
  });

  it('is none without memory', () => {
    expect(weightRate({ dramGigabytesPerSecond: null, dramShare: 1 }, 100)).toBe(null);
  });

  it('is that of the board file on every board', async () => {
    for (const board of await listBoards()) {
      const found = weightRate(board, board.clockMHz);
      const { beatBits, rate } = found ?? { beatBits: 0, rate: { beats: 0, cycles: 1 } };
      const gigabytes = (beatBits / 8) * (rate.beats / rate.cycles) * board.clockMHz * 1e-3;
      const wanted = (board.dramGigabytesPerSecond ?? 0) * board.dramShare;
      expect(gigabytes, board.name).toBeCloseTo(Math.min(wanted, 0.064 * board.clockMHz), 4);
    }
  });
});
