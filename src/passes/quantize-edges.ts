import { fail } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { formatRange, roundInto, signedBits } from '../evaluate/integer.ts';
import {
  inputsOf,
  type Activation,
  type GivenFormat,
  type Graph,
  type Layer,
} from '../ir/graph.ts';
import type { ActivationFormat, IntegerRange } from '../ir/quantized.ts';
import { isIdentityWindow, keepsNoNegatives } from './identity-window.ts';
import type { Observed } from './quantize-observe.ts';
import {
  chooseRange,
  createHistogram,
  mergeHistograms,
  type MagnitudeHistogram,
  type RangeRule,
} from './quantize-ranges.ts';

/** The integers of an edge: how they are encoded, and which of them can occur. */
export interface EdgeNumbers {
  readonly format: ActivationFormat;
  readonly range: IntegerRange;
}

/** Edges by name; a layer whose accumulators are an answer has none. */
export type Edges = ReadonlyMap<string, EdgeNumbers>;

const mostBits = 9;

/**
 * Formats of all edges. What the model gives is taken; the rest is chosen by what was observed.
 * Edges joined by a concat, a max-pool or an identity window have one format, chosen on the
 * values of all of them. An edge is unsigned where nothing negative can reach it.
 */
export function chooseEdges(
  graph: Graph,
  observed: Observed | null,
  activationBits: number,
  rule: RangeRule,
): Edges {
  const answers = accumulatorAnswers(graph);
  const nonNegative = nonNegativeEdges(graph, observed);
  const histograms = histogramsByEdge(graph, observed);
  const sources = new Map<string, ActivationFormat>();
  for (const family of edgeFamilies(graph)) {
    const members = family.filter((edge) => !answers.has(edge));
    if (members.length === 0) continue;
    const given = members.map((edge) => graph.given?.edges.get(edge)).find((found) => found);
    const seen = (): MagnitudeHistogram =>
      mergeHistograms(members.map((edge) => histograms.get(edge) ?? createHistogram()));
    const signed = members.some((edge) => !nonNegative.has(edge));
    const common =
      given === undefined
        ? chooseRange(seen(), activationBits, signed, rule).format
        : givenFormat(given, members);
    for (const edge of members) {
      const own = graph.given?.edges.get(edge);
      sources.set(edge, own === undefined ? common : givenFormat(own, [edge]));
    }
  }
  return numbersOf(graph, sources, nonNegative, answers);
}

/**
 * Layers whose accumulators (bias included) are an answer: windows without activation and k-WTA
 * that nothing else reads, unless a quantised model rounds them.
 */
export function accumulatorAnswers(graph: Graph): ReadonlySet<string> {
  const read = new Set(graph.layers.flatMap(inputsOf));
  const outputs = new Set(graph.outputs.map(({ layer }) => layer));
  const answers = graph.layers.filter((layer) => {
    return (
      layer.kind === 'window' &&
      layer.activation.kind === 'identity' &&
      layer.kWinners === null &&
      outputs.has(layer.name) &&
      !read.has(layer.name) &&
      graph.given?.edges.has(layer.name) !== true
    );
  });
  return new Set(answers.map(({ name }) => name));
}

/** Whether a quantised model says all there is to say about the edges. */
export function isFullyGiven(graph: Graph): boolean {
  const answers = accumulatorAnswers(graph);
  return edgeFamilies(graph).every((family) => {
    const members = family.filter((edge) => !answers.has(edge));
    return members.length === 0 || members.some((edge) => graph.given?.edges.has(edge));
  });
}

/** Whether an edge has the format of what the layer reads. */
function sharesFormat(graph: Graph, layer: Layer): boolean {
  switch (layer.kind) {
    case 'max-pool':
    case 'concat':
      return true;
    case 'add':
      return false;
    case 'window':
      return (
        isIdentityWindow(layer) &&
        layer.activation.kind === 'identity' &&
        graph.given?.edges.has(layer.name) !== true
      );
  }
}

/** Edges that values enter (not through a layer that keeps formats), those of one format together. */
function edgeFamilies(graph: Graph): readonly (readonly string[])[] {
  const parent = new Map<string, string>();
  const find = (edge: string): string => {
    const above = parent.get(edge);
    return above === undefined ? edge : find(above);
  };
  const sources = [graph.input.name];
  for (const layer of graph.layers) {
    if (!sharesFormat(graph, layer)) {
      sources.push(layer.name);
      continue;
    }
    for (const input of inputsOf(layer)) {
      const [left, right] = [find(layer.name), find(input)];
      if (left !== right) parent.set(left, right);
    }
  }
  const families = new Map<string, string[]>();
  for (const edge of sources) {
    const family = families.get(find(edge));
    if (family === undefined) families.set(find(edge), [edge]);
    else family.push(edge);
  }
  return [...families.values()];
}

