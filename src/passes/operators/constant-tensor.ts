import type { OnnxTensor } from '../../ir/onnx.ts';
import { numbersOf, product, refuse } from '../operator-rule.ts';

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
  const at = (place: number): number => Number(data[place] ?? 0);
  if (data instanceof BigInt64Array) {
    return { ...tensor, shape, data: BigInt64Array.from(places, (place) => data[place] ?? 0n) };
  }
  if (data instanceof Float64Array)
    return { ...tensor, shape, data: Float64Array.from(places, at) };
  if (data instanceof Int32Array) return { ...tensor, shape, data: Int32Array.from(places, at) };
  if (data instanceof Uint8Array) return { ...tensor, shape, data: Uint8Array.from(places, at) };
  return { ...tensor, shape, data: Float32Array.from(places, at) };
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
  for (let element = 0, place = offset; element < places.length; element += 1) {
    places[element] = place;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
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
  const own = stepsOf(tensor.shape);
  const missing = shape.length - tensor.shape.length;
  const steps = shape.map((_, axis) =>
    (tensor.shape[axis - missing] ?? 1) === 1 ? 0 : (own[axis - missing] ?? 0),
  );
  return picked(tensor, shape, stridedPlaces(shape, steps));
}

/** The tensor with other values; integers are truncated as ONNX does. */
export function withValues(
  elementType: OnnxTensor['elementType'],
  shape: readonly number[],
  values: ArrayLike<number>,
): OnnxTensor {
  switch (elementType) {
    case 'float32':
      return constantTensor(shape, Float32Array.from(values), elementType);
    case 'float64':
      return constantTensor(shape, Float64Array.from(values), elementType);
    case 'int64':
      return constantTensor(shape, BigInt64Array.from(Array.from(values, integerOf)), elementType);
    case 'bool':
      return constantTensor(
        shape,
        Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
        elementType,
      );
    default:
      return constantTensor(shape, Int32Array.from(values, Math.trunc), elementType);
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
  readonly values: readonly (readonly number[])[];
} {
  const shape = broadcastShape(tensors.map((tensor) => tensor.shape));
  return { shape, values: tensors.map((tensor) => numbersOf(broadcast(tensor, shape))) };
}
