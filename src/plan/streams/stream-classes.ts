import { nextPowerOfTwo } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { FeatureShape } from '../../ir/graph.ts';
import type { StreamPlan } from '../../ir/plan.ts';
import type { ActivationFormat, QuantizedGraph } from '../../ir/quantized.ts';
import type { VariantName } from '../../ir/variant.ts';
import { maximumTokens } from './maximum-tokens.ts';
import { denseStream, tokenStream } from './streams.ts';
import { topologyOf, type Topology } from './topology.ts';

/** Most tokens (values) a beat of a stream between layers. */
const widestBeat = 64;

/**
 * What is fixed about the streams of a network before their widths are chosen. Givers are layers
 * by index, -1 is the input of the network; a layer whose sums are an answer has no stream here.
 */
export interface NetworkStreams {
  readonly topology: Topology;
  /** Streams of one class have the same width. A number for every giver. */
  classOf(giver: number): number;
  /** Whether every value is sent. */
  isDense(giver: number): boolean;
  /** The widest beat a class can have, a power of two. */
  widest(streamClass: number): number;
  /** The stream that leaves a giver, at a width. */
  stream(giver: number, tokensPerBeat: number): StreamPlan;
}

/** The kinds of all streams of a variant, and which of them have to be equally wide. */
export function networkStreams(graph: QuantizedGraph, variant: VariantName): NetworkStreams {
  const topology = topologyOf(graph);
  const tokens = maximumTokens(graph);
  const dense = denseGivers(graph, topology, variant);
  const classes = widthClasses(graph, topology, dense);
  const classOf = (giver: number): number => present(classes[giver + 1], 'a class');
  const isDense = (giver: number): boolean => dense[giver + 1] === true;
  return {
    topology,
    classOf,
    isDense,
    widest(streamClass) {
      let widest = Infinity;
      for (let giver = -1; giver < graph.layers.length; giver += 1) {
        if (classOf(giver) !== streamClass) continue;
        widest = Math.min(widest, widestOf(graph, topology, giver, isDense(giver)));
      }
      return widest;
    },
    stream(giver, tokensPerBeat) {
      const { shape, format } = edgeOf(graph, giver);
      return isDense(giver)
        ? denseStream(shape, format, tokensPerBeat)
        : tokenStream(shape, format, tokensPerBeat, present(tokens[giver], 'tokens of a layer'));
    },
  };
}

interface Edge {
  readonly shape: FeatureShape;
  readonly format: ActivationFormat;
}

function edgeOf(graph: QuantizedGraph, giver: number): Edge {
  if (giver === -1) return graph.input;
  const layer = present(graph.layers[giver], `layer ${giver}`);
  return {
    shape: layer.layer.outputShape,
    format: present(layer.outputFormat, `${layer.name} requantises`),
  };
}

/**
 * By giver + 1. The input of the network is dense; so is everything in the dense variants, what
 * an answer is made of (its words come in channel order) and what is pooled with its sign (an
 * absent value is more than a negative one). A concatenation takes streams of one kind,
 * k-WTA over a map tokens.
 */
function denseGivers(
  graph: QuantizedGraph,
  topology: Topology,
  variant: VariantName,
): readonly boolean[] {
  const dense = Array.from(
    { length: graph.layers.length + 1 },
    (_, at) => at === 0 || variant !== 'sparse-sparse',
  );
  for (const layer of topology.answers) dense[layer + 1] = true;
  // winners of a whole map are chosen from tokens, whoever reads the winners
  graph.layers.forEach((layer, index) => {
    if (layer.kind !== 'winners') return;
    for (const giver of topology.givers[index] ?? []) {
      const only = topology.readersOf(giver).length === 1;
      invariant(only && graph.layers[giver]?.kind === 'window', `${layer.name} has a window alone`);
      dense[giver + 1] = false;
    }
  });
  graph.layers.forEach((layer, index) => {
    if (layer.kind !== 'max-pool' || !layer.inputFormat.signed) return;
    for (const giver of topology.givers[index] ?? []) dense[giver + 1] = true;
  });
  for (let changed = true; changed;) {
    changed = false;
    graph.layers.forEach((layer, index) => {
      if (layer.kind !== 'concat') return;
      const all = [...(topology.givers[index] ?? []), index];
      if (!all.some((giver) => dense[giver + 1])) return;
      for (const giver of all) {
        if (dense[giver + 1] !== true) changed = true;
        dense[giver + 1] = true;
      }
    });
  }
  return dense;
}

/**
 * By giver + 1: the least number of the class. Concatenated streams are as wide as their result,
 * dense streams that are added too, tokens that pass a k-WTA over a map, and all answers.
 */
function widthClasses(
  graph: QuantizedGraph,
  topology: Topology,
  dense: readonly boolean[],
): readonly number[] {
  const classes = Array.from({ length: graph.layers.length + 1 }, (_, at) => at);
  const unite = (givers: readonly number[]): void => {
    const joined = new Set(givers.map((giver) => present(classes[giver + 1], 'a class')));
    const least = Math.min(...joined);
    classes.forEach((one, at) => {
      if (joined.has(one)) classes[at] = least;
    });
  };
  graph.layers.forEach((layer, index) => {
    const givers = topology.givers[index] ?? [];
    if (layer.kind === 'concat') unite([...givers, index]);
    if (layer.kind === 'add') unite([...givers, index].filter((giver) => dense[giver + 1]));
    if (layer.kind === 'winners' && dense[index + 1] !== true) unite([...givers, index]);
  });
  unite(topology.answers);
  return classes;
}

function widestOf(
  graph: QuantizedGraph,
  topology: Topology,
  giver: number,
  dense: boolean,
): number {
  if (giver >= 0 && graph.layers[giver]?.outputFormat === null) return widestBeat;
  if (!dense) return widestBeat;
  const { channels, width } = edgeOf(graph, giver).shape;
  const padded = nextPowerOfTwo(channels);
  // only the stores of engines take several sites in a beat, and only the network's input has them
  const intoStores = topology.readersOf(giver).every((reader) => {
    return reader.kind === 'layer' && !isJoin(graph, reader.layer);
  });
  return giver === -1 && intoStores ? padded * nextPowerOfTwo(width) : Math.min(widestBeat, padded);
}

function isJoin(graph: QuantizedGraph, layer: number): boolean {
  const kind = graph.layers[layer]?.kind;
  return kind === 'add' || kind === 'concat' || kind === 'winners';
}
