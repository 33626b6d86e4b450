import { variantFigures } from '../ir/expectation.ts';
import { ExpectationError, parseExpectations } from '../read/expectation.ts';
import type { Threshold } from './metrics.ts';

/**
 * What a trial measures besides the figures of a report: weights that are not zero and their share of all,
 * products an inference, and the largest share of any resource of the board.
 */
export const trialFigures = ['nonZeros', 'density', 'products', 'utilisation'] as const;

/** Figures of the sparse-sparse design that a trial knows with every task. */
const designFigures = variantFigures.filter((name) => name !== 'mismatches');

/** All metrics there are. */
export const metricNames: readonly string[] = [...designFigures, ...trialFigures];

/** Reads `>= 95 %` for a metric, units as in `nzflow.yaml`. Throws `ExpectationError`. */
export function parseThreshold(metric: string, text: string): Threshold {
  const [, comparison, rest = ''] = /^\s*(>=|<=)\s*(.*)$/.exec(text) ?? [];
  if (comparison !== '>=' && comparison !== '<=')
    throw new ExpectationError(`"${text}" does not begin with >= or <=`);
  if (trialFigures.some((name) => name === metric)) {
    const [number = '', unit = ''] = rest.trim().split(/\s+|(?=%)/);
    const value = Number(number);
    if (number === '' || !Number.isFinite(value) || (unit !== '' && unit !== '%'))
      throw new ExpectationError(`"${rest}" is no number`);
    return { comparison, value: unit === '%' ? value / 100 : value };
  }
  const [expectation] = parseExpectations(`${metric} ${comparison} ${rest}`);
  if (expectation === undefined) throw new ExpectationError(`"${text}" is no threshold`);
  if (expectation.ofBoard)
    throw new ExpectationError(
      `${metric} is a count here; for shares of the board there is utilisation`,
    );
  return { comparison, value: expectation.bound };
}
