import type { OperationGraph } from './operation.ts';

/** Leaves out operations that no answer of the network depends on. */
export function removeUnread(graph: OperationGraph): OperationGraph {
  const needed = new Set(graph.outputs.map(({ source }) => source));
  const kept = graph.operations.toReversed().filter((operation) => {
    if (!needed.has(operation.output)) return false;
    for (const name of operation.inputs) needed.add(name);
    return true;
  });
  return { ...graph, operations: kept.reverse() };
}
