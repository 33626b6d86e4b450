import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../src/report/html.ts';
import type { Report } from '../../src/report/schema.ts';
import {
  emptyReport,
  hostileReport,
  misfitReport,
  oneVariantReport,
  predictedReport,
} from './fixture-cases.ts';
import { energyReport } from './fixture-energy.ts';
import { keywordCnnReport } from './fixture.ts';

const cases: readonly (readonly [string, Report])[] = [
  ['three variants', keywordCnnReport()],
  ['energies in three scopes', energyReport()],
  ['one variant', oneVariantReport()],
  ['a variant that was only compiled', predictedReport()],
  ['a variant that does not fit', misfitReport()],
  ['hostile names', hostileReport()],
  ['nothing measured', emptyReport()],
];

const voidElements = new Set(['meta', 'br', 'link', 'img']);

/** Names of the elements in order; throws where a tag is not closed by its own end tag. */
function elementsOf(html: string): readonly string[] {
  const open: string[] = [];
  const elements: string[] = [];
  const body = html.replace(/<!doctype html>/, '').replace(/<style>[\s\S]*?<\/style>/, '');
  for (const match of body.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s[a-z-]+(?:="[^"<>]*")?)*)\s*>|[<>]/g,
  )) {
    const [all, end, name] = match;
    if (name === undefined) throw new Error(`stray ${all} at ${String(match.index)}`);
    if (end === '/') {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${String(expected)}>`);
    } else {
      elements.push(name);
      if (!voidElements.has(name)) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return elements;
}

/** The page as read: no tags, entities resolved, spaces joined. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\u00a0]+/g, ' ');
}

describe.each(cases)('renderHtml with %s', (_, report) => {
  const html = renderHtml(report);

  test('is well-formed and holds only what a document needs', () => {
    const elements = new Set(elementsOf(html));
    for (const name of ['script', 'img', 'link', 'iframe', 'object', 'svg', 'a', 'base', 'form']) {
      expect(elements).not.toContain(name);
    }
  });

  test('loads nothing', () => {
    expect(html).not.toMatch(
      /https?:\/\/|url\(|@import|src=(?!x onerror=&#39;)|href=|\son[a-z]+="/i,
    );
    expect(html).toContain("default-src 'none'");
  });

  test('has no holes', () => {
    expect(textOf(html)).not.toMatch(/undefined|NaN|Infinity|\[object/);
    expect(html).not.toMatch(/style="[^"]*(undefined|NaN|Infinity)/);
  });

  test('is the same every time', () => {
    expect(renderHtml(report)).toBe(html);
  });

  test('gives every table a label and headers, every section a heading', () => {
    expect(html.match(/<table>/g)?.length).toBe(
      html.match(/role="region" aria-label="[^"]+"/g)?.length,
    );
    expect(html.match(/<table>/g)?.length).toBe(html.match(/<thead>/g)?.length);
    expect(html.match(/<section /g)?.length).toBe(html.match(/<h2 /g)?.length);
  });
});

describe('hostile names', () => {
  const html = renderHtml(hostileReport());

  test('stay text', () => {
    expect(html).not.toMatch(/<script|<img|<svg|onerror='/);
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
    expect(html).toContain('&lt;/title&gt;&lt;/style&gt;&lt;svg onload=alert(3)&gt;');
    expect(html).toContain('a&amp;b &#39;c&#39; &quot;d&quot; \\u202e \\u0000 &#96;');
  });

  test('cannot end the style sheet or the title', () => {
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html.match(/<\/title>/g)).toHaveLength(1);
  });
});

describe('content', () => {
  test('the summary tells speed, energy, accuracy and verification', () => {
    const text = textOf(renderHtml(keywordCnnReport()));
    expect(text).toContain('Throughput against dense 7.6×');
    expect(text).toContain('Inferences per joule against dense 6.5× 4.9× to 8.3×');
    expect(text).toContain('Accuracy in 8 bits 94.7 % −0.3 points against 95.0 % in float');
    expect(text).toContain('Bit-exact every output bit of 3 variants, 300 samples each');
    expect(text).toContain(
      'On equal multipliers the zeros alone would allow 19.8×; the speed-up is 39 % of that.',
    );
  });

  test('a speed-up beyond what the products allow is explained', () => {
    const report = keywordCnnReport();
    const ratios = { ...report.ratios, shareOfLimit: 1.3 };
    expect(textOf(renderHtml({ ...report, ratios }))).toContain(
      'the speed-up is 130 % of that. Wired layers, which need no multipliers, carry it beyond.',
    );
  });

  test('the assumptions are spelled out', () => {
    const text = textOf(renderHtml(keywordCnnReport()));
    expect(text).toContain('The clock of 250 MHz is an assumption until place-and-route');
    expect(text).toContain('Resources come from a model of the generated hardware');
    expect(text).toContain('each coefficient is a range');
    expect(text).toContain('Static power is charged');
    expect(text).toContain('synthesised speech');
  });

  test('layers that were synthesised have their cells and their longest path', () => {
    const report = keywordCnnReport();
    expect(textOf(renderHtml(report))).not.toContain('Layers of one copy as synthesised');
    const { dense } = report.variants;
    if (dense === undefined) throw new Error('no dense variant');
    const cells = { lut: 1234, ff: 567, bram36: 0.5, uram: 0, dsp: 8 };
    const path = { levels: 4.25, from: 'u_a.begin_q', to: 'u_b.end_q' };
    const units = [{ unit: 'engine_tail', instances: 1, ...cells, path }];
    const [first, ...others] = dense.layers;
    if (first === undefined) throw new Error('no layer');
    const layers = [{ ...first, synthesis: { ...cells, units } }, ...others];
    const variants = { ...report.variants, dense: { ...dense, layers } };
    const text = textOf(renderHtml({ ...report, variants }));
    expect(text).toContain('Layers of one copy as synthesised');
    expect(text).toMatch(/1,234\s+567\s+0.5\s+0\s+8\s+4\.3/);
    expect(text).toContain('engine_tail: u_a.begin_q → u_b.end_q');
  });

  test('one variant alone is reported without ratios, with the reason', () => {
    const text = textOf(renderHtml(oneVariantReport()));
    expect(text).toContain('No comparison with dense: the dense variant was not requested.');
    expect(text).not.toContain('against dense');
    expect(text).toContain('Bit-exact every output bit of 1 variant,');
  });

  test('a variant that does not fit says what is exceeded and what was not done', () => {
    const text = textOf(renderHtml(misfitReport()));
    expect(text).toContain('dense needs 2.71× the BRAM36 of the board.');
    expect(text).toContain('271 %');
    expect(text).toContain('1 of 2 variants');
    expect(text).toContain('the samples have no labels');
    expect(text).toContain('No labels were given: accuracy is not known.');
  });

  test('mismatches are not called bit-exact', () => {
    const report = keywordCnnReport();
    const dense = report.variants.dense;
    if (dense?.verification === null || dense === undefined) throw new Error('fixture changed');
    const variants = {
      dense: { ...dense, verification: { ...dense.verification, mismatches: 2 } },
    };
    const text = textOf(renderHtml({ ...report, variants }));
    expect(text).toContain('2 mismatches');
    expect(text).not.toMatch(/bit-exact/i);
  });

  test('latencies that are not as predicted stand out', () => {
    const report = keywordCnnReport();
    expect(textOf(renderHtml(report)).match(/16, all as predicted/g)).toHaveLength(3);
    const dense = report.variants.dense;
    if (dense === undefined || dense.cycles === null) throw new Error('fixture changed');
    const variants = { dense: { ...dense, cycles: { ...dense.cycles, isolatedAsPredicted: 15 } } };
    const text = textOf(renderHtml({ ...report, variants }));
    expect(text).toContain('15 of 16 as predicted');
    expect(text).not.toContain('all as predicted');
  });

  test('nothing simulated is not called verified', () => {
    expect(textOf(renderHtml(emptyReport()))).toContain('Not run no variant was simulated');
  });

  test('overlapping inferences of a layer get rails of their own', () => {
    const report = keywordCnnReport();
    const dense = report.variants.dense;
    if (dense === undefined) throw new Error('fixture changed');
    const rails = (pipeline: typeof dense.pipeline): number =>
      renderHtml({ ...report, variants: { dense: { ...dense, pipeline } } }).match(/class="rail"/g)
        ?.length ?? 0;
    const bar = { layer: '/Conv', inference: 0, startCycle: 0, endCycle: 10 };
    expect(rails([bar, { ...bar, inference: 1, startCycle: 10, endCycle: 20 }])).toBe(1);
    expect(rails([bar, { ...bar, inference: 1, startCycle: 9, endCycle: 20 }])).toBe(2);
  });
});

describe('what is predicted', () => {
  const text = textOf(renderHtml(predictedReport()));

  test('is not called measured', () => {
    expect(text).toContain('by prediction against the dense version');
    expect(text).toContain('Throughput against dense, predicted');
    expect(text).toContain('Not simulated: dense.');
    expect(text).toContain('Cycles of dense are predicted by the cycle model');
    expect(text).toMatch(/events counted in simulation \(dense: predicted\)/);
  });

  test('is measured where it is', () => {
    const measured = textOf(renderHtml(keywordCnnReport()));
    expect(measured).toContain('measured against the dense version');
    expect(measured).not.toContain('by prediction');
    expect(measured).not.toContain('Not simulated');
  });
});
