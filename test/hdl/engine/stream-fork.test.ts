import { describe, expect, it } from 'vitest';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';
import { Source } from './source.ts';

const cases = [1, 2, 3, 8].map((ports) => ({ ports, seed: 860 + ports }));

describe('stream_fork', () => {
  it.each(cases)('every beat to each of $ports ports, seed $seed', ({ ports, seed }) => {
    const random = seededRandom(seed);
    const source = new Source(random, 0.8, () => random.integer(0, 2 ** 20 - 1));
    let served = new Set<number>();
    let beats = 0;
    let inPieces = 0;
    const cycles = Array.from({ length: 900 }, (_, index): Cycle => {
      const beat = source.offer();
      const ready = Array.from({ length: ports }, () => random.chance(index < 200 ? 1 : 0.5));
      const before = new Set(served);
      const taken = ready.every((can, port) => can || served.has(port));
      if (beat !== null) {
        if (taken) {
          source.taken();
          beats += 1;
          if (served.size > 0) inPieces += 1;
          served = new Set();
        } else {
          ready.forEach((can, port) => can && served.add(port));
        }
      }
      return {
        inputs: {
          valid_i: beat === null ? 0 : 1,
          data_i: beat ?? undefined,
          ready_i: ready.map(Number),
        },
        outputs: {
          ready_o: taken ? 1 : 0,
          valid_o: ready.map((_ready, port) => (beat !== null && !before.has(port) ? 1 : 0)),
          data_o: beat ?? undefined,
        },
      };
    });
    expect(beats).toBeGreaterThan(100);
    expect(inPieces > 50).toBe(ports > 1);
    expectCycles({
      module: 'stream_fork',
      parameters: { Ports: ports, Width: 20 },
      inputs: [
        { name: 'valid_i', bits: 1 },
        { name: 'data_i', bits: 20 },
        { name: 'ready_i', bits: ports, parts: ports },
      ],
      outputs: [
        { name: 'ready_o', bits: 1 },
        { name: 'valid_o', bits: ports, parts: ports },
        { name: 'data_o', bits: 20 },
      ],
      cycles,
    });
  });
});
