import { invariant } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import {
  isPadded,
  readersOf,
  type AffineOperation,
  type GivenWeights,
  type Operation,
  type OperationGraph,
  type Readers,
  type WindowOperation,
} from './operation.ts';
import { producersOf, withoutOperation } from './rewire.ts';

/**
 * Folds every scale and shift (batch normalisation, bias, input normalisation) into the weighted
 * layer before it or, failing that, into those behind it; of two in a row makes one. It passes
 * max-pooling where no scale is negative: max(x) * s + t = max(x * s + t) for s >= 0 only. What
 * folds nowhere stays, to become a window of its own.
 */
export function foldAffine(graph: OperationGraph): OperationGraph {
  // Backwards in order of appearance, so that of several in a row each meets the layer itself;
  // forwards from the last one, for the same reason.
  const backward = visitAffine(graph, graph.operations, foldBackward);
  return visitAffine(backward, backward.operations.toReversed(), foldForward);
}

type Fold = (graph: OperationGraph, affine: AffineOperation) => OperationGraph | null;

function visitAffine(
  graph: OperationGraph,
  order: readonly Operation[],
  fold: Fold,
): OperationGraph {
  let current = graph;
  for (const { output } of order) {
    const affine = current.operations.find((operation) => operation.output === output);
    if (affine?.kind === 'affine') current = fold(current, affine) ?? current;
  }
  return current;
}

/** The graph with the operation folded into what computes its input, or null. */
function foldBackward(graph: OperationGraph, affine: AffineOperation): OperationGraph | null {
  const readers = readersOf(graph);
  const producers = producersOf(graph);
  let value = affine.inputs[0] ?? '';
  for (;;) {
    const producer = producers.get(value);
    if (producer === undefined || readers.of(value).length !== 1 || readers.isAnswer(value)) {
      return null;
    }
    if (producer.kind === 'max-pool' && !hasNegativeScale(affine)) {
      value = producer.inputs[0] ?? '';
      continue;
    }
    const folded = foldInto(producer, affine);
    return folded === null ? null : withoutOperation(graph, affine, new Map([[producer, folded]]));
  }
}

function foldInto(producer: Operation, affine: AffineOperation): Operation | null {
  switch (producer.kind) {
    case 'window':
      return affine.scale.length === producer.outputShape.channels
        ? scaleOutputs(producer, affine)
        : null;
    case 'affine':
      return fitsTogether(producer, affine) ? composed(producer, affine) : null;
    default:
      return null;
  }
}

/** Folds the operation into all windows that read it, through max-poolings; or null. */
function foldForward(graph: OperationGraph, affine: AffineOperation): OperationGraph | null {
  const targets = windowsBehind(readersOf(graph), affine.output, affine);
  if (targets === null) return null;
  const changed = new Map(targets.map((window) => [window, scaleInputs(window, affine)]));
  return withoutOperation(graph, affine, changed);
}

/** All windows that read a value, through max-poolings; null where anything else reads it. */
function windowsBehind(
  readers: Readers,
  value: string,
  affine: AffineOperation,
): readonly WindowOperation[] | null {
  const own = readers.of(value);
  if (own.length === 0 || readers.isAnswer(value)) return null;
  const found: WindowOperation[] = [];
  for (const reader of own) {
    if (reader.kind === 'window' && fitsInputs(reader, affine)) {
      found.push(reader);
    } else if (reader.kind === 'max-pool' && passesPoolForward(affine)) {
      const behind = windowsBehind(readers, reader.output, affine);
      if (behind === null) return null;
      found.push(...behind);
    } else {
      return null;
    }
  }
  return found;
}

function hasNegativeScale({ scale }: AffineOperation): boolean {
  return scale.some((factor) => factor < 0);
}

function passesPoolForward(affine: AffineOperation): boolean {
  return !hasNegativeScale(affine) && affine.scale.length === affine.inputShape.channels;
}

