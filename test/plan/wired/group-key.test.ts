import { describe, expect, it } from 'vitest';
import type { Term } from '../../../src/ir/adder-graph.ts';
import { seededRandom } from '../../../src/pack/seeded-random.ts';
import { groupKey, groupName } from '../../../src/plan/wired/group-key.ts';

const random = seededRandom(11);

/** Few nodes and shifts, so that groups occur again; some of each beyond what a number has room for. */
function term(): Term {
  const node = random(8) === 0 ? 2 ** 14 - 2 + random(4) : random(4);
  const shift = random(8) === 0 ? 14 + random(4) : random(3);
  return { node, shift, negative: random(2) === 1 };
}

describe('a key of terms', () => {
  it('tells apart what a name tells apart, and nothing else', () => {
    const keys = new Map<string, number | string>();
    const names = new Map<number | string, string>();
    let again = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const terms = Array.from({ length: 2 + random(2) }, term);
      const name = groupName(terms);
      const key = groupKey(terms);
      if (keys.has(name)) again += 1;
      expect(keys.get(name) ?? key).toBe(key);
      expect(names.get(key) ?? name).toBe(name);
      keys.set(name, key);
      names.set(key, name);
    }
    expect(again).toBeGreaterThan(1000);
    expect([...names.keys()].some((key) => typeof key === 'string')).toBe(true);
    expect([...names.keys()].some((key) => typeof key === 'number')).toBe(true);
  });
});
