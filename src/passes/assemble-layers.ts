import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { identityActivation, isNonNegative } from '../ir/graph.ts';
import type {
  Activation,
  FeatureShape,
  GivenFormat,
  GivenQuantization,
  Graph,
  Layer,
  WindowLayer,
} from '../ir/graph.ts';
import { composeActivations } from './compose-activations.ts';
import {
  isPadded,
  noPadding,
  readersOf,
  unitSize,
  type AffineOperation,
  type FormatOperation,
  type GivenWeights,
  type KWinnersOperation,
  type MaxPoolOperation,
  type Operation,
  type OperationGraph,
  type WindowOperation,
} from './operation.ts';

/**
 * Gathers the operations into layers: what follows a window up to the next layer becomes part of
 * it where nothing else reads what is between. What fits into no layer becomes a window that
 * multiplies each channel by 1. Throws a `UserError` that lists what cannot be expressed.
 */
export function assembleLayers(graph: OperationGraph): Graph {
  const assembly = new Assembly(graph);
  for (const operation of graph.operations) assembly.add(operation);
  const outputs = graph.outputs.map(({ source, ...output }) => ({
    ...output,
    layer: assembly.answer(source, output.name),
  }));
  if (assembly.diagnostics.length > 0) throw new UserError(assembly.diagnostics);
  const layers = assembly.layers();
  return {
    name: graph.name,
    input: graph.input,
    layers,
    outputs,
    given: assembly.given(),
    hostOperators: graph.hostOperators,
    notes: [...graph.notes, ...tieNotes(layers)],
  };
}

/** Layers in the making; the last ones may still take what follows them. */
class Assembly {
  readonly diagnostics: Diagnostic[] = [];
  readonly #graph: OperationGraph;
  readonly #isOpen: (value: string) => boolean;
  readonly #names: Set<string>;
  readonly #layers = new Map<string, Layer>();
  /** Formats and weights that the model gives, by layer. */
  readonly #edges = new Map<string, GivenFormat>();
  readonly #weights = new Map<string, GivenWeights>();
  /** Name of the layer that gives each value so far. */
  readonly #layerOf = new Map<string, string>();

  constructor(graph: OperationGraph) {
    this.#graph = graph;
    const readers = readersOf(graph);
    this.#isOpen = (value) => readers.of(value).length === 1 && !readers.isAnswer(value);
    this.#names = new Set([graph.input.name]);
  }

