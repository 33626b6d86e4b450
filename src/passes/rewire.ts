import type { Operation, OperationGraph } from './operation.ts';

/** An operation that reads `to` wherever it read `from`. */
export function readInstead<Kind extends Operation>(
  operation: Kind,
  from: string,
  to: string,
): Kind {
  if (!operation.inputs.includes(from)) return operation;
  return { ...operation, inputs: operation.inputs.map((name) => (name === from ? to : name)) };
}

/**
 * The graph without one operation, whose readers read what it read; `changed` replaces
 * operations by new ones with the same results.
 */
export function withoutOperation(
  graph: OperationGraph,
  removed: Operation,
  changed: ReadonlyMap<Operation, Operation> = new Map(),
): OperationGraph {
  const [source = ''] = removed.inputs;
  return {
    ...graph,
    operations: graph.operations
      .filter((operation) => operation !== removed)
      .map((operation) => readInstead(changed.get(operation) ?? operation, removed.output, source)),
    outputs: graph.outputs.map((output) =>
      output.source === removed.output ? { ...output, source } : output,
    ),
  };
}

/** The operation that gives each value, by the value's name. */
export function producersOf({
  operations,
}: Pick<OperationGraph, 'operations'>): ReadonlyMap<string, Operation> {
  return new Map(operations.map((operation) => [operation.output, operation]));
}

/**
 * The graph with two operations, of which the second alone reads the first, in the other order;
 * the result keeps its name, the value between them too.
 */
export function swapped(
  graph: OperationGraph,
  first: Operation,
  second: Operation,
): OperationGraph {
  const moved = {
    ...second,
    inputs: first.inputs,
    output: first.output,
    inputShape: first.inputShape,
    outputShape: first.inputShape,
  };
  const behind = { ...first, inputs: [first.output], output: second.output };
  return {
    ...graph,
    operations: graph.operations.flatMap((operation) => {
      if (operation === first) return [moved];
      return operation === second ? [behind] : [operation];
    }),
  };
}

/** The graph with one operation in another's place. */
export function replaced(graph: OperationGraph, old: Operation, now: Operation): OperationGraph {
  return {
    ...graph,
    operations: graph.operations.map((operation) => (operation === old ? now : operation)),
  };
}
