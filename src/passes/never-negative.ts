import { isNonNegative } from '../ir/graph.ts';
import type { Operation, OperationGraph } from './operation.ts';
import { producersOf } from './rewire.ts';

/** Whether no value can be below 0, from what the operations do. */
export function isNeverNegative(graph: Pick<OperationGraph, 'operations'>, value: string): boolean {
  const producers = producersOf(graph);
  const known = new Map<string, boolean>();
  const test = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const operation = producers.get(name);
    const result =
      operation !== undefined &&
      (startsAtZero(operation) || (keepsSign(operation) && operation.inputs.every(test)));
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
    case 'format':
      return true;
    case 'add':
      return operation.signs.every((sign) => sign === 1);
    case 'window':
      return (
        operation.weights.every((weight) => weight >= 0) &&
        operation.bias.every((bias) => bias >= 0)
      );
    case 'affine':
      return [...operation.scale, ...operation.shift].every((value) => value >= 0);
    case 'activation':
      return false;
  }
}

function startsAtZero(operation: Operation): boolean {
  if (operation.kind === 'format') return operation.format.minimum >= 0;
  return operation.kind === 'activation' && isNonNegative(operation.activation);
}
