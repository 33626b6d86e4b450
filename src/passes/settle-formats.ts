import type { Activation, GivenFormat } from '../ir/graph.ts';
import {
  readersOf,
  type AffineOperation,
  type FormatOperation,
  type Operation,
  type OperationGraph,
  type Readers,
} from './operation.ts';
import { producersOf, replaced, swapped, withoutOperation } from './rewire.ts';

/**
 * Brings the roundings of a quantised model to the layers whose results they round, and removes
 * those that change nothing: a model rounds behind every operator, also those that keep integers.
 */
export function settleFormats(graph: OperationGraph): OperationGraph {
  let current = graph;
  for (;;) {
    const next = settleOne(current);
    if (next === null) return alignConcats(current);
    current = next;
  }
}

type Rule = (
  graph: OperationGraph,
  format: FormatOperation,
  before: Before,
) => OperationGraph | null;

/** What gives the value that a format rounds. */
interface Before {
  /** Null for the graph input. */
  readonly producer: Operation | null;
  /** Whether nothing else reads it. */
  readonly isAlone: boolean;
  readonly readers: Readers;
}

const rules: readonly Rule[] = [
  mergeFormats,
  raiseFormat,
  passMaxPool,
  splitConcat,
  passInputScale,
  shareTwin,
];

function settleOne(graph: OperationGraph): OperationGraph | null {
  const readers = readersOf(graph);
  const producers = producersOf(graph);
  for (const format of graph.operations) {
    if (format.kind !== 'format') continue;
    const [value = ''] = format.inputs;
    const isAlone = readers.of(value).length === 1 && !readers.isAnswer(value);
    const before: Before = { producer: producers.get(value) ?? null, isAlone, readers };
    for (const rule of rules) {
      const next = rule(graph, format, before);
      if (next !== null) return next;
    }
  }
  return null;
}

/** Two roundings to one scale are one. */
function mergeFormats(
  graph: OperationGraph,
  format: FormatOperation,
  { producer, isAlone }: Before,
): OperationGraph | null {
  if (producer?.kind !== 'format' || producer.format.scale !== format.format.scale) return null;
  const common = narrowed(producer.format, format.format);
  if (sameFormat(common, producer.format)) return withoutOperation(graph, format);
  if (!isAlone) return null;
  return withoutOperation(graph, format, new Map([[producer, { ...producer, format: common }]]));
}

/** Rounding behind a ReLU (or clip at integers) of rounded values: the clamp of the first one. */
function raiseFormat(
  graph: OperationGraph,
  format: FormatOperation,
  { readers }: Before,
): OperationGraph | null {
  const [reader, ...others] = readers.of(format.output);
  if (reader?.kind !== 'activation' || others.length > 0 || readers.isAnswer(format.output)) {
    return null;
  }
  const bounds = integerBounds(reader.activation, format.format);
  if (bounds === null) return null;
  const changed = { ...format, format: narrowed(format.format, bounds) };
  return withoutOperation(graph, reader, new Map([[format, changed]]));
}

/** Bounds of an activation as a format, where they are integers of that scale. */
function integerBounds(
  activation: Activation,
  { scale, minimum, maximum }: GivenFormat,
): GivenFormat | null {
  if (activation.kind !== 'clip') return null;
  const lower = activation.lower === null ? minimum : activation.lower / scale;
  const upper = activation.upper === null ? maximum : activation.upper / scale;
  const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-4;
  if (!(lower <= minimum || isWhole(lower)) || !(upper >= maximum || isWhole(upper))) return null;
  return {
    scale,
    minimum: Math.round(Math.max(minimum, lower)),
    maximum: Math.round(Math.min(maximum, upper)),
  };
}

/** Rounding is monotone, so that it may come before max-pooling. */
function passMaxPool(
  graph: OperationGraph,
  format: FormatOperation,
  { producer, isAlone }: Before,
): OperationGraph | null {
  return producer?.kind === 'max-pool' && isAlone ? swapped(graph, producer, format) : null;
}

/** What is rounded behind a concatenation is rounded in front of it, branch by branch. */
function splitConcat(
  graph: OperationGraph,
  format: FormatOperation,
  { producer, isAlone }: Before,
): OperationGraph | null {
  if (producer?.kind !== 'concat' || !isAlone) return null;
  const parts = producer.inputs.map((input, index) =>
    formatOn(
      format,
      input,
      `${format.output}#${index}`,
      producer.inputShapes[index] ?? producer.inputShape,
      format.format,
    ),
  );
  const joined = { ...producer, inputs: parts.map(({ output }) => output) };
  const without = withoutOperation(graph, format);
  return {
    ...without,
    operations: without.operations.flatMap((operation) =>
      operation === producer ? [...parts, joined] : [operation],
    ),
  };
}

