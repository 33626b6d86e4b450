import { addInnerProducts } from './inner-products.ts';
import { rowsAtOnce, subtractRows } from './subtract-rows.ts';

/** Rows and columns worked on together. */
const block = 48;

/**
 * Factorises a symmetric positive definite matrix (row-major, `size` x `size`, only the lower
 * triangle is read) in place into L with L * L^T = A; what is above the diagonal is left as it
 * happens to be. False when the matrix is not positive definite (then it is half overwritten).
 */
export function factorCholesky(matrix: Float64Array, size: number): boolean {
  for (let first = 0; first < size; first += block) {
    const count = Math.min(block, size - first);
    const panel = { data: matrix, start: first * size, stride: size, count };
    if (first > 0) {
      // All rows from here down lose what the columns before explain.
      for (let row = first; row < size; row += block) {
        const rows = { ...panel, start: row * size, count: Math.min(block, size - row) };
        const target = { ...rows, start: row * size + first };
        addInnerProducts(target, rows, panel, first, { sign: -1, lower: row === first });
      }
    }
    if (!factorPanel(matrix, size, first, count)) return false;
  }
  return true;
}

function factorPanel(matrix: Float64Array, size: number, first: number, count: number): boolean {
  const end = first + count;
  for (let column = first; column < end; column += 1) {
    const own = column * size;
    let pivot = matrix[own + column] ?? 0;
    for (let n = first; n < column; n += 1) pivot -= (matrix[own + n] ?? 0) ** 2;
    if (!(pivot > 0) || !Number.isFinite(pivot)) return false;
    const root = Math.sqrt(pivot);
    matrix[own + column] = root;
    for (let row = column + 1; row < size; row += 1) {
      const from = row * size;
      let sum = matrix[from + column] ?? 0;
      for (let n = first; n < column; n += 1) {
        sum -= (matrix[from + n] ?? 0) * (matrix[own + n] ?? 0);
      }
      matrix[from + column] = sum / root;
    }
  }
  return true;
}

/** The inverse of a lower triangular matrix (row-major), itself lower triangular. */
export function invertLower(factor: Float64Array, size: number): Float64Array {
  const inverse = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    const own = row * size;
    for (let first = 0; first < row; first += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, row - first);
      const rows = { data: inverse, start: first * size, stride: size, count };
      const weights = factor.subarray(own + first, own + first + count);
      subtractRows(inverse, own, rows, weights, first + 1);
      // what is left of the triangle that these rows end with
      for (let column = first + 1; column < first + count; column += 1) {
        const weight = factor[own + column] ?? 0;
        const from = column * size;
        for (let n = first + 1; n <= column; n += 1) {
          inverse[own + n] = (inverse[own + n] ?? 0) - weight * (inverse[from + n] ?? 0);
        }
      }
    }
    const pivot = factor[own + row] ?? 1;
    for (let n = 0; n < row; n += 1) inverse[own + n] = (inverse[own + n] ?? 0) / pivot;
    inverse[own + row] = 1 / pivot;
  }
  return inverse;
}

/** Solves L * L^T * x = b in place of `values` (one right side of `size` values). */
export function solveCholesky(factor: Float64Array, size: number, values: Float64Array): void {
  for (let row = 0; row < size; row += 1) {
    let sum = values[row] ?? 0;
    for (let n = 0; n < row; n += 1) sum -= (factor[row * size + n] ?? 0) * (values[n] ?? 0);
    values[row] = sum / (factor[row * size + row] ?? 1);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    const solved = (values[row] ?? 0) / (factor[row * size + row] ?? 1);
    values[row] = solved;
    for (let n = 0; n < row; n += 1) {
      values[n] = (values[n] ?? 0) - solved * (factor[row * size + n] ?? 0);
    }
  }
}

/** Right sides that are solved together. */
const together = 8;

/**
 * `solveCholesky` for many right sides, [count][size], in less time: the factor is read once for several
 * of them.
 */
