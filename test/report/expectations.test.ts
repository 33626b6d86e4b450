import { describe, expect, it } from 'vitest';
import { parseExpectations } from '../../src/read/expectation.ts';
import { checkExpectations, expectationLine } from '../../src/report/expectations.ts';
import { parseReport } from '../../src/report/schema.ts';
import { formatReport } from '../../src/report/terminal.ts';
import { misfitReport, oneVariantReport } from './fixture-cases.ts';
import { keywordCnnReport } from './fixture.ts';

const check = (text: string, report = keywordCnnReport()) =>
  checkExpectations(report, parseExpectations(text));

describe('expectations of a report', () => {
  it('hold or not, on both sides of a bound', () => {
    const { timing } = keywordCnnReport().variants['sparse-sparse'] ?? {};
    const rate = timing?.throughputPerSecond ?? 0;
    expect(rate).toBeGreaterThan(0);
    const met = (text: string): boolean | undefined => check(text)[0]?.met;
    expect(met(`throughput >= ${rate}`)).toBe(true);
    expect(met(`throughput > ${rate}`)).toBe(false);
    expect(met(`throughput <= ${rate}`)).toBe(true);
    expect(met(`throughput < ${rate}`)).toBe(false);
    expect(met(`throughput == ${rate}`)).toBe(true);
    expect(met(`throughput == ${rate + 1}`)).toBe(false);
  });

  it('are about sparse-sparse, the variant that is named, or the last there is', () => {
    expect(check('copies == 8')).toMatchObject([{ variant: 'sparse-sparse', met: true }]);
    expect(check('dense.copies == 2')).toMatchObject([{ variant: 'dense', met: true }]);
    const one = oneVariantReport();
    const [name] = Object.keys(one.variants);
    expect(check('mismatches == 0', one)).toMatchObject([{ variant: name, met: true }]);
  });

  it('are about shares of the board where they say per cent', () => {
    const [share] = check('dense.lut <= 35.5 %');
    expect(share?.met).toBe(true);
    expect(share?.value).toBeCloseTo(0.354, 3);
    expect(check('dense.lut <= 35.3 %')).toMatchObject([{ met: false }]);
    expect(check('dense.uram <= 1 %')).toMatchObject([{ met: true, value: 0 }]);
  });

  it('do not hold where nothing is known, and say why', () => {
    const report = keywordCnnReport();
    const unlabelled = {
      ...report,
      data: { ...report.data, labelled: false },
      variants: Object.fromEntries(
        Object.entries(report.variants).map(([name, variant]) => [
          name,
          {
            ...variant,
            verification:
              variant.verification === null ? null : { ...variant.verification, accuracy: null },
          },
        ]),
      ),
    };
    expect(check('accuracy >= 0', unlabelled)).toMatchObject([
      { met: false, value: null, reason: 'the samples have no labels' },
    ]);
    const misfit = check('throughputRatio >= 0', misfitReport());
    expect(misfit).toMatchObject([{ met: false, value: null }]);
    expect(misfit[0]?.reason).toMatch(/dense .*needs/);
    const [missing] = check('sparse-dense.lut < 5', oneVariantReport());
    expect(missing).toMatchObject({ met: false, reason: 'it was not built' });
  });

  it('stand in the report and in its table', () => {
    const report = keywordCnnReport();
    const expectations = checkExpectations(
      report,
      parseExpectations('throughput >= 1 M/s, throughput >= 4.2 M/s'),
    );
    const full = { ...report, expectations };
    expect(parseReport(JSON.parse(JSON.stringify(full)))).toEqual(full);
    const text = formatReport(full, { colour: false, width: 100 });
    expect(text).toMatch(/✓ sparse-sparse.throughput >= 1 M\/s holds: 2.52.M\/s/);
    expect(text).toMatch(/✗ sparse-sparse.throughput >= 4.2 M\/s does not hold: 2.52.M\/s/);
  });

  it('are told with the variant once', () => {
    const [line] = check('dense.copies == 3').map(expectationLine);
    expect(line).toBe('dense.copies == 3 does not hold: 2');
  });
});