function formatOn(
  like: Operation,
  input: string,
  output: string,
  shape: Operation['inputShape'],
  format: GivenFormat,
): FormatOperation {
  const { name, operatorName, origin } = like;
  return {
    kind: 'format',
    name,
    operatorName,
    origin,
    inputs: [input],
    output,
    inputShape: shape,
    outputShape: shape,
    format,
  };
}

/** A scale on the graph input, in front of its rounding, is one of its integers. */
function passInputScale(
  graph: OperationGraph,
  format: FormatOperation,
  { producer, isAlone }: Before,
): OperationGraph | null {
  if (producer?.kind !== 'affine' || !isAlone || producer.inputs[0] !== graph.input.name)
    return null;
  const factor = uniformScale(producer);
  if (factor === null) return null;
  const rescaled = { ...format, format: { ...format.format, scale: format.format.scale / factor } };
  return swapped(replaced(graph, format, rescaled), producer, rescaled);
}

function uniformScale({ scale, shift }: AffineOperation): number | null {
  const [factor = 0] = scale;
  const isUniform = scale.every((value) => value === factor) && shift.every((value) => value === 0);
  return isUniform && factor > 0 ? factor : null;
}

/** Two equal roundings of one value are one. */
function shareTwin(
  graph: OperationGraph,
  format: FormatOperation,
  { readers }: Before,
): OperationGraph | null {
  const [value = ''] = format.inputs;
  const twin = readers
    .of(value)
    .find((other) => other.kind === 'format' && sameFormat(other.format, format.format));
  if (twin === undefined || twin === format) return null;
  const moved = { ...format, inputs: [twin.output] };
  return withoutOperation(replaced(graph, format, moved), moved);
}

/** Concatenations join integers of one scale: branches of finer ones are rounded to the coarsest. */
function alignConcats(graph: OperationGraph): OperationGraph {
  const producers = producersOf(graph);
  const scaleOf = (value: string): GivenFormat | null => {
    const producer = producers.get(value);
    switch (producer?.kind) {
      case 'format':
        return producer.format;
      case 'max-pool':
        return scaleOf(producer.inputs[0] ?? '');
      case 'concat':
        return producer.inputs.map(scaleOf).reduce(coarser, null);
      default:
        return null;
    }
  };
  const notes: string[] = [];
  const operations = graph.operations.flatMap((operation): readonly Operation[] => {
    if (operation.kind !== 'concat') return [operation];
    const formats = operation.inputs.map(scaleOf);
    const common = formats.reduce(coarser, null);
    const parts: FormatOperation[] = [];
    const inputs = operation.inputs.map((input, index) => {
      const own = formats[index] ?? null;
      if (common === null || own === null || own.scale === common.scale) return input;
      const ratio = own.scale / common.scale;
      const format = {
        scale: common.scale,
        minimum: Math.round(own.minimum * ratio),
        maximum: Math.round(own.maximum * ratio),
      };
      const shape = operation.inputShapes[index] ?? operation.inputShape;
      const part = formatOn(operation, input, `${operation.output}#${index}`, shape, format);
      parts.push(part);
      return part.output;
    });
    if (parts.length === 0) return [operation];
    notes.push(
      `${operation.operatorName} "${operation.name}" joins values of different scales: ` +
        `${parts.length} of ${inputs.length} are rounded to the coarsest one`,
    );
    return [...parts, { ...operation, inputs }];
  });
  return { ...graph, operations, notes: [...graph.notes, ...notes] };
}

function coarser(left: GivenFormat | null, right: GivenFormat | null): GivenFormat | null {
  if (left === null || right === null) return left ?? right;
  return right.scale > left.scale ? right : left;
}

function narrowed(left: GivenFormat, right: GivenFormat): GivenFormat {
  return {
    scale: left.scale,
    minimum: Math.max(left.minimum, right.minimum),
    maximum: Math.min(left.maximum, right.maximum),
  };
}

function sameFormat(left: GivenFormat, right: GivenFormat): boolean {
  return (
    left.scale === right.scale && left.minimum === right.minimum && left.maximum === right.maximum
  );
}
