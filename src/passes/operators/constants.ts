import type { OnnxNode, OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute, intsAttribute, tensorAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  product,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import { constant, type Value } from '../value.ts';
import { axesOf, resolveShape, squeezeShape, unsqueezeShape } from './reshape.ts';

/** Largest constant that is computed: a small file can claim any size. */
const largestConstant = 2 ** 24;

/** ONNX Constant. */
export const constantNode: OperatorRule = {
  attributes: ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'],
  accepted: 'Constant with numbers',
  translate: ({ node }) => {
    const tensor = tensorAttribute(node, 'value');
    if (tensor !== null) return { kind: 'constant', tensor };
    return constantOfAttribute(node) ?? refuse('it has no value');
  },
};

function constantOfAttribute(node: OnnxNode): Value | null {
  for (const attribute of node.attributes.values()) {
    switch (attribute.kind) {
      case 'int':
        return constant([], BigInt64Array.of(BigInt(attribute.value)), 'int64');
      case 'ints': {
        const { value } = attribute;
        return constant([value.length], BigInt64Array.from(value, BigInt), 'int64');
      }
      case 'float':
        return constant([], Float32Array.of(attribute.value), 'float32');
      case 'floats':
        return constant([attribute.value.length], Float32Array.from(attribute.value), 'float32');
    }
  }
  return null;
}

/** The shape of anything as a constant (ONNX Shape): how exporters write `x.view(x.size(0), -1)`. */
export const shapeNode: OperatorRule = {
  attributes: ['end', 'start'],
  accepted: 'Shape of a value whose shape is known',
  translate: (context) => {
    const value = knownInput(context, 0);
    const dims = value.kind === 'constant' ? value.tensor.shape : dimsOf(value);
    const start = intAttribute(context.node, 'start', 0);
    const end = intAttribute(context.node, 'end', dims.length);
    const part = dims.slice(start, end);
    return constant([part.length], BigInt64Array.from(part, BigInt), 'int64');
  },
};

function dimsOf(value: Value): readonly number[] {
  if (value.kind === 'largest' || value.kind === 'largest-indices') {
    return value.feature.dims.with(value.axis, value.k);
  }
  return value.kind === 'feature' || value.kind === 'host'
    ? value.dims
    : refuse('its input has no known shape');
}

/** A constant of one value in a constant shape (ONNX ConstantOfShape): zeros_like and ones_like. */
export const constantOfShape: OperatorRule = {
  attributes: ['value'],
  accepted: 'ConstantOfShape of a known shape',
  translate: (context) => {
    const shape = numbersOf(constantInput(context, 0, 'the shape'));
    const value = tensorAttribute(context.node, 'value');
    const size = checkedSize(shape);
    const tensor = value ?? constantTensor([1], Float32Array.of(0), 'float32');
    return { kind: 'constant', tensor: picked(tensor, shape, new Array<number>(size).fill(0)) };
  },
};

type Fold = (context: OperatorContext) => OnnxTensor;

/** Operators that are computed right away when all their inputs are constants. */
export const constantFolds: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Identity', (context) => constantInput(context, 0, 'the input')],
  ['Cast', foldCast],
  ['Gather', foldGather],
  ['Concat', foldConcat],
  ['Slice', foldSlice],
  ['Transpose', foldTranspose],
  ['Expand', foldExpand],
  ['Unsqueeze', reshaped((context, dims) => unsqueezeShape(dims, axesOf(context) ?? []))],
  [
    'Squeeze',
    reshaped((context, dims) => {
      const axes = axesOf(context);
      return squeezeShape(dims, axes?.map((axis) => normalizeAxis(axis, dims.length)) ?? null);
    }),
  ],
  [
    'Reshape',
    reshaped((context, dims) => {
      const target = numbersOf(constantInput(context, 1, 'the new shape'));
      return resolveShape(dims, target, intAttribute(context.node, 'allowzero', 0) !== 0);
    }),
  ],
  ['Add', foldArithmetic((left, right) => left + right)],
  ['Sub', foldArithmetic((left, right) => left - right)],
  ['Mul', foldArithmetic((left, right) => left * right)],
  ['Div', foldArithmetic((left, right) => left / right)],
  ['Sqrt', foldSqrt],
]);

