import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { isNonNegative, type Padding, type Size2d } from '../ir/graph.ts';
import { readersOf, type Operation, type OperationGraph, type PadOperation } from './operation.ts';
import { spanOf } from './operators/spatial.ts';
import { producersOf, withoutOperation } from './rewire.ts';

/**
 * Makes every Pad the padding of the windows that read it. Throws a `UserError` that lists the
 * pads where that is not the same: in front of something else than a window or max-pooling, or
 * of a max-pooling of values that may be negative.
 */
export function foldPads(graph: OperationGraph): OperationGraph {
  const diagnostics: Diagnostic[] = [];
  let current = graph;
  // From the last one, so that of two in a row both meet the window.
  for (const { output } of graph.operations.toReversed()) {
    const pad = current.operations.find((operation) => operation.output === output);
    if (pad?.kind !== 'pad') continue;
    const result = foldPad(current, pad);
    if (typeof result === 'string') diagnostics.push(refused(pad, result));
    else current = result;
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return current;
}

/** The graph without the pad, or why that is not possible. */
function foldPad(graph: OperationGraph, pad: PadOperation): OperationGraph | string {
  const readers = readersOf(graph);
  if (readers.isAnswer(pad.output)) return 'it pads an answer of the network';
  const changed = new Map<Operation, Operation>();
  for (const reader of readers.of(pad.output)) {
    const label = `${reader.operatorName} "${reader.name}"`;
    switch (reader.kind) {
      case 'window':
      case 'max-pool': {
        const padding = sum(reader.padding, pad.padding);
        const dilation = reader.kind === 'window' ? reader.dilation : { height: 1, width: 1 };
        if (!isLessThan(padding, spanOf(reader.kernel, dilation))) {
          return `it pads as much as the kernel of ${label} or more`;
        }
        if (reader.kind === 'max-pool' && !isNeverNegative(graph, pad.inputs[0] ?? '')) {
          return `it pads values that may be negative with zeros, in front of ${label}`;
        }
        changed.set(reader, {
          ...reader,
          inputShape: pad.inputShape,
          padding,
          origin: [...pad.origin, ...reader.origin],
        });
        break;
      }
      default:
        return `it stands in front of ${label}`;
    }
  }
  return withoutOperation(graph, pad, changed);
}

function sum(left: Padding, right: Padding): Padding {
  return {
    top: left.top + right.top,
    left: left.left + right.left,
    bottom: left.bottom + right.bottom,
    right: left.right + right.right,
  };
}

function isLessThan(padding: Padding, span: Size2d): boolean {
  return (
    Math.max(padding.top, padding.bottom) < span.height &&
    Math.max(padding.left, padding.right) < span.width
  );
}

/** Whether no value can be below 0, from what the operations do. */
function isNeverNegative(graph: OperationGraph, value: string): boolean {
  const producers = producersOf(graph);
  const known = new Map<string, boolean>();
  const test = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const operation = producers.get(name);
    const result =
      operation !== undefined &&
      (keepsSign(operation) ? operation.inputs.every(test) : startsAtZero(operation));
    known.set(name, result);
    return result;
  };
  return test(value);
}

function keepsSign(operation: Operation): boolean {
  switch (operation.kind) {
    case 'max-pool':
    case 'pad':
    case 'k-winners':
    case 'concat':
      return true;
    case 'add':
      return operation.signs.every((sign) => sign === 1);
    case 'window':
      return (
        operation.weights.every((weight) => weight >= 0) &&
        operation.bias.every((bias) => bias >= 0)
      );
    case 'affine':
    case 'activation':
      return false;
  }
}

function startsAtZero(operation: Operation): boolean {
  return operation.kind === 'activation' && isNonNegative(operation.activation);
}

function refused({ name, operatorName }: PadOperation, reason: string): Diagnostic {
  return {
    code: 'model/unsupported-order',
    message: reason,
    place: `node "${name}" (${operatorName})`,
    remedy:
      'accepted: zeros in front of Conv or AveragePool, less than the kernel, or of MaxPool behind Relu',
  };
}
