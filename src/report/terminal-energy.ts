import { printable } from '../base/diagnostics.ts';
import { quantityLabel } from './energy-label.ts';
import { formatMicrojoules } from './format.ts';
import type { Report } from './schema.ts';
import { reportVariants } from './variants.ts';

/**
 * Energy of the sparsest variant in a sentence: the range of each scope and the coefficient it hangs on
 * most; null where there is none.
 */
export function energySentence(report: Report): string | null {
  const named = reportVariants(report).findLast(({ variant }) => {
    return variant.energy?.scopes !== undefined;
  });
  const { scopes, sensitivity } = named?.variant.energy ?? {};
  if (named === undefined || scopes === undefined) return null;
  const range = (label: string, figure: typeof scopes.board): readonly string[] =>
    figure === null
      ? []
      : [`${label} ${formatMicrojoules(figure.p10, 2)} to ${formatMicrojoules(figure.p90, 2)}`];
  const [most] = sensitivity ?? [];
  const hangs =
    most === undefined ? '' : `; hangs most on: ${printable(quantityLabel(most.quantity), 40)}`;
  const parts = [
    ...range('core', scopes.dynamic),
    ...range('with device', scopes.device),
    ...range('with board', scopes.board),
  ];
  return `Energy of ${named.name}, p10 to p90: ${parts.join(', ')}${hangs}.`;
}
