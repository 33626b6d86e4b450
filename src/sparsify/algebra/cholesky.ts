import { addInnerProducts } from './inner-products.ts';

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
    for (let column = 0; column < row; column += 1) {
      const weight = factor[own + column] ?? 0;
      if (weight === 0) continue;
      const from = column * size;
      for (let n = 0; n <= column; n += 1) {
        inverse[own + n] = (inverse[own + n] ?? 0) - weight * (inverse[from + n] ?? 0);
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
