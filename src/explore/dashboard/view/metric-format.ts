import { isVariantFigure, figuresOfVariant } from '../../../report/figures.ts';
import { formatPercent, formatSi, formatSignificant } from '../../../report/format.ts';
import type { ParameterValue } from '../../space.ts';

const shares = ['accuracy', 'accuracyHeldOut', 'density', 'utilisation'];
const counts = ['nonZeros', 'products'];

/** A metric's value with its unit, as the report writes it. */
export function formatMetric(name: string, value: number): string {
  if (shares.includes(name)) return formatPercent(value, 2);
  if (counts.includes(name)) return formatSi(value);
  const figure = name as Parameters<typeof isVariantFigure>[0];
  return Object.hasOwn(figuresOfVariant, name) && isVariantFigure(figure)
    ? figuresOfVariant[figure].format(value)
    : formatSignificant(value, 4);
}

/** Shown for a parameter that a trial does not have. */
export const notActive = 'not active';

export function formatParameter(value: ParameterValue | null): string {
  if (value === null) return notActive;
  return typeof value === 'number' && !Number.isInteger(value)
    ? formatSignificant(value, 4)
    : String(value);
}