/** Edges on which no negative value can be. */
function nonNegativeEdges(graph: Graph, observed: Observed | null): ReadonlySet<string> {
  const found = new Set<string>();
  const given = graph.given?.edges;
  const inputGiven = given?.get(graph.input.name);
  const inputMinimum = inputGiven?.minimum ?? observed?.input.smallest ?? -1;
  if (inputMinimum >= 0) found.add(graph.input.name);
  for (const layer of graph.layers) {
    const from = inputsOf(layer).every((edge) => found.has(edge));
    const minimum = given?.get(layer.name)?.minimum;
    if (minimum === undefined ? neverNegative(layer, from) : minimum >= 0) found.add(layer.name);
  }
  return found;
}

function neverNegative(layer: Layer, inputsNonNegative: boolean): boolean {
  if (keepsNoNegatives(layer.activation)) return true;
  if (!inputsNonNegative) return false;
  switch (layer.kind) {
    case 'max-pool':
    case 'concat':
      return true;
    case 'add':
      return layer.signs.every((sign) => sign === 1);
    case 'window':
      return layer.weights.every((weight) => weight >= 0) && layer.bias.every((bias) => bias >= 0);
  }
}

function histogramsByEdge(
  graph: Graph,
  observed: Observed | null,
): ReadonlyMap<string, MagnitudeHistogram> {
  const histograms = new Map<string, MagnitudeHistogram>();
  if (observed === null) return histograms;
  histograms.set(graph.input.name, observed.input);
  graph.layers.forEach(({ name }, index) => {
    histograms.set(name, present(observed.layers[index], 'one observation per layer').histogram);
  });
  return histograms;
}

/** The narrowest format that holds what the model says, of an edge or of edges joined. */
function givenFormat(
  { scale, minimum, maximum }: GivenFormat,
  edges: readonly string[],
): ActivationFormat {
  const signed = minimum < 0;
  const bits = Math.max(2, signedBits({ minimum, maximum }) - (signed ? 0 : 1));
  if (bits > mostBits || !(scale > 0)) {
    fail(
      'quantize/given-format',
      bits > mostBits
        ? `the model quantises this edge to ${bits} bits (zero point removed), there are ${mostBits}`
        : `the model quantises this edge with scale ${scale}`,
      { place: edges[0] ?? '', remedy: 'quantise activations to 8 bits or fewer' },
    );
  }
  return { bits, signed, scale };
}

/** Formats and ranges of all edges from those of the edges that values enter. */
function numbersOf(
  graph: Graph,
  sources: ReadonlyMap<string, ActivationFormat>,
  nonNegative: ReadonlySet<string>,
  answers: ReadonlySet<string>,
): Edges {
  const edges = new Map<string, EdgeNumbers>();
  const source = (edge: string): ActivationFormat => {
    return present(sources.get(edge), `edge ${edge} has a format`);
  };
  const inputFormat = source(graph.input.name);
  edges.set(graph.input.name, { format: inputFormat, range: formatRange(inputFormat) });
  for (const layer of graph.layers) {
    if (answers.has(layer.name)) continue;
    const inputs = inputsOf(layer).map((edge) => {
      return present(edges.get(edge), `${layer.name} reads an edge that has numbers`);
    });
    if (layer.kind === 'concat' || layer.kind === 'max-pool') {
      edges.set(layer.name, joinNumbers(layer.name, inputs));
      continue;
    }
    const [first] = inputs;
    const shared = sharesFormat(graph, layer);
    const format = shared ? present(first, 'a window has an input').format : source(layer.name);
    const whole = graph.given?.edges.get(layer.name) ?? formatRange(format);
    const range = activationRange(whole, format, layer.activation);
    const minimum = nonNegative.has(layer.name) ? 0 : range.minimum;
    edges.set(layer.name, { format, range: { minimum, maximum: range.maximum } });
  }
  return edges;
}

/** Values of all inputs on one edge. */
function joinNumbers(name: string, inputs: readonly EdgeNumbers[]): EdgeNumbers {
  const minimum = Math.min(...inputs.map(({ range }) => range.minimum));
  const maximum = Math.max(...inputs.map(({ range }) => range.maximum));
  const formats = inputs.map(({ format }) => format);
  const [first, ...others] = formats;
  const { scale } = present(first, `${name} has an input`);
  invariant(
    others.every((format) => format.scale === scale),
    `what ${name} joins has one scale`,
  );
  const signed = formats.some((format) => format.signed);
  // An unsigned format needs one bit more among signed ones.
  const bits = Math.max(...formats.map((f) => f.bits + (signed && !f.signed ? 1 : 0)));
  return { format: { bits, signed, scale }, range: { minimum, maximum } };
}

/** What of a range passes the activation; 0 always does. */
export function activationRange(
  { minimum, maximum }: IntegerRange,
  { scale }: ActivationFormat,
  activation: Activation,
): IntegerRange {
  const whole = { minimum, maximum };
  if (keepsNoNegatives(activation) && activation.kind !== 'clip') return { minimum: 0, maximum };
  if (activation.kind !== 'clip') return whole;
  const { lower, upper } = activation;
  invariant((lower ?? 0) <= 0 && (upper ?? 0) >= 0, 'a clip lets 0 pass');
  return {
    minimum: lower === null ? minimum : roundInto(lower / scale, whole),
    maximum: upper === null ? maximum : roundInto(upper / scale, whole),
  };
}
