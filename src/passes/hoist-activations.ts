import {
  readersOf,
  type ActivationOperation,
  type Operation,
  type OperationGraph,
} from './operation.ts';
import { producersOf, readInstead } from './rewire.ts';

/**
 * Moves activations in front of max-poolings where the layer before them can take them: they are
 * monotone, so both orders give the same. What stays behind a max-pooling becomes a window of
 * its own.
 */
export function hoistActivations(graph: OperationGraph): OperationGraph {
  let current = graph;
  let producers = producersOf(current);
  for (const { output } of graph.operations) {
    const operation = producers.get(output);
    if (operation?.kind !== 'activation') continue;
    // the only one that an activation moves in front of
    if (producers.get(operation.inputs[0] ?? '')?.kind !== 'max-pool') continue;
    current = hoist(current, operation, producers);
    producers = producersOf(current);
  }
  return current;
}

function hoist(
  graph: OperationGraph,
  activation: ActivationOperation,
  producers: ReadonlyMap<string, Operation>,
): OperationGraph {
  const readers = readersOf(graph);
  const isOpen = (value: string): boolean =>
    readers.of(value).length === 1 && !readers.isAnswer(value);
  const [start = ''] = activation.inputs;
  let value = start;
  let producer = producers.get(value);
  while (producer?.kind === 'max-pool' && isOpen(value)) {
    value = producer.inputs[0] ?? '';
    producer = producers.get(value);
  }
  if (value === start || producer === undefined || !isOpen(value) || !takes(producer, activation)) {
    return graph;
  }
  // window -> pool -> act -> ...  becomes  window -> act -> pool -> ...; the pool keeps its name
  // inside, and who read the activation reads the last pool.
  const moved: ActivationOperation = {
    ...activation,
    inputs: [value],
    inputShape: producer.outputShape,
    outputShape: producer.outputShape,
  };
  const operations = graph.operations.flatMap((operation): readonly Operation[] => {
    if (operation === producer) return [operation, moved];
    if (operation === activation) return [];
    if (operation.kind === 'max-pool' && operation.inputs[0] === value) {
      return [readInstead(operation, value, activation.output)];
    }
    return [readInstead(operation, activation.output, start)];
  });
  return {
    ...graph,
    operations,
    outputs: graph.outputs.map((output) =>
      output.source === activation.output ? { ...output, source: start } : output,
    ),
  };
}

function takes(producer: Operation, { activation }: ActivationOperation): boolean {
  switch (producer.kind) {
    case 'window':
    case 'activation':
      return true;
    case 'add':
      return activation.kind === 'clip';
    default:
      return false;
  }
}
