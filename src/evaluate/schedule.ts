import { present } from '../base/invariant.ts';
import { inputsOf, type Layer } from '../ir/graph.ts';

/** The order in which a graph is computed, and how long each edge is needed. */
export interface Schedule {
  readonly inputName: string;
  readonly steps: readonly ScheduleStep[];
}

interface ScheduleStep {
  readonly name: string;
  readonly inputs: readonly string[];
  /** Edges that no later layer reads: their values can go. */
  readonly released: readonly string[];
}

/** Layers in topological order, as in `Graph`. */
export function scheduleLayers(inputName: string, layers: readonly Layer[]): Schedule {
  const lastUse = new Map<string, number>([[inputName, -1]]);
  layers.forEach((layer, index) => {
    lastUse.set(layer.name, index);
    for (const input of inputsOf(layer)) lastUse.set(input, index);
  });
  const released = layers.map((): string[] => []);
  for (const [edge, index] of lastUse) released[index]?.push(edge);
  return {
    inputName,
    steps: layers.map((layer, index) => ({
      name: layer.name,
      inputs: inputsOf(layer),
      released: released[index] ?? [],
    })),
  };
}

/**
 * Calls `compute` for every layer with what its input edges hold and puts what it returns on
 * the layer's own edge, which lives until its last reader is done.
 */
export function runSchedule<Values>(
  schedule: Schedule,
  input: Values,
  compute: (index: number, inputs: readonly Values[]) => Values,
): void {
  const edges = new Map<string, Values>([[schedule.inputName, input]]);
  schedule.steps.forEach((step, index) => {
    const inputs = step.inputs.map((name) => {
      return present(edges.get(name), `${step.name} reads an edge that is there`);
    });
    edges.set(step.name, compute(index, inputs));
    for (const edge of step.released) edges.delete(edge);
  });
}
