import { describe, expect, it } from 'vitest';
import { parseExpectations } from '../../src/read/expectation.ts';
import { checkExpectations } from '../../src/report/expectations.ts';
import { junitOfFailure, junitOfReport } from '../../src/report/junit.ts';
import { summaryOfReport } from '../../src/report/job-summary.ts';
import type { Report } from '../../src/report/schema.ts';
import { hostileReport, misfitReport } from './fixture-cases.ts';
import { keywordCnnReport } from './fixture.ts';

/** Names of the elements in document order; throws unless the text is well-formed in what we use. */
function elements(xml: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const [declaration = '', ...rest] = xml.split('\n');
  expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>');
  const body = rest.join('\n');
  // eslint-disable-next-line no-control-regex -- XML has none of these
  expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/);
  const tag = /<(\/?)([a-z]+)((?: [a-z]+="[^"<>&]*(?:&(?:amp|lt|gt|quot|#10);[^"<>&]*)*")*)(\/?)>/g;
  expect(body.replace(tag, '').trim()).toBe('');
  for (const [, end, name = '', , single] of body.matchAll(tag)) {
    if (end === '/') expect(open.pop()).toBe(name);
    else {
      names.push(name);
      if (single !== '/') open.push(name);
    }
  }
  expect(open).toEqual([]);
  return names;
}

const count = (xml: string, name: string): number =>
  elements(xml).filter((one) => one === name).length;

function withExpectations(report: Report, text: string): Report {
  return { ...report, expectations: checkExpectations(report, parseExpectations(text)) };
}

function withMismatch(report: Report): Report {
  const variant = report.variants.dense;
  if (variant?.verification == null) throw new Error('dense is simulated');
  const dense = { ...variant, verification: { ...variant.verification, mismatches: 3 } };
  const warnings = ['dense does not equal the reference: layer "a<b" sample 2'];
  return { ...report, variants: { ...report.variants, dense }, warnings };
}

describe('JUnit XML', () => {
  it('has a suite a variant, all green where all is well', () => {
    const xml = junitOfReport(keywordCnnReport(), { misfitFails: false });
    expect(count(xml, 'testsuite')).toBe(3);
    expect(count(xml, 'testcase')).toBe(12);
    expect(count(xml, 'failure')).toBe(0);
    expect(xml).toContain('tests="12" failures="0" errors="0" skipped="0"');
    expect(xml).toContain('name="equals the reference on 300 samples"');
  });

  it('has failures for differences and for what does not hold', () => {
    const report = withExpectations(
      withMismatch(keywordCnnReport()),
      'throughput >= 1e9, accuracy > 0',
    );
    const xml = junitOfReport(report, { misfitFails: false });
    expect(count(xml, 'failure')).toBe(2);
    expect(xml).toContain(
      'message="3 differences. dense does not equal the reference: layer &quot;a&lt;b&quot; sample 2"',
    );
    expect(xml).toContain(
      'message="sparse-sparse.throughput &gt;= 1e9 does not hold: 2.52\u00a0M/s"',
    );
    expect(xml).toContain('failures="2" errors="0"');
  });

  it('skips what does not fit, or fails it', () => {
    const told = junitOfReport(misfitReport(), { misfitFails: false });
    expect(count(told, 'failure')).toBe(0);
    expect(count(told, 'skipped')).toBeGreaterThan(0);
    expect(count(junitOfReport(misfitReport(), { misfitFails: true }), 'failure')).toBe(1);
  });

  it('stays XML whatever the names are', () => {
    expect(count(junitOfReport(hostileReport(), { misfitFails: false }), 'testsuites')).toBe(1);
    const xml = junitOfFailure('a"<&>\u0007\ufffe', 'model.onnx: broken "x" <y>\n  remedy: z');
    expect(count(xml, 'error')).toBe(1);
    expect(xml).toContain('broken &quot;x&quot; &lt;y&gt;&#10;  remedy: z');
  });
});

describe('the summary of a job', () => {
  it('says what was verified and what it came to', () => {
    const text = summaryOfReport(keywordCnnReport());
    expect(text).toContain('### keyword-cnn on alveo-u250\n');
    expect(text).toContain('✅ Bit-exact.');
    expect(text).toContain(
      '|  | dense | sparse-dense | sparse-sparse |\n| --- | --: | --: | --: |',
    );
    expect(text).toContain('| Verified | 300/300 exact | 300/300 exact | 300/300 exact |');
    expect(text).toMatch(/\| LUT \| [\d,]+ \(35\.4.%\) \|/);
    expect(text).not.toContain('URAM');
  });

  it('begins with what is wrong', () => {
    expect(summaryOfReport(withMismatch(keywordCnnReport()))).toContain(
      '❌ The Verilog does not equal the reference.',
    );
    const broken = summaryOfReport(
      withExpectations(keywordCnnReport(), 'throughput >= 1e9, copies == 8'),
    );
    expect(broken).toContain('❌ 1 expectation does not hold.');
    expect(broken).toContain('- ❌ sparse-sparse.throughput &#62;= 1e9 does not hold: 2.52');
    expect(broken).toContain('- ✅ sparse-sparse.copies == 8 holds: 8');
  });

  it('makes nothing of hostile names', () => {
    const report = hostileReport();
    const name = '[x](javascript:1)|<img src=x>`$a$`@me';
    const text = summaryOfReport({ ...report, model: { ...report.model, name } });
    expect(text).not.toMatch(/<img|\]\(|`|@me/);
  });
});
