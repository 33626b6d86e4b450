import { inputsOf } from '../../../src/ir/graph.ts';
import type { QuantizedGraph, QuantizedLayer } from '../../../src/ir/quantized.ts';
import type { NetworkChoice } from '../../../src/plan/plan-network.ts';

/**
 * Something to take away from a network that was drawn, as it is written in a command:
 * `samples:1` only so many samples; `sample:2` only that one; `until:3` only what layer 3 needs, which
 * is the answer; `copies:1`; `no-gaps`; `bias:2` and `weights:2` zero in that layer;
 * `lanes.0:1` a number of the folding of layer 0, here its lanes.
 */
export type Reduction = string;

/** What follows `name:`; null for another reduction. */
function numberOf(reduction: Reduction, name: string): number | null {
  const match = /^([\w.-]+):(\d+)$/.exec(reduction);
  return match?.[1] === name ? Number(match[2]) : null;
}

function present<Value>(values: readonly (Value | null)[]): readonly Value[] {
  return values.filter((value) => value !== null);
}

const numbersOf = (reductions: readonly Reduction[], name: string): readonly number[] =>
  present(reductions.map((reduction) => numberOf(reduction, name)));

export function reduceSamples(
  samples: readonly Int16Array[],
  reductions: readonly Reduction[],
): readonly Int16Array[] {
  const [only] = numbersOf(reductions, 'sample');
  const chosen = only === undefined ? samples : samples.slice(only, only + 1);
  return chosen.slice(0, Math.min(...numbersOf(reductions, 'samples'), samples.length));
}

export function reduceGraph(
  graph: QuantizedGraph,
  reductions: readonly Reduction[],
): QuantizedGraph {
  const zeroed = zeros(graph, reductions);
  const until = Math.min(...numbersOf(reductions, 'until'), Infinity);
  if (until >= zeroed.layers.length) return zeroed;
  const needed = new Set<string>();
  const layers: QuantizedLayer[] = [];
  const last = zeroed.layers[until];
  if (last !== undefined) needed.add(last.name);
  for (const layer of zeroed.layers.slice(0, until + 1).reverse()) {
    if (!needed.has(layer.name)) continue;
    layers.unshift(layer);
    for (const input of inputsOf(layer.layer)) needed.add(input);
  }
  return { ...zeroed, layers, outputs: [{ name: 'answer', layer: last?.name ?? '' }] };
}

function zeros(graph: QuantizedGraph, reductions: readonly Reduction[]): QuantizedGraph {
  const bias = new Set(numbersOf(reductions, 'bias'));
  const weights = new Set(numbersOf(reductions, 'weights'));
  if (bias.size + weights.size === 0) return graph;
  const layers = graph.layers.map((layer, index) => {
    if (layer.kind !== 'window') return layer;
    return {
      ...layer,
      bias: bias.has(index) ? layer.bias.map(() => 0) : layer.bias,
      weights: weights.has(index) ? layer.weights.map(() => 0) : layer.weights,
    };
  });
  return { ...graph, layers };
}

/** Numbers of a folding that are made smaller. */
const foldings = ['engines', 'lanes', 'values', 'setsParallel', 'drainWidth', 'readWidth'] as const;

export function reduceChoice(
  choice: NetworkChoice,
  reductions: readonly Reduction[],
): NetworkChoice {
  const copies = Math.min(...numbersOf(reductions, 'copies'), choice.copies);
  const layers = choice.layers.map((layer, index) => {
    if (layer.core === 'join') return layer;
    const changed: Record<string, number> = {};
    for (const name of foldings) {
      for (const value of numbersOf(reductions, `${name}.${index}`)) changed[name] = value;
    }
    return { ...layer, ...changed };
  });
  return { ...choice, copies, layers };
}

/** Everything that could be taken away from a network of so many layers, largest steps first. */
export function possibleReductions(layers: number, samples: number): readonly Reduction[] {
  const each = (count: number, one: (index: number) => readonly Reduction[]): Reduction[] =>
    Array.from({ length: count }, (_, index) => one(index)).flat();
  return [
    ...each(layers - 1, (index) => [`until:${index}`]),
    'samples:1',
    ...each(samples - 1, (index) => [`sample:${index + 1}`]),
    'copies:1',
    'no-gaps',
    ...each(layers, (index) => foldings.map((name) => `${name}.${index}:1`)),
    ...each(layers, (index) => [`weights:${index}`, `bias:${index}`]),
  ];
}
