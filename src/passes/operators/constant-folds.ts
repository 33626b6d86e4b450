import type { OnnxTensor } from '../../ir/onnx.ts';
import { intAttribute, intsAttribute } from '../attributes.ts';
import {
  constantInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  product,
  refuse,
  scalarOf,
  valuesOf,
  type OperatorContext,
} from '../operator-rule.ts';
import {
  broadcast,
  broadcastNumbers,
  broadcastShape,
  checkedSize,
  picked,
  stepsOf,
  stridedPlaces,
  withValues,
} from './constant-tensor.ts';
import { axesOf, flattenShape, resolveShape, squeezeShape, unsqueezeShape } from './reshape.ts';
import { placesOf, sliceRanges } from './slice-ranges.ts';

type Fold = (context: OperatorContext) => OnnxTensor;

/** Operators that are computed right away when all their inputs are constants. */
export const constantFolds: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Identity', inputOf],
  ['Cast', foldCast],
  ['Gather', foldGather],
  ['Concat', foldConcat],
  ['Slice', foldSlice],
  ['Transpose', foldTranspose],
  ['Expand', foldExpand],
  ['Tile', foldTile],
  ['Range', foldRange],
  ['Size', (context) => withValues('int64', [], [inputOf(context).data.length])],
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
  [
    'Flatten',
    reshaped((context, dims) => flattenShape(dims, intAttribute(context.node, 'axis', 1))),
  ],
  ['Add', elementwise((left = 0, right = 0) => left + right)],
  ['Sub', elementwise((left = 0, right = 0) => left - right)],
  ['Mul', elementwise((left = 0, right = 0) => left * right)],
  ['Div', elementwise((left = 0, right = 0) => left / right)],
  ['Pow', elementwise((left = 0, right = 0) => left ** right)],
  [
    'Mod',
    (context) =>
      elementwise(intAttribute(context.node, 'fmod', 0) === 0 ? modulo : remainder)(context),
  ],
  ['Min', elementwise((...values) => Math.min(...values))],
  ['Max', elementwise((...values) => Math.max(...values))],
  ['Sum', elementwise((...values) => values.reduce((total, value) => total + value, 0))],
  ['Neg', elementwise((value = 0) => -value)],
  ['Abs', elementwise((value = 0) => Math.abs(value))],
  ['Sqrt', elementwise((value = 0) => Math.sqrt(value))],
  ['Reciprocal', elementwise((value = 0) => 1 / value)],
  ['Exp', elementwise((value = 0) => Math.exp(value))],
  ['Log', elementwise((value = 0) => Math.log(value))],
  ['Floor', elementwise((value = 0) => Math.floor(value))],
  ['Ceil', elementwise((value = 0) => Math.ceil(value))],
  ['Relu', elementwise((value = 0) => Math.max(0, value))],
  ['Equal', elementwise((left, right) => Number(left === right), 'bool')],
  ['Less', elementwise((left = 0, right = 0) => Number(left < right), 'bool')],
  ['LessOrEqual', elementwise((left = 0, right = 0) => Number(left <= right), 'bool')],
  ['Greater', elementwise((left = 0, right = 0) => Number(left > right), 'bool')],
  ['GreaterOrEqual', elementwise((left = 0, right = 0) => Number(left >= right), 'bool')],
  ['And', elementwise((left = 0, right = 0) => left * right, 'bool')],
  ['Or', elementwise((left = 0, right = 0) => left + right, 'bool')],
  ['Not', elementwise((value = 0) => 1 - value, 'bool')],
  ['Where', foldWhere],
  ['ReduceMean', reduced((values) => values.reduce((a, b) => a + b, 0) / values.length)],
  ['ReduceSum', reduced((values) => values.reduce((a, b) => a + b, 0))],
  ['ReduceProd', reduced((values) => values.reduce((a, b) => a * b, 1))],
  ['ReduceMax', reduced((values) => values.reduce((a, b) => Math.max(a, b), -Infinity))],
  ['ReduceMin', reduced((values) => values.reduce((a, b) => Math.min(a, b), Infinity))],
]);

function inputOf(context: OperatorContext): OnnxTensor {
  return constantInput(context, 0, 'the input');
}

function inputsOf(context: OperatorContext): readonly OnnxTensor[] {
  return context.node.inputs.map((_, position) =>
    constantInput(context, position, `input ${position}`),
  );
}

function reshaped(
  shapeOf: (context: OperatorContext, dims: readonly number[]) => readonly number[],
): Fold {
  return (context) => {
    const tensor = inputOf(context);
    return { ...tensor, shape: shapeOf(context, tensor.shape) };
  };
}

