import { describe, expect, it } from 'vitest';
import { biasCorrection, channelMeans } from '../../src/passes/quantize-bias.ts';

const rows = (values: readonly number[]): Float64Array[] =>
  values.map((value) => Float64Array.from([value]));

describe('biasCorrection', () => {
  it('takes back a shift all samples show', () => {
    expect(biasCorrection(rows([1, 2, 3]), rows([0.5, 1.5, 2.5]))).toEqual(
      Float64Array.from([0.5]),
    );
  });

  it('ignores a difference that is chance', () => {
    expect(biasCorrection(rows([1, -1, 1.1]), rows([0, 0, 0]))).toEqual(Float64Array.from([0]));
  });

  it('shrinks an uncertain shift', () => {
    const [correction] = biasCorrection(rows([1, 3]), rows([0, 0]));
    // Mean 2, variance of the mean 1: a quarter of the shift may be chance.
    expect(correction).toBeCloseTo(1.5, 12);
  });

  it('needs two samples', () => {
    expect(biasCorrection(rows([5]), rows([0]))).toEqual(Float64Array.from([0]));
    expect(biasCorrection([], [])).toEqual(new Float64Array(0));
  });
});

describe('channelMeans', () => {
  it('is the mean over the positions of each channel', () => {
    expect(channelMeans(Int32Array.from([1, 2, 3, 10, 20, 30]), 2)).toEqual(
      Float64Array.from([2, 20]),
    );
  });
});
