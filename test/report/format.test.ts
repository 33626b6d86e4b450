import { describe, expect, test } from 'vitest';
import {
  formatCount,
  formatCycles,
  formatMegahertz,
  formatMicrojoules,
  formatMicroseconds,
  formatPercent,
  formatPoints,
  formatRatio,
  formatShape,
  formatSi,
  formatSignificant,
  plural,
} from '../../src/report/format.ts';

/** Spaces that do not break are spaces all the same. */
const spaced = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('numbers', () => {
  test.each([
    [formatSignificant(0), '0'],
    [formatSignificant(0.012345), '0.0123'],
    [formatSignificant(9.996), '10.0'],
    [formatSignificant(1234.5), '1,235'],
    [formatSignificant(-12.34), '-12.3'],
    [formatSi(999.6), '1.00 k'],
    [formatSi(13_912_400), '13.9 M'],
    [formatSi(450), '450'],
    [formatSi(0, '/s'), '0 /s'],
    [formatSi(2_515_090, '/s'), '2.52 M/s'],
    [formatSi(42, '/s'), '42.0 /s'],
    [formatSi(3e-14, 'J'), '0.0300 pJ'],
    [formatSi(null, 's'), '–'],
    [formatCount(13_912_400), '13,912,400'],
    [formatCycles(99.4), '99.4'],
    [formatCycles(1204.4), '1,204'],
    [formatCycles(0), '0'],
    [formatRatio(1), '1.0×'],
    [formatRatio(7.646), '7.6×'],
    [formatRatio(19.8), '19.8×'],
    [formatRatio(111.7), '112×'],
    [formatRatio(0.834), '0.83×'],
    [formatRatio(0), '0×'],
    [formatPercent(0.947), '94.7 %'],
    [formatPercent(0.0001), '<0.1 %'],
    [formatPercent(0), '0 %'],
    [formatPercent(1, 0), '100 %'],
    [formatPercent(2.713, 0), '271 %'],
    [formatPoints(-0.003), '−0.3 points'],
    [formatPoints(0.004), '+0.4 points'],
    [formatPoints(0), '±0.0 points'],
    [formatMicroseconds(4.816), '4.82 µs'],
    [formatMicroseconds(0.1), '100 ns'],
    [formatMicrojoules(1_500), '1.50 mJ'],
    [formatMicrojoules(7.6, 2), '7.6 µJ'],
    [formatMegahertz(156.25), '156.25 MHz'],
    [formatMegahertz(250), '250 MHz'],
    [formatShape([1, 32, 32]), '1 × 32 × 32'],
    [plural(1, 'sample'), '1 sample'],
    [plural(1200, 'sample'), '1,200 samples'],
  ])('%s', (actual, expected) => {
    expect(spaced(actual)).toBe(expected);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is a dash everywhere', (value) => {
    const formats = [
      formatSignificant,
      formatSi,
      formatCount,
      formatCycles,
      formatRatio,
      formatPercent,
      formatPoints,
      formatMicroseconds,
      formatMicrojoules,
      formatMegahertz,
    ];
    expect(formats.map((format) => format(value))).toEqual(formats.map(() => '–'));
  });
});
