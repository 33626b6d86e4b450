import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import {
  factorCholesky,
  invertLower,
  solveAllCholesky,
  solveCholesky,
} from '../../src/sparsify/algebra/cholesky.ts';
import { subtractRows } from '../../src/sparsify/algebra/subtract-rows.ts';

const random = seededRandom(3);
const real = (): number => (random(2 ** 20) - 2 ** 19) / 2 ** 17;

function vector(length: number): Float64Array {
  return Float64Array.from({ length }, real);
}

/** The lower factor of a symmetric positive definite matrix. */
function factorOf(size: number): Float64Array {
  const columns = Array.from({ length: size }, () => vector(size));
  const matrix = Float64Array.from({ length: size * size }, (_, at) => {
    const [row = columns[0], column] = [columns[Math.floor(at / size)], columns[at % size]];
    const product = row?.reduce((sum, value, n) => sum + value * (column?.[n] ?? 0), 0) ?? 0;
    return product + (at % (size + 1) === 0 ? 1 : 0);
  });
  expect(factorCholesky(matrix, size)).toBe(true);
  return matrix;
}

describe('subtractions of many rows', () => {
  it('are those of row by row, forwards and backwards', () => {
    const length = 13;
    for (const count of [1, 7, 8, 9, 21]) {
      for (const stride of [length, -length]) {
        const data = vector(count * length);
        const weights = vector(count);
        const target = vector(length + 2);
        const wanted = target.slice();
        const start = stride > 0 ? 0 : (count - 1) * length;
        for (let row = 0; row < count; row += 1) {
          for (let n = 0; n < length; n += 1) {
            wanted[2 + n] =
              (wanted[2 + n] ?? 0) - (weights[row] ?? 0) * (data[start + row * stride + n] ?? 0);
          }
        }
        subtractRows(target, 2, { data, start, stride, count }, weights, length);
        expect(target).toEqual(wanted);
      }
    }
  });
});

describe('a Cholesky factor', () => {
  it('solves many right sides as it solves each', () => {
    for (const [size, count] of [
      [5, 3],
      [30, 8],
      [51, 19],
    ] as const) {
      const factor = factorOf(size);
      const sides = vector(size * count);
      const wanted = sides.slice();
      for (let side = 0; side < count; side += 1)
        solveCholesky(factor, size, wanted.subarray(side * size, (side + 1) * size));
      solveAllCholesky(factor, size, sides);
      expect(sides).toEqual(wanted);
    }
  });

  it('times its inverse is the unit matrix', () => {
    for (const size of [1, 2, 9, 40, 51]) {
      const factor = factorOf(size);
      const inverse = invertLower(factor, size);
      for (let row = 0; row < size; row += 1) {
        for (let column = 0; column <= row; column += 1) {
          let sum = 0;
          for (let n = column; n <= row; n += 1)
            sum += (factor[row * size + n] ?? 0) * (inverse[n * size + column] ?? 0);
          expect(sum).toBeCloseTo(row === column ? 1 : 0, 9);
        }
        expect(inverse.subarray(row * size + row + 1, (row + 1) * size).some(Boolean)).toBe(false);
      }
    }
  });
});
