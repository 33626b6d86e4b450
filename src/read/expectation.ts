import { suggestion } from '../base/suggest.ts';
import type { Comparison, Expectation, RatioFigure, VariantFigure } from '../ir/expectation.ts';
import { comparisons, ratioFigures, variantFigures } from '../ir/expectation.ts';
import { variantNames } from '../ir/variant.ts';

/** What is wrong with an expectation, in a sentence. */
export class ExpectationError extends Error {}

type Unit = readonly [name: string, toOwn: (value: number) => number];

// divided where it can be: 0.95 is 95 / 100, not 95 * 0.01
const times = (factor: number) => (value: number) => value * factor;
const over = (divisor: number) => (value: number) => value / divisor;

const perSecond: readonly Unit[] = [
  ['/s', times(1)],
  ['k/s', times(1e3)],
  ['M/s', times(1e6)],
];
const microseconds: readonly Unit[] = [
  ['ns', over(1e3)],
  ['us', times(1)],
  ['ms', times(1e3)],
];
const perCent: readonly Unit[] = [['%', over(100)]];

/** Units that may stand behind a number. */
const units: Readonly<Record<VariantFigure | RatioFigure, readonly Unit[]>> = {
  throughput: perSecond,
  interval: [['cycles', times(1)]],
  latency: microseconds,
  latencyLoaded: microseconds,
  energy: [
    ['nJ', over(1e3)],
    ['uJ', times(1)],
    ['mJ', times(1e3)],
  ],
  accuracy: perCent,
  copies: [],
  lut: perCent,
  ff: perCent,
  bram36: perCent,
  uram: perCent,
  dsp: perCent,
  mismatches: [],
  throughputRatio: [],
  latencyRatio: [],
  energyRatio: [],
  shareOfLimit: perCent,
};

const resources: readonly string[] = ['lut', 'ff', 'bram36', 'uram', 'dsp'];

const form = /^(?:([\w-]+)\s*\.\s*)?(\w+)\s*(>=|<=|==|>|<)\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*(\S*)$/i;

/**
 * Reads `throughput >= 4.2 M/s, dense.lut <= 60 %`: expectations with commas between them, each
 * [variant.]figure, comparison, number and maybe a unit. Throws `ExpectationError`.
 */
export function parseExpectations(text: string): readonly Expectation[] {
  return text.split(',').map((part) => parseExpectation(part.trim()));
}

function parseExpectation(text: string): Expectation {
  const match = form.exec(text);
  if (match === null) {
    throw new ExpectationError(
      `"${text}" is no expectation: it needs a figure, one of ${comparisons.join(' ')} and a number, for example throughput >= 4.2 M/s`,
    );
  }
  const [, variantWord, figureWord = '', comparison = '', number = '', unitWord = ''] = match;
  const figure = figureNamed(figureWord);
  const variant = variantWord === undefined ? null : variantNamed(variantWord);
  if (variant !== null && isRatio(figure)) {
    throw new ExpectationError(`${figure} is of sparse-sparse against dense, not of one variant`);
  }
  const value = Number(number);
  if (!Number.isFinite(value)) throw new ExpectationError(`"${number}" is no number`);
  const unit = unitWord.replace('µ', 'u').replace('μ', 'u');
  return {
    text,
    variant,
    figure,
    comparison: comparison as Comparison,
    bound: inOwnUnit(figure, value, unit),
    ofBoard: unit === '%' && resources.includes(figure),
  };
}

function isRatio(figure: string): figure is RatioFigure {
  return ratioFigures.some((name) => name === figure);
}

function figureNamed(word: string): VariantFigure | RatioFigure {
  const names = [...variantFigures, ...ratioFigures];
  const found = names.find((name) => name.toLowerCase() === word.toLowerCase());
  if (found !== undefined) return found;
  throw new ExpectationError(`there is no figure "${word}": ${suggestion(word, names)}`);
}

function variantNamed(word: string): (typeof variantNames)[number] {
  const found = variantNames.find((name) => name === word);
  if (found !== undefined) return found;
  throw new ExpectationError(`there is no variant "${word}": ${suggestion(word, variantNames)}`);
}

function inOwnUnit(figure: VariantFigure | RatioFigure, value: number, unit: string): number {
  if (unit === '') return value;
  const known = units[figure];
  const found = known.find(([name]) => name === unit);
  if (found !== undefined) return found[1](value);
  const names = known.map(([name]) => name).join(', ');
  throw new ExpectationError(
    `${figure} has no unit "${unit}"; ${names === '' ? 'it has none' : `it takes ${names} or none`}`,
  );
}
