import { invariant, present } from '../../base/invariant.ts';
import { inputsOf } from '../../ir/graph.ts';
import type { EdgePlan } from '../../ir/plan.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';

/** What reads the output of a layer: input number `input` of a layer, or an answer. */
export type Reader =
  | { readonly kind: 'layer'; readonly layer: number; readonly input: number }
  | { readonly kind: 'answer'; readonly answer: number };

/** Who reads what. Givers are layers by index, -1 is the input of the network. */
export interface Topology {
  /** By layer: givers of its inputs, in order. */
  readonly givers: readonly (readonly number[])[];
  /** By answer: the layer it is the result of. */
  readonly answers: readonly number[];
  /** Of a giver, in the order of its fork's ports: layers in order, then answers. */
  readersOf(giver: number): readonly Reader[];
}

/** The edges of a graph by index. */
export function topologyOf(graph: QuantizedGraph): Topology {
  const indexOf = new Map<string, number>([[graph.input.name, -1]]);
  graph.layers.forEach(({ name }, index) => {
    invariant(!indexOf.has(name), `two layers are called ${name}`);
    indexOf.set(name, index);
  });
  const giver = (name: string): number => present(indexOf.get(name), `a layer called ${name}`);
  const givers = graph.layers.map(({ layer }) => inputsOf(layer).map(giver));
  const answers = graph.outputs.map(({ layer }) => giver(layer));
  const readers = new Map<number, Reader[]>();
  const note = (from: number, reader: Reader): void => {
    readers.set(from, [...(readers.get(from) ?? []), reader]);
  };
  givers.forEach((inputs, layer) => {
    inputs.forEach((from, input) => {
      invariant(from < layer, `${graph.layers[layer]?.name ?? ''} reads what comes later`);
      note(from, { kind: 'layer', layer, input });
    });
  });
  answers.forEach((from, answer) => note(from, { kind: 'answer', answer }));
  for (let layer = -1; layer < graph.layers.length; layer += 1) {
    invariant(readers.has(layer), `${graph.layers[layer]?.name ?? 'the input'} is read by nobody`);
  }
  return { givers, answers, readersOf: (from) => readers.get(from) ?? [] };
}

/** The edges into a layer, without FIFOs. */
export function edgesInto(topology: Topology, layer: number): readonly EdgePlan[] {
  const givers = present(topology.givers[layer], 'a layer has inputs');
  return givers.map((from, input) =>
    edge(topology, from, (reader) => {
      return reader.kind === 'layer' && reader.layer === layer && reader.input === input;
    }),
  );
}

/** The edge of an answer, without FIFO. */
export function edgeToAnswer(topology: Topology, answer: number): EdgePlan {
  const from = present(topology.answers[answer], 'an answer is the result of a layer');
  return edge(topology, from, (reader) => reader.kind === 'answer' && reader.answer === answer);
}

function edge(topology: Topology, from: number, isReader: (reader: Reader) => boolean): EdgePlan {
  const port = topology.readersOf(from).findIndex(isReader);
  return { from, port, fifoDepth: 0, blockFifo: false };
}
