/** Rows of equal length in one array: row i begins at `start + i * stride`. */
export interface Rows {
  readonly data: Float64Array;
  readonly start: number;
  readonly stride: number;
  readonly count: number;
}

/**
 * target[i][j] += sign * sum over n < length of left[i][n] * right[j][n], for all i and j; with
 * `lower` only where j <= i (a few entries beyond the diagonal may be written too). Four rows by four
 * at a time, so that every number read is used four times. The order of the additions is fixed.
 */
export function addInnerProducts(
  target: Rows,
  left: Rows,
  right: Rows,
  length: number,
  { sign = 1, lower = false }: { readonly sign?: 1 | -1; readonly lower?: boolean } = {},
): void {
  for (let i = 0; i < left.count; i += 4) {
    const columns = lower ? Math.min(right.count, i + 4) : right.count;
    for (let j = 0; j < columns; j += 4) {
      if (i + 4 <= left.count && j + 4 <= right.count) {
        addTile(target, left, right, i, j, length, sign);
      } else {
        addEdge(target, left, right, i, j, length, sign);
      }
    }
  }
}

function addTile(
  target: Rows,
  left: Rows,
  right: Rows,
  i: number,
  j: number,
  length: number,
  sign: number,
): void {
  const a = left.data;
  const b = right.data;
  const a0 = left.start + i * left.stride;
  const a1 = a0 + left.stride;
  const a2 = a1 + left.stride;
  const a3 = a2 + left.stride;
  const b0 = right.start + j * right.stride;
  const b1 = b0 + right.stride;
  const b2 = b1 + right.stride;
  const b3 = b2 + right.stride;
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  for (let n = 0; n < length; n += 1) {
    const x0 = a[a0 + n] ?? 0;
    const x1 = a[a1 + n] ?? 0;
    const x2 = a[a2 + n] ?? 0;
    const x3 = a[a3 + n] ?? 0;
    const y0 = b[b0 + n] ?? 0;
    const y1 = b[b1 + n] ?? 0;
    const y2 = b[b2 + n] ?? 0;
    const y3 = b[b3 + n] ?? 0;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  const t = target.data;
  let at = target.start + i * target.stride + j;
  addFour(t, at, sign, s00, s01, s02, s03);
  at += target.stride;
  addFour(t, at, sign, s10, s11, s12, s13);
  at += target.stride;
  addFour(t, at, sign, s20, s21, s22, s23);
  at += target.stride;
  addFour(t, at, sign, s30, s31, s32, s33);
}

function addFour(
  t: Float64Array,
  at: number,
  sign: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  t[at] = (t[at] ?? 0) + sign * s0;
  t[at + 1] = (t[at + 1] ?? 0) + sign * s1;
  t[at + 2] = (t[at + 2] ?? 0) + sign * s2;
  t[at + 3] = (t[at + 3] ?? 0) + sign * s3;
}

/** What is left of rows or columns at the end. */
function addEdge(
  target: Rows,
  left: Rows,
  right: Rows,
  i: number,
  j: number,
  length: number,
  sign: number,
): void {
  for (let row = i; row < Math.min(i + 4, left.count); row += 1) {
    const from = left.start + row * left.stride;
    for (let column = j; column < Math.min(j + 4, right.count); column += 1) {
      const by = right.start + column * right.stride;
      let sum = 0;
      for (let n = 0; n < length; n += 1) {
        sum += (left.data[from + n] ?? 0) * (right.data[by + n] ?? 0);
      }
      const at = target.start + row * target.stride + column;
      target.data[at] = (target.data[at] ?? 0) + sign * sum;
    }
  }
}