  /** What the model says about its numbers; null where it says nothing. */
  given(): GivenQuantization | null {
    const [edges, weights] = [this.#edges, this.#weights];
    return edges.size + weights.size === 0 ? null : { edges, weights };
  }

  layers(): readonly Layer[] {
    // A node that made several operations is named once.
    return Array.from(this.#layers.values(), (layer) => ({
      ...layer,
      origin: [...new Set(layer.origin)],
    }));
  }

  add(operation: Operation): void {
    switch (operation.kind) {
      case 'window':
        this.#append(operation, windowLayer(operation, this.diagnostics));
        if (operation.given !== undefined) {
          this.#weights.set(this.#nameOf(operation.output), operation.given);
        }
        return;
      case 'format':
        return this.#addFormat(operation);
      case 'affine':
        return this.#append(
          operation,
          windowLayer(affineWindow(operation, this.diagnostics), this.diagnostics),
        );
      case 'activation':
        return this.#addActivation(operation.activation, operation);
      case 'max-pool':
        return this.#addMaxPool(operation);
      case 'k-winners':
        return this.#addWinners(operation);
      case 'add':
        return this.#append(operation, {
          kind: 'add',
          ...commonFields(operation),
          inputs: pair(operation.inputs.map((value) => this.#nameOf(value))),
          signs: operation.signs,
        });
      case 'concat':
        return this.#append(operation, {
          kind: 'concat',
          ...commonFields(operation),
          inputs: operation.inputs.map((value) => this.#nameOf(value)),
          inputShapes: operation.inputShapes,
        });
      case 'pad':
        invariant(false, 'pads are folded');
    }
  }

  /** The layer that gives an answer; an identity where that is the graph input itself. */
  answer(source: string, name: string): string {
    const layer = this.#nameOf(source);
    if (layer !== this.#graph.input.name) return layer;
    const { shape } = this.#graph.input;
    const output = `${name}#copy`;
    const copy = {
      name,
      operatorName: 'output',
      origin: [],
      inputs: [source],
      output,
      inputShape: shape,
      outputShape: shape,
    };
    this.#append(copy, identityLayer(shape));
    return this.#nameOf(output);
  }

  #addActivation(activation: Activation, operation: Operation): void {
    const before = this.#openLayer(operation);
    // Behind rounding, an activation is one of integers.
    const isRounded = before !== null && this.#edges.has(before.name);
    const merged = before === null || isRounded ? null : withActivation(before, activation);
    if (before !== null && merged !== null) this.#extend(operation, before, { activation: merged });
    else this.#append(operation, { ...identityLayer(operation.inputShape), activation });
  }

  /** Rounds the graph input, the layer that gives the value, or a copy of it. */
  #addFormat(operation: FormatOperation): void {
    const [value = ''] = operation.inputs;
    const { name } = this.#graph.input;
    if (value === name && this.#isOpen(name)) {
      this.#layerOf.set(operation.output, name);
      this.#edges.set(name, operation.format);
      return;
    }
    const before = this.#openLayer(operation);
    const takes = before?.kind === 'window' || before?.kind === 'add';
    if (takes && !this.#edges.has(before.name)) this.#extend(operation, before, {});
    else this.#append(operation, identityLayer(operation.inputShape));
    this.#edges.set(this.#nameOf(operation.output), operation.format);
  }

  #addMaxPool(operation: MaxPoolOperation): void {
    const { kernel, stride, padding } = operation;
    const before = this.#openLayer(operation);
    const joins =
      before?.kind === 'window' &&
      before.pooling === null &&
      before.kWinners === null &&
      !isPadded(padding);
    if (joins) this.#extend(operation, before, { pooling: { kernel, stride } });
    else {
      this.#append(operation, {
        kind: 'max-pool',
        ...commonFields(operation),
        input: this.#nameOf(operation.inputs[0] ?? ''),
        inputShape: operation.inputShape,
        kernel,
        stride,
        padding,
      });
    }
  }

  #addWinners(operation: KWinnersOperation): void {
    const { kWinners } = operation;
    const before = this.#openLayer(operation);
    const joins = before?.kind === 'window' && before.kWinners === null;
    if (joins) this.#extend(operation, before, { kWinners });
    else this.#append(operation, { ...identityLayer(operation.inputShape), kWinners });
  }

  /** The layer whose result only this operation reads, or null. */
  #openLayer({ inputs: [value = ''] }: Operation): Layer | null {
    const name = this.#layerOf.get(value);
    return name === undefined || !this.#isOpen(value) ? null : (this.#layers.get(name) ?? null);
  }

  #nameOf(value: string): string {
    if (value === this.#graph.input.name) return value;
    return present(this.#layerOf.get(value), `"${value}" is computed before it is read`);
  }

  #extend(operation: Operation, layer: Layer, change: Partial<Omit<WindowLayer, 'kind'>>): void {
    const origin = [...layer.origin, ...operation.origin];
    const { outputShape } = operation;
    this.#layers.set(layer.name, { ...layer, ...change, origin, outputShape } as Layer);
    this.#layerOf.set(operation.output, layer.name);
  }

  #append(operation: OperationFields, layer: Layer): void {
    const name = layerName(operation.name, this.#names);
    this.#names.add(name);
    const { origin } = operation;
    const [value = ''] = operation.inputs;
    const named = { ...layer, name, origin };
    const reads = named.kind === 'window' ? { ...named, input: this.#nameOf(value) } : named;
    this.#layers.set(name, reads);
    this.#layerOf.set(operation.output, name);
  }
}

type OperationFields = Pick<
  Operation,
  'name' | 'operatorName' | 'origin' | 'inputs' | 'output' | 'inputShape' | 'outputShape'
>;

function commonFields({
  origin,
  outputShape,
}: OperationFields): Pick<Layer, 'name' | 'origin' | 'outputShape' | 'activation' | 'kWinners'> {
  return { name: '', origin, outputShape, activation: identityActivation, kWinners: null };
}

function pair(names: readonly string[]): readonly [string, string] {
  const [left, right] = names;
  invariant(left !== undefined && right !== undefined && names.length === 2, 'an add reads two');
  return [left, right];
}