export function solveAllCholesky(factor: Float64Array, size: number, values: Float64Array): void {
  const count = values.length / size;
  const mixed = new Float64Array(size * together);
  let first = 0;
  for (; first + together <= count; first += together) {
    for (let side = 0; side < together; side += 1) {
      const from = (first + side) * size;
      for (let n = 0; n < size; n += 1) mixed[n * together + side] = values[from + n] ?? 0;
    }
    solveMixed(factor, size, mixed);
    for (let side = 0; side < together; side += 1) {
      const to = (first + side) * size;
      for (let n = 0; n < size; n += 1) values[to + n] = mixed[n * together + side] ?? 0;
    }
  }
  for (; first < count; first += 1) {
    solveCholesky(factor, size, values.subarray(first * size, (first + 1) * size));
  }
}

/** Right sides [size][together]. */
function solveMixed(factor: Float64Array, size: number, v: Float64Array): void {
  for (let row = 0; row < size; row += 1) {
    const own = row * together;
    let s0 = v[own] ?? 0;
    let s1 = v[own + 1] ?? 0;
    let s2 = v[own + 2] ?? 0;
    let s3 = v[own + 3] ?? 0;
    let s4 = v[own + 4] ?? 0;
    let s5 = v[own + 5] ?? 0;
    let s6 = v[own + 6] ?? 0;
    let s7 = v[own + 7] ?? 0;
    for (let n = 0, at = 0; n < row; n += 1, at += together) {
      const weight = factor[row * size + n] ?? 0;
      s0 -= weight * (v[at] ?? 0);
      s1 -= weight * (v[at + 1] ?? 0);
      s2 -= weight * (v[at + 2] ?? 0);
      s3 -= weight * (v[at + 3] ?? 0);
      s4 -= weight * (v[at + 4] ?? 0);
      s5 -= weight * (v[at + 5] ?? 0);
      s6 -= weight * (v[at + 6] ?? 0);
      s7 -= weight * (v[at + 7] ?? 0);
    }
    const pivot = factor[row * size + row] ?? 1;
    v[own] = s0 / pivot;
    v[own + 1] = s1 / pivot;
    v[own + 2] = s2 / pivot;
    v[own + 3] = s3 / pivot;
    v[own + 4] = s4 / pivot;
    v[own + 5] = s5 / pivot;
    v[own + 6] = s6 / pivot;
    v[own + 7] = s7 / pivot;
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    const own = row * together;
    const pivot = factor[row * size + row] ?? 1;
    const x0 = (v[own] ?? 0) / pivot;
    const x1 = (v[own + 1] ?? 0) / pivot;
    const x2 = (v[own + 2] ?? 0) / pivot;
    const x3 = (v[own + 3] ?? 0) / pivot;
    const x4 = (v[own + 4] ?? 0) / pivot;
    const x5 = (v[own + 5] ?? 0) / pivot;
    const x6 = (v[own + 6] ?? 0) / pivot;
    const x7 = (v[own + 7] ?? 0) / pivot;
    v.set([x0, x1, x2, x3, x4, x5, x6, x7], own);
    for (let n = 0, at = 0; n < row; n += 1, at += together) {
      const weight = factor[row * size + n] ?? 0;
      v[at] = (v[at] ?? 0) - x0 * weight;
      v[at + 1] = (v[at + 1] ?? 0) - x1 * weight;
      v[at + 2] = (v[at + 2] ?? 0) - x2 * weight;
      v[at + 3] = (v[at + 3] ?? 0) - x3 * weight;
      v[at + 4] = (v[at + 4] ?? 0) - x4 * weight;
      v[at + 5] = (v[at + 5] ?? 0) - x5 * weight;
      v[at + 6] = (v[at + 6] ?? 0) - x6 * weight;
      v[at + 7] = (v[at + 7] ?? 0) - x7 * weight;
    }
  }
}

/** Diagonal of (L * L^T)^-1, from the inverse of L. */
export function inverseDiagonal(inverse: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    for (let n = 0; n <= row; n += 1) {
      diagonal[n] = (diagonal[n] ?? 0) + (inverse[row * size + n] ?? 0) ** 2;
    }
  }
  return diagonal;
}
