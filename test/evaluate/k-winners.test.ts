import { describe, expect, it } from 'vitest';
import { keepWinners } from '../../src/evaluate/k-winners.ts';
import { integerBetween, seededRandom } from './random-graph.ts';

function winners(values: readonly number[], k: number, keepTies = false): number[] {
  const map = Int16Array.from(values);
  const shape = { channels: values.length, height: 1, width: 1 };
  keepWinners(map, shape, { k, scope: 'layer', groups: 1, tiesInModel: false }, keepTies);
  return Array.from(map);
}

describe('keepWinners', () => {
  it('keeps the k largest in place', () => {
    expect(winners([3, 1, 4, 1, 5, 9, 2, 6], 3)).toEqual([0, 0, 0, 0, 5, 9, 0, 6]);
  });

  it('gives ties to the lowest index', () => {
    expect(winners([5, 7, 5, 5, 9], 3)).toEqual([5, 7, 0, 0, 9]);
    expect(winners([4, 4, 4, 4], 2)).toEqual([4, 4, 0, 0]);
  });

  it('keeps every tie when asked to', () => {
    expect(winners([5, 7, 5, 5, 1], 2, true)).toEqual([5, 7, 5, 5, 0]);
  });

  it('lets zeros occupy a place, so that no other value takes it', () => {
    expect(winners([0, -3, 0, 2], 3)).toEqual([0, 0, 0, 2]);
  });

  it('keeps negative winners', () => {
    expect(winners([-5, -1, -9, -2], 2)).toEqual([0, -1, 0, -2]);
  });

  it('keeps everything when k covers the vector', () => {
    expect(winners([-5, 1, 0], 3)).toEqual([-5, 1, 0]);
    expect(winners([-5, 1, 0], 9)).toEqual([-5, 1, 0]);
  });

  it('works per site over channels, or over the whole map in CHW order', () => {
    const shape = { channels: 3, height: 1, width: 2 };
    const values = [1, 60, 2, 50, 3, 40];
    const perSite = Int16Array.from(values);
    keepWinners(perSite, shape, { k: 1, scope: 'site', groups: 1, tiesInModel: false });
    expect(Array.from(perSite)).toEqual([0, 60, 0, 0, 3, 0]);
    const perLayer = Int16Array.from(values);
    keepWinners(perLayer, shape, { k: 2, scope: 'layer', groups: 1, tiesInModel: false });
    expect(Array.from(perLayer)).toEqual([0, 60, 0, 50, 0, 0]);
  });

  it('gives every group of channels winners of its own', () => {
    const shape = { channels: 4, height: 1, width: 2 };
    const values = Int16Array.from([1, 60, 2, 50, 3, 40, 4, 40]);
    const rule = { k: 1, scope: 'site', groups: 2, tiesInModel: false } as const;
    const exact = values.slice();
    expect(keepWinners(exact, shape, rule)).toEqual({ vectors: 4, tiedVectors: 1 });
    expect(Array.from(exact)).toEqual([0, 60, 2, 0, 0, 40, 4, 0]);
    keepWinners(values, shape, rule, true);
    expect(Array.from(values)).toEqual([0, 60, 2, 0, 0, 40, 4, 40]);
  });

  it('refuses groups that are not equal ranges', () => {
    const shape = { channels: 4, height: 1, width: 1 };
    const rule = { k: 1, tiesInModel: false } as const;
    const values = new Int16Array(4);
    expect(() => keepWinners(values, shape, { ...rule, scope: 'site', groups: 3 })).toThrow(
      /equal/,
    );
    expect(() => keepWinners(values, shape, { ...rule, scope: 'layer', groups: 2 })).toThrow(
      /no groups/,
    );
  });

  it('counts contested vectors, not contests between zeros', () => {
    const shape = { channels: 3, height: 1, width: 3 };
    // Sites: (5, 5, 1) contested, (7, 0, 0) between zeros, (3, 2, 1) clear.
    const values = Int16Array.from([5, 7, 3, 5, 0, 2, 1, 0, 1]);
    const rule = { k: 1, scope: 'site', groups: 1, tiesInModel: false } as const;
    expect(keepWinners(values.slice(), shape, rule)).toEqual({ vectors: 3, tiedVectors: 1 });
    const wider = { ...rule, k: 2 };
    expect(keepWinners(values.slice(), shape, wider)).toEqual({ vectors: 3, tiedVectors: 0 });
  });

  it('equals a full stable sort on random vectors', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 2000; round += 1) {
      const length = integerBetween(random, 1, 40);
      const spread = integerBetween(random, 1, 20);
      const values = Array.from({ length }, () => integerBetween(random, -spread, spread));
      const k = integerBetween(random, 0, length);
      const order = values.map((_, index) => index);
      order.sort((left, right) => (values[right] ?? 0) - (values[left] ?? 0) || left - right);
      const kept = new Set(order.slice(0, k));
      expect(winners(values, k)).toEqual(
        values.map((value, index) => (kept.has(index) ? value : 0)),
      );
    }
  });
});
