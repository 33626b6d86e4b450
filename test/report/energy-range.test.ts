import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import { parseReport } from '../../src/report/schema.ts';
import { formatReport } from '../../src/report/terminal.ts';
import { energyReport } from './fixture-energy.ts';
import { keywordCnnReport } from './fixture.ts';

const plain = { colour: false, width: 200 };

function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\u00a0]+/g, ' ');
}

describe('energy in three scopes', () => {
  test('is part of the schema, and a report without it is read too', () => {
    const report = energyReport();
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(parseReport(JSON.parse(JSON.stringify(keywordCnnReport())))).toEqual(keywordCnnReport());
    const broken = { ...report.ratios, energyRatios: [{ of: 'dense', over: 'sparse-sparse' }] };
    expect(() => parseReport({ ...report, ratios: broken })).toThrow(/energyRatios\.0\.scopes/);
  });

  test('is a line at the terminal, with the coefficient it hangs on', () => {
    expect(formatReport(energyReport(), plain)).toContain(
      '\n  Energy of sparse-sparse, p10 to p90: core 2.0 µJ to 4.6 µJ, with device 2.4 µJ to 4.6 µJ, ' +
        'with board 9.0 µJ to 11 µJ; hangs most on: LUT toggle.\n',
    );
    expect(formatReport(energyReport(false), plain)).toContain(
      'with device 2.4 µJ to 4.6 µJ; hangs',
    );
    expect(formatReport(keywordCnnReport(), plain)).not.toContain('p10 to p90');
  });

  test('is a section of the page: ranges, ratios, and what they hang on', () => {
    const html = renderHtml(energyReport());
    const text = textOf(html);
    expect(text).toContain('How sure the energy is');
    expect(text).toContain('with device 21.4 µJ 15 µJ to 30 µJ');
    expect(text).toContain('with board 64.2 µJ 58 µJ to 71 µJ');
    expect(text).toContain('dense / sparse-sparse 6.0× 4.0× to 9.0× 6.5× 4.6× to 9.1×');
    expect(text).toMatch(/LUT toggle 15 µJ to 39 µJ .* from-the-future/);
    expect(text).toContain('static power – – – 6.6× to 5.9×');
    expect(text).not.toContain('No figure with the board');
    expect(html).toContain('aria-label="Energy of an inference by what it takes in"');
  });

  test('says why there is none with the board', () => {
    const text = textOf(renderHtml(energyReport(false)));
    expect(text).toContain('No figure with the board: nobody has measured it.');
    expect(textOf(renderHtml(keywordCnnReport()))).not.toContain('How sure the energy is');
  });
});
