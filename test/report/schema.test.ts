import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { parseReport, reportJsonSchema, type Report } from '../../src/report/schema.ts';
import { hostileReport, misfitReport, oneVariantReport } from './fixture-cases.ts';
import { keywordCnnReport, keywordCnnVariant } from './fixture.ts';

/** What a parsed report.json looks like: plain values, open to change. */
function asJson(report: Report): Record<string, unknown> {
  return JSON.parse(JSON.stringify(report)) as Record<string, unknown>;
}

function places(json: unknown): readonly (string | null)[] {
  try {
    parseReport(json);
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics.map((one) => one.place);
    throw error;
  }
  return [];
}

describe('parseReport', () => {
  test.each([
    ['three variants', keywordCnnReport()],
    ['one variant', oneVariantReport()],
    ['a variant that does not fit', misfitReport()],
    ['hostile names', hostileReport()],
  ])('gives back %s unchanged after a trip through JSON', (_, report) => {
    expect(parseReport(asJson(report))).toEqual(report);
  });

  test('drops fields it does not know', () => {
    const report = keywordCnnReport();
    expect(parseReport({ ...asJson(report), fromTheFuture: 1 })).toEqual(report);
  });

  test('names the place of every violation', () => {
    const json = {
      ...asJson(keywordCnnReport()),
      schemaVersion: 2,
      accuracy: { float: 1.2, quantized: 0.9 },
      data: { samples: 2.5, labelled: true },
      warnings: undefined,
    };
    expect(places(json)).toEqual([
      'report.json: schemaVersion',
      'report.json: data.samples',
      'report.json: accuracy.float',
      'report.json: warnings',
    ]);
  });

  test('refuses a variant the contract does not know', () => {
    const variants = { 'dense-sparse': keywordCnnVariant('dense') };
    expect(places({ ...asJson(keywordCnnReport()), variants })).toEqual(['report.json: variants']);
  });

  test.each([null, [], 'report', 7])('refuses %j', (json) => {
    expect(places(json)).toEqual(['report.json: (top)']);
  });

  test('refuses what JSON makes of NaN', () => {
    const report = keywordCnnReport();
    const ratios = { ...report.ratios, macLimit: Number.NaN };
    expect(places({ ...asJson(report), ratios })).toEqual(['report.json: ratios.macLimit']);
    const macs = { ...report.macs, dense: Number.NaN };
    expect(places(asJson({ ...report, macs }))).toEqual(['report.json: macs.dense']);
  });
});

describe('reportJsonSchema', () => {
  test('describes every field of the contract', () => {
    const text = JSON.stringify(reportJsonSchema());
    const contract = [
      'schemaVersion tool model sha256 board part clockMHz data samples labelled accuracy float',
      'quantized macs dense weightSparse bothSparse layers name kind inputShape outputShape',
      'weights total nonZero inputDensity packingEfficiency variants copies cycles interval',
      'latency latencyWorst latencyLoaded modelInterval modelLatency timing clockSource',
      'latencyUs throughputPerSecond throughputPerSecondOneCopy energy perInferenceUj low',
      'nominal high breakdownUj resources lut ff bram36 uram dsp source fits exceeded',
      'verification simulator mismatches cyclesSimulated seconds unit lanes setsParallel',
      'busyCycles stallCycles multiplierUtilisation ratios macLimit throughput shareOfLimit reason',
    ].flatMap((line) => line.split(' '));
    expect(contract.filter((field) => !text.includes(`"${field}"`))).toEqual([]);
  });
});