function constantTensor(
  shape: readonly number[],
  data: OnnxTensor['data'],
  elementType: OnnxTensor['elementType'],
): OnnxTensor {
  return { name: '', elementType, shape, data };
}

function reshaped(
  shapeOf: (context: OperatorContext, dims: readonly number[]) => readonly number[],
): Fold {
  return (context) => {
    const tensor = constantInput(context, 0, 'the input');
    return { ...tensor, shape: shapeOf(context, tensor.shape) };
  };
}

/** The values of `tensor` at `places`, in a new shape. */
function picked(
  tensor: OnnxTensor,
  shape: readonly number[],
  places: readonly number[],
): OnnxTensor {
  const { data } = tensor;
  const at = (place: number): number => Number(data[place] ?? 0);
  if (data instanceof BigInt64Array) {
    return { ...tensor, shape, data: BigInt64Array.from(places, (place) => data[place] ?? 0n) };
  }
  const View = data.constructor;
  if (View === Float64Array) return { ...tensor, shape, data: Float64Array.from(places, at) };
  if (View === Int32Array) return { ...tensor, shape, data: Int32Array.from(places, at) };
  if (View === Uint8Array) return { ...tensor, shape, data: Uint8Array.from(places, at) };
  return { ...tensor, shape, data: Float32Array.from(places, at) };
}

function checkedSize(shape: readonly number[]): number {
  const size = product(shape);
  if (shape.some((length) => length < 0 || !Number.isInteger(length)) || size > largestConstant) {
    refuse(`a constant of shape [${shape.join(', ')}] is not possible`);
  }
  return size;
}

/** For every element of `shape`, in C order: its coordinates. */
function* coordinatesOf(shape: readonly number[]): Generator<readonly number[]> {
  const size = checkedSize(shape);
  for (let element = 0; element < size; element += 1) {
    const coordinates: number[] = [];
    let rest = element;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const length = shape[axis] ?? 1;
      coordinates[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    yield coordinates;
  }
}

function offsetIn(shape: readonly number[], coordinates: readonly number[]): number {
  return shape.reduce((offset, length, axis) => offset * length + (coordinates[axis] ?? 0), 0);
}

function foldCast(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  const numbers = numbersOf(tensor);
  const { shape } = tensor;
  switch (intAttribute(context.node, 'to', 0)) {
    case 1:
      return constantTensor(shape, Float32Array.from(numbers), 'float32');
    case 6:
      return constantTensor(shape, Int32Array.from(numbers, Math.trunc), 'int32');
    case 7:
      return constantTensor(shape, BigInt64Array.from(numbers, integerOf), 'int64');
    case 9:
      return constantTensor(
        shape,
        Uint8Array.from(numbers, (value) => (value === 0 ? 0 : 1)),
        'bool',
      );
    case 11:
      return constantTensor(shape, Float64Array.from(numbers), 'float64');
    default:
      return refuse('it casts a constant to another type than FLOAT, DOUBLE, INT32, INT64 or BOOL');
  }
}

function foldGather(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  const indices = constantInput(context, 1, 'the index');
  const { shape } = tensor;
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), shape.length);
  const chosen = numbersOf(indices).map((index) => normalizeAxis(index, shape[axis] ?? 0));
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  const places = [...coordinatesOf([...before, chosen.length, ...after])].map((coordinates) =>
    offsetIn(
      shape,
      coordinates.map((at, index) => (index === axis ? (chosen[at] ?? 0) : at)),
    ),
  );
  return picked(tensor, [...before, ...indices.shape, ...after], places);
}

function foldConcat(context: OperatorContext): OnnxTensor {
  const tensors = context.node.inputs.map((_, position) =>
    constantInput(context, position, `input ${position}`),
  );
  const [first] = tensors;
  const lists = tensors.every(
    (tensor) => tensor.shape.length === 1 && tensor.elementType === first?.elementType,
  );
  if (first === undefined || !lists) return refuse('it joins constants that are not plain lists');
  const numbers = tensors.flatMap((tensor) => numbersOf(tensor));
  const all = constantTensor([numbers.length], Float64Array.from(numbers), first.elementType);
  const data = first.elementType === 'int64' ? BigInt64Array.from(numbers, BigInt) : all.data;
  return { ...all, data };
}

