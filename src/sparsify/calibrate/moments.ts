import { addInnerProducts } from '../algebra/inner-products.ts';

/**
 * What reconstruction needs to know of a layer's inputs x (of the sparse network) and of the sums y
 * the dense network makes there: means, and centred second moments over all rows seen.
 */
export interface Moments {
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: number;
  readonly inputMean: Float64Array;
  readonly outputMean: Float64Array;
  /** Mean of (x - mean) (x - mean)^T, row-major, symmetric: the Hessian of half the squared error. */
  readonly hessian: Float64Array;
  /** Mean of (y - mean) (x - mean)^T: [output][input]. */
  readonly cross: Float64Array;
  /** Variance of y, by output. */
  readonly outputVariance: Float64Array;
}

/** Takes rows one by one, gives their moments in the end. */
export interface MomentsCollector {
  /** `row` has `inputs` values, `sums` `outputs`; both may be used again afterwards. */
  readonly add: (row: Float64Array, sums: Float64Array) => void;
  readonly finish: () => Moments;
}

/** Rows summed up together. */
const batchRows = 128;

/** Memory: `inputs` x (`inputs` + `outputs`) doubles. The order of the additions is fixed. */
export function collectMoments(inputs: number, outputs: number): MomentsCollector {
  const hessian = new Float64Array(inputs * inputs);
  const cross = new Float64Array(outputs * inputs);
  const inputMean = new Float64Array(inputs);
  const outputMean = new Float64Array(outputs);
  const outputSquares = new Float64Array(outputs);
  // Transposed: all rows' values of one input side by side.
  const batch = new Float64Array(inputs * batchRows);
  const targets = new Float64Array(outputs * batchRows);
  let filled = 0;
  let rows = 0;

  const flush = (): void => {
    const x = { data: batch, start: 0, stride: batchRows, count: inputs };
    const y = { data: targets, start: 0, stride: batchRows, count: outputs };
    const square = { data: hessian, start: 0, stride: inputs, count: inputs };
    addInnerProducts(square, x, x, filled, { lower: true });
    addInnerProducts({ data: cross, start: 0, stride: inputs, count: outputs }, y, x, filled);
    filled = 0;
  };

  const add = (row: Float64Array, sums: Float64Array): void => {
    for (let n = 0; n < inputs; n += 1) {
      const value = row[n] ?? 0;
      batch[n * batchRows + filled] = value;
      inputMean[n] = (inputMean[n] ?? 0) + value;
    }
    for (let n = 0; n < outputs; n += 1) {
      const value = sums[n] ?? 0;
      targets[n * batchRows + filled] = value;
      outputMean[n] = (outputMean[n] ?? 0) + value;
      outputSquares[n] = (outputSquares[n] ?? 0) + value * value;
    }
    rows += 1;
    filled += 1;
    if (filled === batchRows) flush();
  };

  const finish = (): Moments => {
    flush();
    scale(inputMean, rows);
    scale(outputMean, rows);
    for (let i = 0; i < inputs; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        const at = i * inputs + j;
        const moment = (hessian[at] ?? 0) / rows - (inputMean[i] ?? 0) * (inputMean[j] ?? 0);
        hessian[at] = moment;
        hessian[j * inputs + i] = moment;
      }
    }
    for (let o = 0; o < outputs; o += 1) {
      for (let i = 0; i < inputs; i += 1) {
        const at = o * inputs + i;
        cross[at] = (cross[at] ?? 0) / rows - (outputMean[o] ?? 0) * (inputMean[i] ?? 0);
      }
    }
    const outputVariance = outputSquares.map((sum, o) => sum / rows - (outputMean[o] ?? 0) ** 2);
    return { inputs, outputs, rows, inputMean, outputMean, hessian, cross, outputVariance };
  };
  return { add, finish };
}

function scale(values: Float64Array, by: number): void {
  for (let n = 0; n < values.length; n += 1) values[n] = (values[n] ?? 0) / by;
}