/** Element by element, broadcast; the result has the type of the first input unless told. */
function elementwise(
  formula: (...values: readonly number[]) => number,
  type: OnnxTensor['elementType'] | null = null,
): Fold {
  return (context) => {
    const tensors = inputsOf(context);
    const { shape, values } = broadcastNumbers(tensors);
    const result = computed(product(shape), values, formula);
    return withValues(type ?? tensors[0]?.elementType ?? 'float32', shape, result);
  };
}

/** Constants can be as large as all weights: the usual operators of one and two inputs make no lists of arguments. */
function computed(
  size: number,
  inputs: readonly ArrayLike<number>[],
  formula: (...values: readonly number[]) => number,
): Float64Array {
  const result = new Float64Array(size);
  const [left = [], right = []] = inputs;
  if (inputs.length === 1) {
    for (let at = 0; at < size; at += 1) result[at] = formula(left[at] ?? 0);
  } else if (inputs.length === 2) {
    for (let at = 0; at < size; at += 1) result[at] = formula(left[at] ?? 0, right[at] ?? 0);
  } else {
    for (let at = 0; at < size; at += 1)
      result[at] = formula(...inputs.map((list) => list[at] ?? 0));
  }
  return result;
}

/** ONNX Mod with fmod 0: the sign of the divisor. */
function modulo(left = 0, right = 0): number {
  return left - Math.floor(left / right) * right;
}

/** ONNX Mod with fmod 1: the sign of the dividend. */
function remainder(left = 0, right = 0): number {
  return left % right;
}

function foldWhere(context: OperatorContext): OnnxTensor {
  const tensors = inputsOf(context);
  const { shape, values } = broadcastNumbers(tensors);
  const [condition = [], chosen = [], other = []] = values;
  const result = new Float64Array(condition.length);
  for (let at = 0; at < result.length; at += 1)
    result[at] = (condition[at] === 0 ? other[at] : chosen[at]) ?? 0;
  return withValues(tensors[1]?.elementType ?? 'float32', shape, result);
}

const castTypes: ReadonlyMap<number, OnnxTensor['elementType']> = new Map([
  [1, 'float32'],
  [6, 'int32'],
  [7, 'int64'],
  [9, 'bool'],
  [11, 'float64'],
]);

function foldCast(context: OperatorContext): OnnxTensor {
  const tensor = inputOf(context);
  const type =
    castTypes.get(intAttribute(context.node, 'to', 0)) ??
    refuse('it casts a constant to another type than FLOAT, DOUBLE, INT32, INT64 or BOOL');
  return withValues(type, tensor.shape, valuesOf(tensor));
}

function foldGather(context: OperatorContext): OnnxTensor {
  const tensor = inputOf(context);
  const indices = constantInput(context, 1, 'the index');
  const { shape } = tensor;
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), shape.length);
  const chosen = numbersOf(indices).map((index) => normalizeAxis(index, shape[axis] ?? 0));
  return {
    ...alongAxis(tensor, axis, chosen),
    shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)],
  };
}

/** The tensor with only the given places of one axis, in that order. */
function alongAxis(tensor: OnnxTensor, axis: number, chosen: readonly number[]): OnnxTensor {
  const shape = tensor.shape.with(axis, chosen.length);
  const inner = product(tensor.shape.slice(axis + 1));
  const length = tensor.shape[axis] ?? 1;
  const places = stridedPlaces(shape, stepsOf(shape)).map((element) => {
    const within = element % inner;
    const along = Math.floor(element / inner) % chosen.length;
    const outer = Math.floor(element / (inner * chosen.length));
    return (outer * length + (chosen[along] ?? 0)) * inner + within;
  });
  return picked(tensor, shape, places);
}

function foldConcat(context: OperatorContext): OnnxTensor {
  const tensors = inputsOf(context);
  const [first] = tensors;
  if (first === undefined) return refuse('it has no inputs');
  const rank = first.shape.length;
  const axis = normalizeAxis(intAttribute(context.node, 'axis', 0), rank);
  const outer = product(first.shape.slice(0, axis));
  const fits = tensors.every(
    ({ shape }) =>
      shape.length === rank && shape.with(axis, 0).join() === first.shape.with(axis, 0).join(),
  );
  if (!fits) refuse('it joins constants whose shapes do not fit');
  const lists = tensors.map((tensor) => valuesOf(tensor));
  const length = tensors.reduce((total, { shape }) => total + (shape[axis] ?? 0), 0);
  const shape = first.shape.with(axis, length);
  const values = new Float64Array(checkedSize(shape));
  let place = 0;
  for (let block = 0; block < outer; block += 1) {
    for (const list of lists) {
      const size = list.length / outer;
      values.set(list.subarray(block * size, (block + 1) * size), place);
      place += size;
    }
  }
  return withValues(first.elementType, shape, values);
}