/** The layer's activation with another behind it, or null where the layer cannot have it. */
function withActivation(layer: Layer, activation: Activation): Activation | null {
  const merged = composeActivations(layer.activation, activation);
  switch (layer.kind) {
    case 'window': {
      // k-WTA of max(x, 0) is max(k-WTA of x, 0); an upper bound would make ties.
      const isRelu =
        isNonNegative(activation) && activation.kind === 'clip' && activation.upper === null;
      return layer.kWinners === null || (isRelu && isLower(activation)) ? merged : null;
    }
    case 'add':
      return merged?.kind === 'clip' ? merged : null;
    case 'max-pool':
    case 'concat':
      return null;
  }
}

function isLower(activation: Activation): boolean {
  return activation.kind === 'clip' && activation.lower === 0;
}

function windowLayer(window: WindowOperation, diagnostics: Diagnostic[]): WindowLayer {
  const bad = firstNotFinite(window);
  if (bad !== null) {
    diagnostics.push({
      code: 'model/not-finite',
      message: `its ${bad} are not all finite numbers, possibly after folding batch normalisation`,
      place: placeOf(window),
      remedy: 'train or export the model again',
    });
  }
  return {
    kind: 'window',
    ...commonFields(window),
    operator: window.operator,
    input: '',
    inputShape: window.inputShape,
    windowShape: window.outputShape,
    groups: window.groups,
    // Adding 0 turns -0 into 0, so that nobody after us has to think of it.
    weights: window.weights.map((weight) => weight + 0),
    bias: Float32Array.from(window.bias, (value) => value + 0),
    kernel: window.kernel,
    dilation: window.dilation,
    stride: window.stride,
    padding: window.padding,
    pooling: null,
  };
}

/** A depthwise convolution of 1x1 that does nothing. */
function identityLayer(shape: FeatureShape): WindowLayer {
  const { channels } = shape;
  return {
    kind: 'window',
    name: '',
    origin: [],
    outputShape: shape,
    activation: identityActivation,
    kWinners: null,
    operator: 'conv',
    input: '',
    inputShape: shape,
    windowShape: shape,
    groups: channels,
    weights: new Float32Array(channels).fill(1),
    bias: new Float32Array(channels),
    kernel: unitSize,
    dilation: unitSize,
    stride: unitSize,
    padding: noPadding,
    pooling: null,
  };
}

/** A scale and shift that folds into no neighbour as a depthwise convolution of 1x1. */
function affineWindow(affine: AffineOperation, diagnostics: Diagnostic[]): WindowOperation {
  const { channels } = affine.inputShape;
  if (affine.scale.length !== channels) {
    diagnostics.push({
      code: 'model/unsupported-order',
      message: 'its constant differs from site to site and folds into no fully connected layer',
      place: placeOf(affine),
      remedy: 'accepted: a constant that is the same at every site of a channel',
    });
  }
  return {
    ...affine,
    kind: 'window',
    operator: 'conv',
    groups: channels,
    weights: Float32Array.from(affine.scale.subarray(0, channels)),
    bias: affine.shift.slice(0, channels),
    kernel: unitSize,
    dilation: unitSize,
    stride: unitSize,
    padding: noPadding,
  };
}

function placeOf({ name, operatorName }: OperationFields): string {
  return `node "${name}" (${operatorName})`;
}

function firstNotFinite({ weights, bias }: WindowOperation): string | null {
  if (!weights.every(Number.isFinite)) return 'weights';
  return Float32Array.from(bias).every(Number.isFinite) ? null : 'biases';
}

/** `/features/0/Conv` becomes `features/0`; a name that is taken gets a number. */
function layerName(nodeName: string, taken: ReadonlySet<string>): string {
  const scope = nodeName.replace(/^\/+/, '').replace(/\/(Conv|Gemm|MatMul)$/, '');
  const name = scope === '' ? nodeName : scope;
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}#${number}`)) number += 1;
  return `${name}#${number}`;
}

function tieNotes(layers: readonly Layer[]): readonly string[] {
  const names = layers.filter(({ kWinners }) => kWinners?.tiesInModel).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `the model keeps ties at the k-th value (${names.join(', ')}); the hardware keeps exactly k winners`,
  ];
}
