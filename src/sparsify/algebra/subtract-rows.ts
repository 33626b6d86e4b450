import type { Rows } from './inner-products.ts';

/** Rows that are read in one go. */
export const rowsAtOnce = 8;

/**
 * target[start + n] -= weights[i] * rows[i][n], for n < length and one row i after another; rows may
 * follow one another backwards. The order of the subtractions is fixed: results are those of row by row.
 */
export function subtractRows(
  target: Float64Array,
  start: number,
  rows: Rows,
  weights: Float64Array,
  length: number,
): void {
  const { data, stride, count } = rows;
  let row = 0;
  for (; row + rowsAtOnce <= count; row += rowsAtOnce) {
    const w0 = weights[row] ?? 0;
    const w1 = weights[row + 1] ?? 0;
    const w2 = weights[row + 2] ?? 0;
    const w3 = weights[row + 3] ?? 0;
    const w4 = weights[row + 4] ?? 0;
    const w5 = weights[row + 5] ?? 0;
    const w6 = weights[row + 6] ?? 0;
    const w7 = weights[row + 7] ?? 0;
    const r0 = rows.start + row * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    const r4 = r3 + stride;
    const r5 = r4 + stride;
    const r6 = r5 + stride;
    const r7 = r6 + stride;
    for (let n = 0; n < length; n += 1) {
      target[start + n] =
        (target[start + n] ?? 0) -
        w0 * (data[r0 + n] ?? 0) -
        w1 * (data[r1 + n] ?? 0) -
        w2 * (data[r2 + n] ?? 0) -
        w3 * (data[r3 + n] ?? 0) -
        w4 * (data[r4 + n] ?? 0) -
        w5 * (data[r5 + n] ?? 0) -
        w6 * (data[r6 + n] ?? 0) -
        w7 * (data[r7 + n] ?? 0);
    }
  }
  for (; row < count; row += 1) {
    const weight = weights[row] ?? 0;
    const from = rows.start + row * stride;
    if (weight === 0) continue;
    for (let n = 0; n < length; n += 1) {
      target[start + n] = (target[start + n] ?? 0) - weight * (data[from + n] ?? 0);
    }
  }
}