function foldSlice(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  const list = (name: string, position: number): readonly number[] | null => {
    const attribute = intsAttribute(context.node, name);
    if (attribute !== null) return attribute;
    const given = optionalConstant(context, position, name);
    return given === null ? null : numbersOf(given);
  };
  const starts = list('starts', 1) ?? [];
  const ends = list('ends', 2) ?? [];
  const axes = (list('axes', 3) ?? starts.map((_, axis) => axis)).map((axis) =>
    normalizeAxis(axis, tensor.shape.length),
  );
  const steps = list('steps', 4) ?? starts.map(() => 1);
  if (steps.some((step) => step !== 1)) refuse('it slices a constant in steps');
  const ranges = tensor.shape.map((length, axis) => {
    const at = axes.indexOf(axis);
    const clamp = (place: number): number =>
      Math.max(0, Math.min(length, place < 0 ? place + length : place));
    const start = at < 0 ? 0 : clamp(starts[at] ?? 0);
    const end = at < 0 ? length : clamp(ends[at] ?? length);
    return { start, length: Math.max(0, end - start) };
  });
  const shape = ranges.map(({ length }) => length);
  const places = [...coordinatesOf(shape)].map((coordinates) =>
    offsetIn(
      tensor.shape,
      coordinates.map((at, axis) => at + (ranges[axis]?.start ?? 0)),
    ),
  );
  return picked(tensor, shape, places);
}

function foldTranspose(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  const rank = tensor.shape.length;
  const order =
    intsAttribute(context.node, 'perm') ?? tensor.shape.map((_, axis) => rank - 1 - axis);
  const axes = order.map((axis) => normalizeAxis(axis, rank));
  if (new Set(axes).size !== rank) refuse(`perm is [${order.join(', ')}]`);
  const shape = axes.map((axis) => tensor.shape[axis] ?? 1);
  const places: number[] = [];
  for (const coordinates of coordinatesOf(shape)) {
    const source: number[] = [];
    axes.forEach((axis, index) => (source[axis] = coordinates[index] ?? 0));
    places.push(offsetIn(tensor.shape, source));
  }
  return picked(tensor, shape, places);
}

function foldExpand(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  const target = numbersOf(constantInput(context, 1, 'the shape'));
  if (tensor.data.length !== 1) refuse('it expands a constant of more than one value');
  const rank = Math.max(target.length, tensor.shape.length);
  const shape = Array.from({ length: rank }, (_, axis) => target[axis - rank + target.length] ?? 1);
  return picked(tensor, shape, new Array<number>(checkedSize(shape)).fill(0));
}

/** Element by element, where one side is a single value or both have the same shape. */
function foldArithmetic(formula: (left: number, right: number) => number): Fold {
  return (context) => {
    const left = constantInput(context, 0, 'the first input');
    const right = constantInput(context, 1, 'the second input');
    const [a, b] = [numbersOf(left), numbersOf(right)];
    const same = left.shape.join() === right.shape.join();
    if (!same && a.length !== 1 && b.length !== 1) {
      refuse('it combines constants of different shapes');
    }
    const larger = a.length >= b.length ? left : right;
    const values = numbersOf(larger).map((_, index) =>
      formula(a[a.length === 1 ? 0 : index] ?? 0, b[b.length === 1 ? 0 : index] ?? 0),
    );
    return withValues(larger, values);
  };
}

function foldSqrt(context: OperatorContext): OnnxTensor {
  const tensor = constantInput(context, 0, 'the input');
  return withValues(tensor, numbersOf(tensor).map(Math.sqrt));
}

/** The tensor with other values; integers are truncated as ONNX does. */
function withValues(tensor: OnnxTensor, values: readonly number[]): OnnxTensor {
  const shape = values.length === tensor.data.length ? tensor.shape : [values.length];
  switch (tensor.elementType) {
    case 'float32':
      return { ...tensor, shape, data: Float32Array.from(values) };
    case 'float64':
      return { ...tensor, shape, data: Float64Array.from(values) };
    case 'int64':
      return {
        ...tensor,
        shape,
        data: BigInt64Array.from(values, integerOf),
      };
    default:
      return { ...tensor, shape, data: Int32Array.from(values, Math.trunc) };
  }
}

/** The number truncated to an integer, as ONNX does. */
function integerOf(value: number): bigint {
  return Number.isFinite(value)
    ? BigInt(Math.trunc(value))
    : refuse(`its result is ${value}, not an integer`);
}
