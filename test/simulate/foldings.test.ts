import { describe, expect, it } from 'vitest';
import { studies } from '../../bench/foldings/studies.ts';
import type { FoldedDesign, FoldingStudy } from '../../bench/foldings/verify-foldings.ts';
import { foldedDesigns, violations } from '../../bench/foldings/verify-foldings.ts';
import { host, inFolder } from '../compile/tiny.ts';

/** A part of what `npm run verify:foldings` does with all samples, variants and seeds. */
const part = {
  network: { ...studies.tiny.network, samples: 6 },
  targets: { dense: [100_000], 'sparse-sparse': [40_000, 1_000_000] },
  gapSeeds: [1, 2],
} satisfies Omit<FoldingStudy, 'folder'>;

it('other foldings, gaps and back-pressure change nothing but the cycles', async () => {
  await inFolder(async (folder) => {
    const study = { ...part, folder };
    const designs = await foldedDesigns(study, host, () => undefined);
    expect(violations(study, designs)).toEqual([]);
    expect(designs.map(({ variant, target }) => [variant, target])).toEqual([
      ['dense', 100_000],
      ['sparse-sparse', 40_000],
      ['sparse-sparse', 1_000_000],
    ]);
    expect(new Set(designs.map(({ interval }) => interval)).size).toBe(3);
    expect(designs.map(({ answers }) => answers.length)).toEqual([3, 3, 3]);
  });
}, 1_200_000);

describe('a violation is', () => {
  const study: FoldingStudy = { ...part, folder: '' };
  const right: FoldedDesign = {
    variant: 'dense',
    target: 1,
    copies: 1,
    multipliers: 2,
    samples: 6,
    mismatches: 0,
    interval: 100,
    predictedInterval: 100,
    latency: 200,
    predictedLatency: 200,
    gapRuns: 2,
    answers: ['same', 'same', 'same'],
    folding: 'one',
    seconds: 1,
    differences: [],
  };

  it('nothing in a right design', () => {
    expect(violations(study, [right, { ...right, target: 2, folding: 'two' }])).toEqual([]);
  });

  it.each([
    [{ mismatches: 3, differences: ['here'] }, '3 differences, here'],
    [{ samples: 5 }, '5 samples were compared'],
    [{ gapRuns: 1 }, '1 of 2 runs with gaps are complete'],
    [{ answers: ['same', 'same', 'other'] }, 'answers same, other are not same'],
    [{ answers: ['same', 'same'] }, 'answers same are not same'],
    [{ interval: 101 }, 'interval 101, predicted 100'],
    [{ interval: NaN }, 'interval NaN, predicted 100'],
    [{ latency: 201 }, 'latency 201, predicted 200'],
  ])('%j', (wrong, message) => {
    expect(violations(study, [{ ...right, ...wrong }])).toEqual([`dense for 1/s: ${message}`]);
  });

  it('one folding twice, and other answers of another folding', () => {
    expect(violations(study, [right, { ...right, target: 2 }])).toEqual([
      'dense for 1/s: it is folded like the one for 2/s',
      'dense for 2/s: it is folded like the one for 1/s',
    ]);
    const other = { ...right, target: 2, folding: 'two', answers: ['x', 'x', 'x'] };
    expect(violations(study, [right, other])).toEqual(['dense for 2/s: answers x are not same']);
  });
});