function foldSlice(context: OperatorContext): OnnxTensor {
  return sliceRanges(context).reduce((tensor, range) => {
    const axis = normalizeAxis(range.axis, tensor.shape.length);
    return alongAxis(tensor, axis, placesOf(range, tensor.shape[axis] ?? 0));
  }, inputOf(context));
}

function foldTranspose(context: OperatorContext): OnnxTensor {
  const tensor = inputOf(context);
  const rank = tensor.shape.length;
  const order =
    intsAttribute(context.node, 'perm') ?? tensor.shape.map((_, axis) => rank - 1 - axis);
  const axes = order.map((axis) => normalizeAxis(axis, rank));
  if (axes.length !== rank || new Set(axes).size !== rank) refuse(`perm is [${order.join(', ')}]`);
  const shape = axes.map((axis) => tensor.shape[axis] ?? 1);
  const steps = stepsOf(tensor.shape);
  return picked(
    tensor,
    shape,
    stridedPlaces(
      shape,
      axes.map((axis) => steps[axis] ?? 0),
    ),
  );
}

function foldExpand(context: OperatorContext): OnnxTensor {
  const tensor = inputOf(context);
  const target = numbersOf(constantInput(context, 1, 'the shape'));
  checkedSize(target);
  return broadcast(tensor, broadcastShape([tensor.shape, target]));
}

function foldTile(context: OperatorContext): OnnxTensor {
  const repeats = numbersOf(constantInput(context, 1, 'the repeats'));
  return repeats.reduce((tensor, count, axis) => {
    const length = tensor.shape[axis] ?? 1;
    checkedSize([count, ...tensor.shape]);
    return alongAxis(
      tensor,
      axis,
      Array.from({ length: count * length }, (_, at) => at % length),
    );
  }, inputOf(context));
}

function foldRange(context: OperatorContext): OnnxTensor {
  const [start, limit, step] = ['start', 'limit', 'delta'].map((what, position) =>
    scalarOf(constantInput(context, position, what), what),
  );
  const count = Math.max(0, Math.ceil(((limit ?? 0) - (start ?? 0)) / (step ?? 1)));
  const size = checkedSize([count]);
  const values = new Float64Array(size);
  for (let at = 0; at < size; at += 1) values[at] = (start ?? 0) + at * (step ?? 1);
  return withValues(inputOf(context).elementType, [size], values);
}

/** Over some axes, or all of them. */
function reduced(formula: (values: Float64Array) => number): Fold {
  return (context) => {
    const tensor = inputOf(context);
    const { shape } = tensor;
    const list = optionalConstant(context, 1, 'the list of axes');
    const given = intsAttribute(context.node, 'axes') ?? (list === null ? [] : numbersOf(list));
    const all = shape.map((_, axis) => axis);
    const none = intAttribute(context.node, 'noop_with_empty_axes', 0) !== 0;
    const axes =
      given.length > 0 ? given.map((axis) => normalizeAxis(axis, shape.length)) : none ? [] : all;
    const kept = all.filter((axis) => !axes.includes(axis));
    const steps = stepsOf(shape);
    const pick = (list: readonly number[], from: readonly number[]): readonly number[] =>
      list.map((axis) => from[axis] ?? 1);
    const inner = stridedPlaces(pick(axes, shape), pick(axes, steps));
    const outer = stridedPlaces(pick(kept, shape), pick(kept, steps));
    const numbers = valuesOf(tensor);
    const values = new Float64Array(outer.length);
    const gathered = new Float64Array(inner.length);
    for (let at = 0; at < outer.length; at += 1) {
      const start = outer[at] ?? 0;
      for (let each = 0; each < inner.length; each += 1)
        gathered[each] = numbers[start + (inner[each] ?? 0)] ?? 0;
      values[at] = formula(gathered);
    }
    const keeps = intAttribute(context.node, 'keepdims', 1) !== 0;
    const shortened = all.flatMap((axis) =>
      axes.includes(axis) ? (keeps ? [1] : []) : [shape[axis] ?? 1],
    );
    return withValues(tensor.elementType, shortened, values);
  };
}