/** Padding is zeros *after* the shift, which no weight can undo. */
function fitsInputs(window: WindowOperation, { scale, shift }: AffineOperation): boolean {
  if (isPadded(window.padding) && shift.some((value) => value !== 0)) return false;
  const perElement = window.operator === 'linear' && scale.length === shapeSize(window.inputShape);
  return perElement || scale.length === window.inputShape.channels;
}

function composed(first: AffineOperation, second: AffineOperation): AffineOperation {
  const length = Math.max(first.scale.length, second.scale.length);
  const at = (values: Float64Array, index: number): number =>
    values[Math.floor((index * values.length) / length)] ?? 0;
  const combine = (formula: (index: number) => number): Float64Array =>
    Float64Array.from({ length }, (_, index) => formula(index));
  return {
    ...first,
    origin: [...first.origin, ...second.origin],
    scale: combine((index) => at(first.scale, index) * at(second.scale, index)),
    shift: combine(
      (index) => at(first.shift, index) * at(second.scale, index) + at(second.shift, index),
    ),
  };
}

function scaleOutputs(window: WindowOperation, affine: AffineOperation): WindowOperation {
  const { scale, shift } = affine;
  const perOutput = window.weights.length / window.bias.length;
  const scaled: WindowOperation = {
    ...window,
    origin: [...window.origin, ...affine.origin],
    weights: window.weights.map(
      (weight, index) => weight * (scale[Math.floor(index / perOutput)] ?? 1),
    ),
    bias: window.bias.map((bias, output) => bias * (scale[output] ?? 1) + (shift[output] ?? 0)),
  };
  return window.given === undefined ? scaled : withScaledIntegers(scaled, window.given, scale);
}

/** The weights as the model's integers, which change their sign at most, with other scales. */
function withScaledIntegers(
  window: WindowOperation,
  { integers, scale, bits }: GivenWeights,
  factors: Float64Array,
): WindowOperation {
  const perOutput = integers.length / scale.length;
  const at = (index: number): number => factors[Math.floor(index / perOutput)] ?? 1;
  const given: GivenWeights = {
    integers: integers.map((integer, index) => integer * Math.sign(at(index))),
    scale: scale.map((value, output) => value * (Math.abs(factors[output] ?? 1) || 1)),
    bits,
  };
  const weights = Float32Array.from(
    given.integers,
    (integer, index) => integer * (given.scale[Math.floor(index / perOutput)] ?? 1),
  );
  return { ...window, weights, given };
}

function scaleInputs(window: WindowOperation, affine: AffineOperation): WindowOperation {
  const { scale, shift } = affine;
  const outputs = window.bias.length;
  const perOutput = window.weights.length / outputs;
  const perScale = (perOutput * window.groups) / scale.length;
  invariant(Number.isInteger(perScale), 'an affine operation has a number per channel or element');
  const weights = new Float32Array(window.weights.length);
  const bias = window.bias.slice();
  for (let output = 0, at = 0; output < outputs; output += 1) {
    const group = Math.floor((output * window.groups) / outputs);
    const first = (group * scale.length) / window.groups;
    let added = 0;
    for (let input = 0; input < perOutput; input += 1, at += 1) {
      const channel = first + Math.floor(input / perScale);
      const weight = window.weights[at] ?? 0;
      weights[at] = weight * (scale[channel] ?? 1);
      added += weight * (shift[channel] ?? 0);
    }
    bias[output] = (bias[output] ?? 0) + added;
  }
  const { given, ...others } = window;
  const scaled = { ...others, origin: [...affine.origin, ...window.origin], weights, bias };
  const [factor = 1] = scale;
  // One factor for all inputs is one for all outputs; others leave no integers.
  return given === undefined || scale.some((value) => value !== factor)
    ? scaled
    : withScaledIntegers(scaled, given, new Float64Array(outputs).fill(factor));
}

/** Two numbers a channel, or the second (or both) one an element. */
function fitsTogether(first: AffineOperation, second: AffineOperation): boolean {
  const { channels } = first.outputShape;
  return (
    second.inputShape.channels === channels &&
    shapeSize(second.inputShape) === shapeSize(first.outputShape)
  );
}
