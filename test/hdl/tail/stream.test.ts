import { describe, expect, it } from 'vitest';
import { nextReady, runBench, type InputBeat } from './bench.ts';
import { seededRandom } from './random.ts';

/** The buffers of plain streams; the testbench wants a last port, so last is one more bit. */
const cases = [
  { module: 'stream_register', capacity: 2, gap: 0, stall: 0 },
  { module: 'stream_register', capacity: 2, gap: 2, stall: 0.5 },
  { module: 'token_fifo', capacity: 2, gap: 0, stall: 0 },
  { module: 'token_fifo', capacity: 5, gap: 1, stall: 0.5 },
  { module: 'token_fifo', capacity: 16, gap: 0, stall: 0.4 },
  { module: 'block_fifo', capacity: 3, gap: 0, stall: 0 },
  { module: 'block_fifo', capacity: 6, gap: 1, stall: 0.5 },
  { module: 'block_fifo', capacity: 100, gap: 0, stall: 0.6 },
] as const;

describe('stream buffers', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 400 + index })))(
    '$module of $capacity words, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const beats = Array.from({ length: 500 }, (_, index): InputBeat => ({
        gap: random.integer(0, test.gap),
        last: index % 10 === 9,
        fields: [{ bits: 11, value: random.integer(0, 2047) }],
      }));
      const ready = Array.from({ length: 997 }, () => !random.chance(test.stall));
      const result = runBench({
        module: test.module,
        parameters: {
          Width: 12,
          ...(test.module === 'stream_register' ? {} : { Depth: test.capacity }),
        },
        inputPorts: [{ name: 'data_i', bits: 11 }],
        outputPorts: [{ name: 'data_o', bits: 11 }],
        lastInData: true,
        input: 'stream',
        beats,
        ready,
        vectors: 50,
      });
      expect(result.outputs.map(({ word, last }) => ({ value: Number(word), last }))).toEqual(
        beats.map(({ fields, last }) => ({ value: fields[0]?.value, last })),
      );
      const latency = test.module === 'block_fifo' ? 2 : 1;
      const given: number[] = [];
      const taken: number[] = [];
      beats.forEach(({ gap }, index) => {
        const offered = (taken[index - 1] ?? -1) + 1 + gap;
        taken.push(Math.max(offered, (given[index - test.capacity] ?? -1) + 1));
        given.push(
          nextReady(ready, Math.max((taken[index] ?? 0) + latency, (given[index - 1] ?? -1) + 1)),
        );
      });
      expect(result.inputs).toEqual(taken);
      expect(result.outputs.map(({ cycle }) => cycle)).toEqual(given);
    },
  );
});
