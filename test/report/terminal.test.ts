import { describe, expect, test } from 'vitest';
import { formatReport } from '../../src/report/terminal.ts';
import { hostileReport, misfitReport, oneVariantReport, predictedReport } from './fixture-cases.ts';
import { keywordCnnReport } from './fixture.ts';

const plainAt = (width: number) => ({ colour: false, width });
const escape = '\u001b';

describe('formatReport', () => {
  test('is one screen at 80 columns', () => {
    const text = formatReport(keywordCnnReport(), {
      ...plainAt(80),
      htmlPath: 'build/report.html',
    });
    expect(text).toBe(`keyword-cnn on alveo-u250
  xcu250-figd2104-2L-e, 250 MHz, 300 samples
  Accuracy 95.0 % float, 94.7 % quantised (−0.3 points)
  Products 13.9 M dense, 1.39 M weight-sparse, 703 k both-sparse; limit 19.8×

                               dense      sparse-dense     sparse-sparse
  Throughput                 329 k/s          1.26 M/s          2.52 M/s
  Latency                    13.6 µs           7.56 µs           4.82 µs
    under load               19.1 µs           10.6 µs           6.74 µs
  Energy/inference           21.4 µJ           6.82 µJ           3.31 µJ
    low to high      9.4 µJ to 49 µJ   3.0 µJ to 16 µJ  1.5 µJ to 7.6 µJ
  Interval, cycles               760               198              99.4
    predicted                    760               198              99.4
  Latency, cycles              3,412             1,890             1,204
    predicted                  3,412             1,890             1,204
    as predicted            16 of 16          16 of 16          16 of 16
    p99                        3,458             1,936             1,250
    worst, bound        3,458, 4,312      1,936, 2,790      1,250, 2,104
  Copies                           2                 4                 8
  LUT                         35.4 %            63.9 %            82.3 %
  FF                          25.8 %            37.9 %            44.3 %
  BRAM36                      82.4 %            41.1 %            48.8 %
  DSP                         75.0 %            41.7 %            58.3 %
  Verified             300/300 exact     300/300 exact     300/300 exact
    with gaps too    5 × 300 samples   5 × 300 samples   5 × 300 samples

  Roofline of dense: DSP 353 k/s, weight memory 398 k/s, LUT 612 k/s, ports 15.6
  M/s; block memory holds the weights of 3 copies; reached 93 % of the lowest.

  Against dense      products       limit  throughput      energy
    dense              13.9 M        1.0×        1.0×        1.0×
    sparse-dense       1.39 M       10.0×        3.8×        3.1×
    sparse-sparse       703 k       19.8×        7.6×        6.5×
  sparse-sparse has 7.6× the throughput of dense, 39 % of what the zeros allow;
  dense needs 6.5× its energy (4.9× to 8.3×).

  Full report: build/report.html
`);
  });

  test('gives the closing sentence one line at 120 columns', () => {
    expect(formatReport(keywordCnnReport(), plainAt(120))).toContain(
      '\n  sparse-sparse has 7.6× the throughput of dense, 39 % of what the zeros allow; dense needs 6.5× its energy (4.9× to\n  8.3×).\n',
    );
  });

  test('says why a speed-up is beyond what the products allow', () => {
    const report = keywordCnnReport();
    const ratios = { ...report.ratios, shareOfLimit: 1.3 };
    expect(formatReport({ ...report, ratios }, plainAt(200))).toContain(
      '130 % of what the zeros allow on equal multipliers (wired layers need none); dense',
    );
  });

  test.each([80, 120, 60, 20])('never passes the edge at %i columns', (width) => {
    for (const report of [
      keywordCnnReport(),
      oneVariantReport(),
      misfitReport(),
      hostileReport(),
    ]) {
      const lines = formatReport(report, plainAt(width)).split('\n');
      expect(lines.filter((line) => line.length > Math.max(60, width))).toEqual([]);
      expect(lines.filter((line) => line.endsWith(' '))).toEqual([]);
    }
  });

  test('says which resource does not fit and why there is no ratio', () => {
    const text = formatReport(misfitReport(), plainAt(100));
    expect(text).toContain('  dense needs 2.71× the BRAM36 of the board\n');
    expect(text).toContain('No ratio to dense: the dense variant does not fit ultra96');
    expect(text).toContain('Accuracy not measured: the samples have no labels');
    expect(text).toMatch(/Verified +not simulated +300\/300 exact/);
    expect(text).toMatch(/BRAM36 +271\.3 % +42\.6 %/);
  });

  test('tells mismatches', () => {
    const report = keywordCnnReport();
    const dense = report.variants.dense;
    const run = dense?.verification;
    expect(run).toBeTruthy();
    if (dense === undefined || run === null || run === undefined) return;
    const variants = { dense: { ...dense, verification: { ...run, mismatches: 3 } } };
    expect(formatReport({ ...report, variants }, plainAt(80))).toMatch(/Verified +3 differ/);
  });

  test('tells latencies that are not as predicted', () => {
    const report = keywordCnnReport();
    const dense = report.variants.dense;
    if (dense === undefined || dense.cycles === null) throw new Error('fixture changed');
    const variants = { dense: { ...dense, cycles: { ...dense.cycles, isolatedAsPredicted: 15 } } };
    const red = `${escape}[31m`;
    const options = { colour: true, width: 80 };
    expect(formatReport(report, options)).not.toContain(red);
    const text = formatReport({ ...report, variants }, options);
    expect(text).toContain('15 of 16');
    expect(text).toContain(red);
  });

  test('uses escape codes only when asked to', () => {
    const report = misfitReport();
    const coloured = formatReport(report, { colour: true, width: 80 });
    const plain = formatReport(report, plainAt(80));
    expect(plain).not.toContain(escape);
    expect(coloured).toContain(`${escape}[31m`);
    // eslint-disable-next-line no-control-regex
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
  });

  test('makes names safe for the terminal', () => {
    const report = keywordCnnReport();
    const name = `evil${escape}]0;title\u0007\u202e\nname`;
    const text = formatReport({ ...report, model: { ...report.model, name } }, plainAt(80));
    expect(text).not.toContain(escape);
    expect(text).not.toContain('\u202e');
    expect(text).toContain('evil\\u001b]0;title');
  });

  test.each([keywordCnnReport, oneVariantReport, misfitReport])('has no holes: %o', (make) => {
    expect(formatReport(make(), plainAt(80))).not.toMatch(/undefined|NaN|Infinity|null|object/);
  });
});

describe('a variant that was only compiled', () => {
  const text = formatReport(predictedReport(), plainAt(100));

  test('is told apart from measured ones', () => {
    expect(text).toMatch(/^ {4}cycles +predicted +measured +measured$/m);
    expect(text).toMatch(/^ {2}Interval, cycles +– +198 +99\.4$/m);
    expect(text).toMatch(/^ {2}Verified +not simulated +300\/300 exact/m);
    expect(text).toContain('Not simulated: dense. Cycles and throughput there are those of the');
    expect(text).toContain('Predicted, not measured: sparse-sparse has');
  });
});
