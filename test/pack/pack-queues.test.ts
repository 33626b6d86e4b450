import { describe, expect, it } from 'vitest';
import { packQueues } from '../../src/pack/pack-queues.ts';
import type { PackingProblem } from '../../src/pack/packing-problem.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import { randomMasks } from './masks.ts';

const effort = { swaps: 20_000, steps: 500_000 };

/** Random masks; the first kernel is empty, the second one full, every eighth index unused. */
function unevenProblem(outputs: number, indices: number, density: number): PackingProblem {
  const random = seededRandom(outputs + indices);
  const nonZero = new Uint8Array(outputs * indices);
  for (let kernel = 1; kernel < outputs; kernel += 1) {
    for (let index = 0; index < indices; index += 1) {
      const set = kernel === 1 || random(1000) < 1000 * density;
      nonZero[kernel * indices + index] = Number(set && index % 8 !== 7);
    }
  }
  return { layer: 'uneven', outputs, indices, nonZero };
}

describe.each([
  { sets: 8, queues: 8 },
  { sets: 8, queues: 4 },
  { sets: 8, queues: 1 },
  { sets: 6, queues: 3 },
])('$sets sets in $queues queues', (shape) => {
  const problem = unevenProblem(50, 64, 0.2);
  const lanes = { lanes: 3, laneIndices: 24 };
  const packing = packQueues(problem, { ...shape, ...lanes, effort });
  const share = shape.sets / shape.queues;

  it('puts every kernel into one set, none larger than its part', () => {
    const channels = packing.sets.flatMap((set) => set.channels).sort((one, two) => one - two);
    expect(channels).toEqual(Array.from({ length: 50 }, (_, channel) => channel));
    expect(packing.sets).toHaveLength(shape.sets);
    expect(packing.setSize).toBeLessThanOrEqual(Math.ceil(50 / shape.sets));
  });

  it('has as many words at an index as the fullest set of the queue, none where none is used', () => {
    const { words } = packing.queues ?? { words: [] };
    expect(words).toHaveLength(shape.queues);
    let slots = 0;
    words.forEach((counts, queue) => {
      const sets = packing.sets.slice(queue * share, (queue + 1) * share);
      counts.forEach((count, index) => {
        const held = sets.map(
          ({ channels }) => channels.filter((c) => problem.nonZero[c * 64 + index] === 1).length,
        );
        expect(count).toBe(Math.max(...held));
        if (index % 8 === 7) expect(count).toBe(0);
        slots += share * count;
      });
    });
    const nonZeros = problem.nonZero.reduce((sum, bit) => sum + bit, 0);
    expect(packing.efficiency).toBeCloseTo(nonZeros / slots, 12);
  });

  it('gives the same packing again', () => {
    expect(packQueues(problem, { ...shape, ...lanes, effort })).toEqual(packing);
  });
});

describe('loads of queues', () => {
  const problem = randomMasks(64, 96, 850, 1);
  const lanes = { lanes: 4, laneIndices: 24 };
  const options = { sets: 8, queues: 8, ...lanes };
  const mean = problem.nonZero.reduce((sum, bit) => sum + bit, 0) / (8 * 4);

  it('are even over queues and lanes', () => {
    const { windowWords } = packQueues(problem, options).queues ?? { windowWords: Infinity };
    const dealt = packQueues(problem, { ...options, effort: { swaps: 0, steps: 1 } }).queues;
    expect(windowWords).toBeLessThan(1.12 * mean);
    expect(windowWords).toBeLessThan(dealt?.windowWords ?? 0);
  });

  it('count words only as often as their index is active', () => {
    const activity = Float64Array.from({ length: 96 }, (_, index) => (index % 3 === 0 ? 0.9 : 0.1));
    const weighted = packQueues(problem, { ...options, activity }).queues;
    const load = weighted?.words.map((counts) =>
      [0, 1, 2, 3].map((lane) =>
        counts
          .subarray(lane * 24, lane * 24 + 24)
          .reduce((sum, count, index) => sum + count * (activity[lane * 24 + index] ?? 0), 0),
      ),
    );
    expect(weighted?.windowWords).toBeCloseTo(Math.max(...(load ?? []).flat()), 9);
    expect(weighted?.windowWords).toBeLessThan(0.5 * mean);
  });

  it('refuse sets that queues do not divide and lanes that do not cover the indices', () => {
    expect(() => packQueues(problem, { ...options, queues: 3 })).toThrow('3 queues');
    expect(() => packQueues(problem, { ...options, lanes: 3 })).toThrow('3 lanes');
  });
});
