import { present } from '../../src/base/invariant.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { densities, kernels } from './kernel.ts';
import type { Masks } from './kernel.ts';
import type { Comparison, Row, Study } from './study.ts';

/** Which designs of a study. */
export interface Selection {
  readonly kernel: string;
  readonly variant: VariantName;
  readonly comparison: Comparison;
  readonly masks?: Masks;
  readonly weights?: number;
  readonly activations?: number;
}

/** The first design that is all this; masks are complementary unless given. */
export function rowOf(
  { rows }: Study,
  { masks = 'complementary', ...wanted }: Selection,
): Row | undefined {
  return rows.find(
    (row) =>
      row.masks === masks &&
      row.kernel === wanted.kernel &&
      row.variant === wanted.variant &&
      row.comparison === wanted.comparison &&
      (wanted.weights === undefined || row.weights === wanted.weights) &&
      (wanted.activations === undefined || row.activations === wanted.activations),
  );
}

/** Inferences a cycle of all units together. */
function rate({ copies, interval }: Row): number {
  return copies / interval;
}

export type Measure = 'throughput' | 'energy';

/** How many times better than the dense design of the same comparison. */
export function overDense(study: Study, row: Row, measure: Measure = 'throughput'): number {
  const { kernel, comparison } = row;
  const dense = present(rowOf(study, { kernel, comparison, variant: 'dense' }), 'a dense design');
  return measure === 'throughput'
    ? rate(row) / rate(dense)
    : dense.energy.nominal / row.energy.nominal;
}

/** Of a line over the densities of weights. */
export function ratiosOf(
  study: Study,
  selection: Omit<Selection, 'weights'>,
  measure: Measure,
): readonly number[] {
  return densities.flatMap((weights) => {
    const row = rowOf(study, { ...selection, weights });
    return row === undefined ? [] : [overDense(study, row, measure)];
  });
}

/**
 * The weight density at which a line of ratios crosses 1, one in so many, between the points by a
 * power law; 1: never below.
 */
export function crossover(ratios: readonly number[]): number {
  const first = ratios.findIndex((ratio) => ratio >= 1);
  if (first === -1) return Infinity;
  if (first === 0) return 1;
  const below = Math.log2(present(ratios[first - 1], 'a ratio'));
  const above = Math.log2(present(ratios[first], 'a ratio'));
  const from = Math.log2(present(densities[first - 1], 'a density'));
  const to = Math.log2(present(densities[first], 'a density'));
  return 2 ** (from + ((to - from) * -below) / (above - below));
}

export const kernelNames: readonly string[] = kernels.map(({ name }) => name);
