import { describe, expect, it } from 'vitest';
import { diffReports, formatDiff, regressions } from '../../src/report/diff.ts';
import type { Report } from '../../src/report/schema.ts';
import { oneVariantReport } from './fixture-cases.ts';
import { keywordCnnReport } from './fixture.ts';

function withThroughput(factor: number): Report {
  const report = keywordCnnReport();
  const variant = report.variants['sparse-sparse'];
  if (variant?.timing == null) throw new Error('sparse-sparse has a rate');
  const { timing, resources } = variant;
  const changed = {
    ...variant,
    timing: { ...timing, throughputPerSecond: timing.throughputPerSecond * factor },
    resources: { ...resources, lut: resources.lut / 2 },
  };
  return { ...report, variants: { ...report.variants, 'sparse-sparse': changed } };
}

const named = (changes: ReturnType<typeof regressions>): readonly string[] =>
  changes.map(({ of, figure }) => `${of}.${figure}`);

describe('the difference of two reports', () => {
  it('is nothing between equal ones', () => {
    const diff = diffReports(keywordCnnReport(), keywordCnnReport());
    expect(diff.conditions).toEqual([]);
    expect(diff.figures.every(({ verdict }) => verdict === 'same')).toBe(true);
    expect(formatDiff(diff)).toBe(`All ${diff.figures.length} figures are the same\n`);
  });

  it('is better or worse by the sense of the figure', () => {
    const diff = diffReports(keywordCnnReport(), withThroughput(0.95));
    const changed = diff.figures.filter(({ verdict }) => verdict !== 'same');
    expect(changed).toMatchObject([
      { of: 'sparse-sparse', figure: 'throughput', verdict: 'worse' },
      { of: 'sparse-sparse', figure: 'lut', verdict: 'better', change: -0.5 },
    ]);
    expect(changed[0]?.change).toBeCloseTo(-0.05, 12);
    expect(formatDiff(diff)).toMatch(
      /^sparse-sparse\n {2}Throughput +2\.52.M\/s +2\.39.M\/s +−5\.0 % {2}worse\n {2}LUT .*−50\.0 % {2}better\n\d+ figures as before\n$/,
    );
  });

  it('is a regression beyond what is allowed', () => {
    const diff = diffReports(keywordCnnReport(), withThroughput(0.95));
    expect(named(regressions(diff, 0.04))).toEqual(['sparse-sparse.throughput']);
    expect(named(regressions(diff, 0.06))).toEqual([]);
    expect(named(regressions(diffReports(keywordCnnReport(), withThroughput(1.1)), 0))).toEqual([]);
  });

  it('is none at exactly what is allowed, and none of copies', () => {
    const at = (factor: number, allowed: number): readonly string[] =>
      named(regressions(diffReports(keywordCnnReport(), withThroughput(factor)), allowed));
    expect(at(0.98, 0.02)).toEqual([]);
    expect(at(0.9799, 0.02)).toEqual(['sparse-sparse.throughput']);
    const report = keywordCnnReport();
    const variant = report.variants.dense;
    if (variant === undefined) throw new Error('there is dense');
    const fewer = { ...report.variants, dense: { ...variant, copies: variant.copies - 1 } };
    const diff = diffReports(report, { ...report, variants: fewer });
    expect(diff.figures.find(({ verdict }) => verdict !== 'same')?.verdict).toBe('changed');
    expect(regressions(diff, 0)).toEqual([]);
  });

  it('is every difference from the reference, also where there was no simulation before', () => {
    const report = keywordCnnReport();
    const variant = report.variants.dense;
    if (variant?.verification == null) throw new Error('dense is simulated');
    const not = { ...report.variants, dense: { ...variant, verification: null } };
    const wrong = { ...variant, verification: { ...variant.verification, mismatches: 5 } };
    const diff = diffReports(
      { ...report, variants: not },
      { ...report, variants: { ...report.variants, dense: wrong } },
    );
    expect(named(regressions(diff, 1))).toEqual(['dense.mismatches']);
  });

  it('names what is gone, and counts it as worse', () => {
    const one = oneVariantReport();
    const diff = diffReports(keywordCnnReport(), one);
    const gone = regressions(diff, 10);
    expect(gone.length).toBeGreaterThan(0);
    expect(gone.every(({ after }) => after === null)).toBe(true);
    const back = diffReports(one, keywordCnnReport());
    expect(back.figures.some(({ verdict }) => verdict === 'appeared')).toBe(true);
    expect(regressions(back, 0).filter(({ after }) => after === null)).toEqual([]);
  });

  it('begins with what is not the same about the runs', () => {
    const report = keywordCnnReport();
    const other = {
      ...report,
      model: { ...report.model, sha256: 'other' },
      board: { ...report.board, clockMHz: 200 },
    };
    const diff = diffReports(report, other);
    expect(diff.conditions).toEqual([
      `SHA-256 of the model: ${report.model.sha256} before, other after`,
      'clock in MHz: 250 before, 200 after',
    ]);
    const variant = report.variants.dense;
    if (variant?.timing == null) throw new Error('dense has a rate');
    const timing = { ...variant.timing, clockMHz: 240, clockSource: 'place-and-route' };
    const routed = { ...report, variants: { ...report.variants, dense: { ...variant, timing } } };
    expect(diffReports(report, routed).conditions).toEqual([
      'clock of dense: 250 MHz (board) before, 240 MHz (place-and-route) after',
    ]);
    expect(formatDiff(diff)).toContain('Not the same clock in MHz: 250 before, 200 after\n');
  });
});
