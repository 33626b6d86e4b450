import type { OnnxTensor } from '../../ir/onnx.ts';
import { product, refuse, valuesOf } from '../operator-rule.ts';
import type { NumberArray } from '../operator-rule.ts';

/** Largest constant that is computed: a small file can claim any size. */
const largestConstant = 2 ** 26;

export function constantTensor(
  shape: readonly number[],
  data: OnnxTensor['data'],
  elementType: OnnxTensor['elementType'],
): OnnxTensor {
  return { name: '', elementType, shape, data };
}

export function checkedSize(shape: readonly number[]): number {
  const size = product(shape);
  if (shape.some((length) => length < 0 || !Number.isInteger(length)) || size > largestConstant) {
    refuse(`a constant of shape [${shape.join(', ')}] is not possible`);
  }
  return size;
}

/** The values of `tensor` at `places`, in a new shape. */
export function picked(
  tensor: OnnxTensor,
  shape: readonly number[],
  places: Uint32Array,
): OnnxTensor {
  const { data } = tensor;
  const { length } = places;
  if (data instanceof BigInt64Array) {
    const chosen = new BigInt64Array(length);
    for (let at = 0; at < length; at += 1) chosen[at] = data[places[at] ?? 0] ?? 0n;
    return { ...tensor, shape, data: chosen };
  }
  const chosen = emptyLike(data, length);
  for (let at = 0; at < length; at += 1) chosen[at] = data[places[at] ?? 0] ?? 0;
  return { ...tensor, shape, data: chosen };
}

function emptyLike(data: NumberArray, length: number): NumberArray {
  if (data instanceof Float64Array) return new Float64Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  if (data instanceof Uint8Array) return new Uint8Array(length);
  return new Float32Array(length);
}

/**
 * For every element of `shape`, in C order, the sum of `steps` times its coordinates plus
 * `offset`: places in another tensor.
 */
export function stridedPlaces(
  shape: readonly number[],
  steps: readonly number[],
  offset = 0,
): Uint32Array {
  const places = new Uint32Array(checkedSize(shape));
  const counter = shape.map(() => 0);
  const row = shape.at(-1) ?? 1;
  const within = steps.at(-1) ?? 0;
  for (let element = 0, place = offset; element < places.length; element += row) {
    for (let at = 0; at < row; at += 1) places[element + at] = place + at * within;
    for (let axis = shape.length - 2; axis >= 0; axis -= 1) {
      const step = steps[axis] ?? 0;
      const next = (counter[axis] ?? 0) + 1;
      place += step;
      counter[axis] = next;
      if (next < (shape[axis] ?? 1)) break;
      place -= step * next;
      counter[axis] = 0;
    }
  }
  return places;
}

/** Distance of neighbours along each axis, in C order. */
export function stepsOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

/** The shape that all broadcast to (numpy rules). */
export function broadcastShape(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = new Set(shapes.map((shape) => shape[axis - rank + shape.length] ?? 1));
    lengths.delete(1);
    const [length = 1] = lengths;
    if (lengths.size > 1) {
      refuse(
        `it combines constants of the shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(', ')}`,
      );
    }
    return length;
  });
}

/** The tensor repeated along axes of length 1 until it has `shape`. */
export function broadcast(tensor: OnnxTensor, shape: readonly number[]): OnnxTensor {
  if (tensor.shape.join() === shape.join()) return tensor;
  if (tensor.data.length === 1) return repeated(tensor, shape);
  const own = stepsOf(tensor.shape);
  const missing = shape.length - tensor.shape.length;
  const steps = shape.map((_, axis) =>
    (tensor.shape[axis - missing] ?? 1) === 1 ? 0 : (own[axis - missing] ?? 0),
  );
  return picked(tensor, shape, stridedPlaces(shape, steps));
}

/** Its only value everywhere: there is no need to look up where each comes from. */
function repeated(tensor: OnnxTensor, shape: readonly number[]): OnnxTensor {
  const { data } = tensor;
  const length = checkedSize(shape);
  return data instanceof BigInt64Array
    ? { ...tensor, shape, data: new BigInt64Array(length).fill(data[0] ?? 0n) }
    : { ...tensor, shape, data: emptyLike(data, length).fill(data[0] ?? 0) };
}

/** The tensor with other values; integers are truncated as ONNX does. */
export function withValues(
  elementType: OnnxTensor['elementType'],
  shape: readonly number[],
  values: ArrayLike<number>,
): OnnxTensor {
  switch (elementType) {
    case 'float32':
      return constantTensor(shape, new Float32Array(values), elementType);
    case 'float64':
      return constantTensor(shape, new Float64Array(values), elementType);
    case 'int64': {
      const data = new BigInt64Array(values.length);
      for (let at = 0; at < data.length; at += 1) data[at] = integerOf(values[at] ?? 0);
      return constantTensor(shape, data, elementType);
    }
    case 'bool': {
      const data = new Uint8Array(values.length);
      for (let at = 0; at < data.length; at += 1) data[at] = (values[at] ?? 0) === 0 ? 0 : 1;
      return constantTensor(shape, data, elementType);
    }
    default:
      // an assignment to these drops what is behind the point
      return constantTensor(shape, new Int32Array(values), elementType);
  }
}

/** The number truncated to an integer, as ONNX does. */
function integerOf(value: number): bigint {
  return Number.isFinite(value)
    ? BigInt(Math.trunc(value))
    : refuse(`its result is ${value}, not an integer`);
}

/** Numbers of tensors that are broadcast to one shape. */
export function broadcastNumbers(tensors: readonly OnnxTensor[]): {
  readonly shape: readonly number[];
  readonly values: readonly ArrayLike<number>[];
} {
  const shape = broadcastShape(tensors.map((tensor) => tensor.shape));
  return { shape, values: tensors.map((tensor) => valuesOf(broadcast(tensor, shape))) };
}
