import type { OnnxNode, OnnxTensor } from '../ir/onnx.ts';
import type { FeatureShape } from '../ir/graph.ts';
import type { Operation } from './operation.ts';
import type { FeatureValue, Value } from './value.ts';
import type { View } from './view.ts';

/** How one ONNX operator is translated: one file in operators/, one line in its table. */
export interface OperatorRule {
  /**
   * Attributes the rule looks at, each with what of it is accepted (for the table of operators); a
   * node with any other is refused.
   */
  readonly attributes: Readonly<Record<string, string>>;
  /** What is accepted, for the message when a node is refused. */
  readonly accepted: string;
  /**
   * The values of the node's outputs, in order (missing ones are unknown). Throws `Refusal`
   * when the node is not supported, `UnknownInput` when an input is unknown.
   */
  readonly translate: (context: OperatorContext) => Value | readonly Value[];
}

export interface OperatorContext {
  readonly node: OnnxNode;
  readonly opset: number;
  /** The length of the batch axis in this file; 1 where it is symbolic. */
  readonly batch: number;
  /** The node's input, `absent` where it has none at this position. */
  readonly input: (position: number) => Value;
  /** Appends an operation and gives its result, seen as told. */
  readonly emit: (
    operation: NewOperation,
    view: View,
    options?: { readonly isFree?: boolean },
  ) => FeatureValue;
  /** Whether no value of a feature can be below 0, from what was translated so far. */
  readonly isNeverNegative: (feature: FeatureValue) => boolean;
  /** Something worth telling the user. */
  readonly note: (text: string) => void;
}

type WithoutNames<Variant> = Variant extends Operation
  ? Omit<Variant, 'name' | 'operatorName' | 'output'>
  : never;

/** An operation before it is named after its node. */
export type NewOperation = WithoutNames<Operation>;

/**
 * Thrown when the first thing that needs a map reads the graph input through a view: translation
 * starts again with the input laid out as `shape` in the order of `view`, whose axes are
 * [batch, channels, rows, columns].
 */
export class InputLayoutRequest extends Error {
  readonly view: View;
  readonly shape: FeatureShape;

  constructor(view: View, shape: FeatureShape) {
    super('the input is laid out in another order');
    this.view = view;
    this.shape = shape;
  }
}

/** A node that is not supported: becomes a diagnostic at the node. */
export class Refusal extends Error {
  /** What would be accepted instead; null when the rule's own text says it. */
  readonly accepted: string | null;

  constructor(message: string, accepted: string | null = null) {
    super(message);
    this.name = 'Refusal';
    this.accepted = accepted;
  }
}

/** A node whose input comes from one that was refused: nothing to say about it. */
export class UnknownInput extends Error {}

export function refuse(message: string, accepted: string | null = null): never {
  throw new Refusal(message, accepted);
}

/** The input at `position`; throws `UnknownInput` when it is unknown. */
export function knownInput(context: OperatorContext, position: number): Value {
  const value = context.input(position);
  if (value.kind === 'unknown') throw new UnknownInput();
  return value;
}

/** The feature map or vector at `position`. */
export function featureInput(context: OperatorContext, position: number): FeatureValue {
  const value = knownInput(context, position);
  if (value.kind === 'feature') return value;
  if (value.kind === 'host') {
    refuse('it follows an operator that is left to the host, such as Softmax');
  }
  return refuse(`input ${position} is ${describe(value)}, not a feature map or vector`);
}

/** The constant tensor at `position`. */
export function constantInput(
  context: OperatorContext,
  position: number,
  what: string,
): OnnxTensor {
  const value = knownInput(context, position);
  if (value.kind === 'constant') return value.tensor;
  return refuse(`${what} is ${describe(value)}, not a constant`);
}

/** The constant at `position`, or null when the input is omitted. */
export function optionalConstant(
  context: OperatorContext,
  position: number,
  what: string,
): OnnxTensor | null {
  return knownInput(context, position).kind === 'absent'
    ? null
    : constantInput(context, position, what);
}

/** Words for a value in a message. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'feature':
      return 'computed by the network';
    case 'constant':
      return 'a constant';
    case 'absent':
      return 'missing';
    case 'host':
      return 'left to the host';
    case 'unknown':
      return 'unknown';
    case 'largest':
    case 'largest-indices':
    case 'threshold':
    case 'winner-mask':
      return 'a part of a k-WTA';
  }
}

/** The data of a tensor whose numbers are no bigints. */
export type NumberArray = Exclude<OnnxTensor['data'], BigInt64Array>;

/** The values of a tensor as numbers, its own array where they are; 64-bit integers beyond 2^53 are rounded. */
export function valuesOf({ data }: OnnxTensor): NumberArray {
  if (!(data instanceof BigInt64Array)) return data;
  const values = new Float64Array(data.length);
  for (let at = 0; at < values.length; at += 1) values[at] = Number(data[at] ?? 0n);
  return values;
}

/** The same as a list. */
export function numbersOf(tensor: OnnxTensor): readonly number[] {
  return [...valuesOf(tensor)];
}

/** The only value of a tensor. */
export function scalarOf(tensor: OnnxTensor, what: string): number {
  const [value] = tensor.data;
  if (tensor.data.length !== 1 || value === undefined) {
    refuse(`${what} has ${tensor.data.length} values, not one`);
  }
  return Number(value);
}

/** `axis` counted from the front; refuses one outside `rank`. */
export function normalizeAxis(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= rank) {
    refuse(`axis ${axis} is outside a value of ${rank} axes`);
  }
  return positive;
}

export function product(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total * value, 1);
}

export function sameNumbers(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
