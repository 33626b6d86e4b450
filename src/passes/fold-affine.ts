import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { invariant } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type { AffineOperation, Operation, OperationChain, WindowOperation } from './operation.ts';

/**
 * Folds every scale and shift (batch normalisation, bias, input normalisation) into the
 * weighted layer before it or, failing that, behind it. It passes max-pooling where no scale
 * is negative: max(x) * s + t = max(x * s + t) for s >= 0 only. Throws a `UserError` that lists
 * all that cannot be folded.
 */
export function foldAffine(chain: OperationChain): OperationChain {
  const operations = [...chain.operations];
  // Backwards in order of appearance, so that of several in a row each meets the layer itself.
  for (let at = 0; at < operations.length;) {
    at = tryFoldBackward(operations, at) ? at : at + 1;
  }
  // Forwards from the last one, for the same reason.
  for (let at = operations.length - 1; at >= 0; at -= 1) tryFoldForward(operations, at);
  const left = operations.filter((operation) => operation.kind === 'affine');
  if (left.length > 0) throw new UserError(left.map((affine) => explain(affine, operations)));
  return { ...chain, operations };
}

/** Folds the operation at `at` into the window before it; true when it was removed. */
function tryFoldBackward(operations: Operation[], at: number): boolean {
  const affine = operations[at];
  if (affine?.kind !== 'affine') return false;
  let source = at - 1;
  while (operations[source]?.kind === 'max-pool' && !hasNegativeScale(affine)) source -= 1;
  const window = operations[source];
  if (window?.kind !== 'window' || affine.scale.length !== window.outputShape.channels) {
    return false;
  }
  operations[source] = scaleOutputs(window, affine);
  operations.splice(at, 1);
  return true;
}

/** Folds the operation at `at` into the window behind it; true when it was removed. */
function tryFoldForward(operations: Operation[], at: number): boolean {
  const affine = operations[at];
  if (affine?.kind !== 'affine') return false;
  let target = at + 1;
  while (operations[target]?.kind === 'max-pool' && passesPoolForward(affine)) target += 1;
  const window = operations[target];
  if (window?.kind !== 'window' || !fitsInputs(window, affine)) return false;
  operations[target] = scaleInputs(window, affine);
  operations.splice(at, 1);
  return true;
}

function hasNegativeScale({ scale }: AffineOperation): boolean {
  return scale.some((factor) => factor < 0);
}

function passesPoolForward(affine: AffineOperation): boolean {
  return !hasNegativeScale(affine) && affine.scale.length === affine.inputShape.channels;
}

/** Padding is zeros *after* the shift, which no weight can undo. */
function fitsInputs(window: WindowOperation, { scale, shift }: AffineOperation): boolean {
  const padded = Object.values(window.padding).some((pad) => pad > 0);
  if (padded && shift.some((value) => value !== 0)) return false;
  const perElement = window.operator === 'linear' && scale.length === shapeSize(window.inputShape);
  return perElement || scale.length === window.inputShape.channels;
}

function scaleOutputs(window: WindowOperation, affine: AffineOperation): WindowOperation {
  const { scale, shift } = affine;
  const perOutput = window.weights.length / window.bias.length;
  return {
    ...window,
    origin: [...window.origin, ...affine.origin],
    weights: window.weights.map(
      (weight, index) => weight * (scale[Math.floor(index / perOutput)] ?? 1),
    ),
    bias: window.bias.map((bias, output) => bias * (scale[output] ?? 1) + (shift[output] ?? 0)),
  };
}

function scaleInputs(window: WindowOperation, affine: AffineOperation): WindowOperation {
  const { scale, shift } = affine;
  const outputs = window.bias.length;
  const perOutput = window.weights.length / outputs;
  const perScale = perOutput / scale.length;
  invariant(Number.isInteger(perScale), 'an affine operation has a number per channel or element');
  const weights = new Float32Array(window.weights.length);
  const bias = window.bias.slice();
  for (let output = 0, at = 0; output < outputs; output += 1) {
    let added = 0;
    for (let input = 0; input < perOutput; input += 1, at += 1) {
      const channel = Math.floor(input / perScale);
      const weight = window.weights[at] ?? 0;
      weights[at] = weight * (scale[channel] ?? 1);
      added += weight * (shift[channel] ?? 0);
    }
    bias[output] = (bias[output] ?? 0) + added;
  }
  return { ...window, origin: [...affine.origin, ...window.origin], weights, bias };
}

function explain(affine: AffineOperation, operations: readonly Operation[]): Diagnostic {
  const at = operations.indexOf(affine);
  const before = operations[at - 1];
  const after = operations[at + 1];
  const between = `it stands between ${nameOf(before, 'the input')} and ${nameOf(after, 'the output')}`;
  const pooled = before?.kind === 'max-pool' || after?.kind === 'max-pool';
  const reason =
    pooled && hasNegativeScale(affine)
      ? `${between}, and ${countNegative(affine)} of its scales are negative, so it does not commute with the max-pooling`
      : `${between} and cannot be folded into a weighted layer`;
  return {
    code: 'model/unsupported-order',
    message: reason,
    place: `node "${affine.name}" (${affine.operatorName})`,
    remedy:
      'accepted: directly behind a Conv, Gemm or MatMul (across MaxPool where no scale is negative), or directly before one without padding',
  };
}

function countNegative({ scale }: AffineOperation): number {
  return scale.filter((factor) => factor < 0).length;
}

function nameOf(operation: Operation | undefined, otherwise: string): string {
  return operation === undefined ? otherwise : `${operation.operatorName} "${operation.name}"`;
}
