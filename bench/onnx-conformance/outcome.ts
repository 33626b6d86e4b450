import type { OnnxTensor } from '../../src/ir/onnx.ts';

/** How a test ended; refusals and failures say why. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

// What the ONNX project's own test runner allows.
const relativeTolerance = 1e-3;
const absoluteTolerance = 1e-7;

/** Passed when there are as many values as expected, each close enough. */
export function compareValues(values: readonly number[], expected: OnnxTensor): Outcome {
  const wanted = Array.from(expected.data, Number);
  if (values.length !== wanted.length) {
    return { kind: 'failed', reason: `${values.length} values, not ${wanted.length}` };
  }
  const at = wanted.findIndex((value, index) => !isClose(values[index] ?? NaN, value));
  if (at < 0) return { kind: 'passed' };
  return { kind: 'failed', reason: `value ${at} is ${values[at]}, not ${wanted[at]}` };
}

function isClose(value: number, wanted: number): boolean {
  if (Object.is(value, wanted) || value === wanted) return true;
  return Math.abs(value - wanted) <= absoluteTolerance + relativeTolerance * Math.abs(wanted);
}
