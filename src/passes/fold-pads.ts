import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import type { Padding, Size2d } from '../ir/graph.ts';
import { readersOf, type Operation, type OperationGraph, type PadOperation } from './operation.ts';
import { spanOf } from './operators/spatial.ts';
import { isNeverNegative } from './never-negative.ts';
import { swapped, withoutOperation } from './rewire.ts';

/**
 * Makes every Pad the padding of the windows that read it. Throws a `UserError` that lists the
 * pads where that is not the same: in front of something else than a window or max-pooling, or
 * of a max-pooling of values that may be negative.
 */
export function foldPads(graph: OperationGraph): OperationGraph {
  const diagnostics: Diagnostic[] = [];
  let current = behindFormats(graph);
  // From the last one, so that of two in a row both meet the window.
  for (const { output } of current.operations.toReversed()) {
    const pad = current.operations.find((operation) => operation.output === output);
    if (pad?.kind !== 'pad') continue;
    const result = foldPad(current, pad);
    if (typeof result === 'string') diagnostics.push(refused(pad, result));
    else current = result;
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return current;
}

/** Pads behind the formats that read them: 0 stays 0. */
function behindFormats(graph: OperationGraph): OperationGraph {
  let current = graph;
  for (;;) {
    const readers = readersOf(current);
    const pad = current.operations.find((operation) => {
      const [reader, ...others] = readers.of(operation.output);
      const isAlone = others.length === 0 && !readers.isAnswer(operation.output);
      return operation.kind === 'pad' && reader?.kind === 'format' && isAlone;
    });
    const [format] = pad === undefined ? [] : readers.of(pad.output);
    if (pad === undefined || format === undefined) return current;
    current = swapped(current, pad, format);
  }
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

function refused({ name, operatorName }: PadOperation, reason: string): Diagnostic {
  return {
    code: 'model/unsupported-order',
    message: reason,
    place: `node "${name}" (${operatorName})`,
    remedy:
      'accepted: zeros in front of Conv or AveragePool, less than the kernel, or of MaxPool behind Relu',
  };
}
