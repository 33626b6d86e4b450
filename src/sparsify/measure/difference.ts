import type { FloatLayerEvaluation } from '../../evaluate/float.ts';
import type { WindowLayer } from '../../ir/graph.ts';

/** How far a layer of the sparse network is from the same layer of the dense one. */
export interface Difference {
  /** Mean square of the difference of the sums with bias, over the variance of the dense ones. */
  readonly sums: number;
  /** The same of what leaves the layer, over its mean square: pooling, activation, k-WTA included. */
  readonly values: number;
}

/** Over all samples; both layers have the same shapes. */
export function measureDifference(
  dense: WindowLayer,
  denseResults: readonly FloatLayerEvaluation[],
  sparse: WindowLayer,
  sparseResults: readonly FloatLayerEvaluation[],
): Difference {
  const { channels, height, width } = dense.windowShape;
  const sites = height * width;
  let error = 0;
  let variance = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    const shift = (sparse.bias[channel] ?? 0) - (dense.bias[channel] ?? 0);
    let sum = 0;
    let squares = 0;
    denseResults.forEach(({ sums }, sample) => {
      const others = sparseResults[sample]?.sums ?? sums;
      for (let at = channel * sites; at < (channel + 1) * sites; at += 1) {
        const value = sums[at] ?? 0;
        sum += value;
        squares += value * value;
        error += ((others[at] ?? 0) + shift - value) ** 2;
      }
    });
    variance += squares - (sum * sum) / (sites * denseResults.length);
  }
  let valueError = 0;
  let valueSquares = 0;
  denseResults.forEach(({ values }, sample) => {
    const others = sparseResults[sample]?.values ?? values;
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] ?? 0;
      valueError += ((others[at] ?? 0) - value) ** 2;
      valueSquares += value * value;
    }
  });
  return {
    sums: variance > 0 ? error / variance : 0,
    values: valueSquares > 0 ? valueError / valueSquares : 0,
  };
}
