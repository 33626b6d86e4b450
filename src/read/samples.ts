import { fail } from '../base/diagnostics.ts';
import { reorderSamples, type AxisOrder } from '../ir/axis-order.ts';
import { shapeSize, type FeatureShape } from '../ir/graph.ts';
import type { Samples, Tensor } from '../ir/tensor.ts';
import { readNpy, shapeText } from './npy.ts';

/**
 * Reads samples for a model whose input has `shape`: [N, C, H, W], [N, C*H*W], [N, H, W] where C
 * is 1, or [N, C, W] where H is. Where the model takes them in another `order`, [N, ...order.dims]
 * or flattened; they are given back channels first. Throws `UserError` for another shape (telling
 * both), for no samples, and for values that are not finite (telling the first).
 */
export async function readSamples(
  path: string,
  shape: FeatureShape,
  order?: AxisOrder,
): Promise<Samples> {
  return samplesOf(await readNpy(path), shape, path, order);
}

/** The same from a tensor; `place` is the file, for messages. */
export function samplesOf(
  tensor: Tensor,
  shape: FeatureShape,
  place: string,
  order?: AxisOrder,
): Samples {
  const sampleSize = shapeSize(shape);
  const [count = 0, ...rest] = tensor.shape;
  const { channels, height, width } = shape;
  const own = order?.dims ?? [channels, height, width];
  const wanted = [
    own,
    [sampleSize],
    ...(order === undefined && channels === 1 ? [[height, width]] : []),
    ...(order === undefined && height === 1 ? [[channels, width]] : []),
  ];
  if (tensor.shape.length < 2 || !wanted.some((lengths) => lengths.join() === rest.join())) {
    const model = `(N, ${own.join(', ')})`;
    fail(
      'samples/shape',
      `the samples have shape ${shapeText(tensor.shape)}, the model needs ${model}`,
      {
        place,
        remedy: `reshape the array to ${model} or (N, ${sampleSize})`,
      },
    );
  }
  if (count === 0) {
    fail('samples/none', 'the file has no samples', { place, remedy: 'give at least one sample' });
  }
  const data = floats(tensor);
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const sample = Math.floor(bad / sampleSize);
    fail(
      'samples/not-finite',
      `value ${bad % sampleSize} of sample ${sample} is ${data[bad] ?? NaN}, not a finite number`,
      { place, remedy: 'remove NaN and infinite values from the data' },
    );
  }
  return { count, sampleSize, data: order === undefined ? data : reorderSamples(data, order) };
}

/**
 * Reads one class number per sample, from integers of shape [N] or [N, 1]. Throws `UserError`
 * when they are not whole numbers from 0 and below `classes`, or not exactly `count`.
 */
export async function readLabels(
  path: string,
  count: number,
  classes: number,
): Promise<Uint32Array> {
  return labelsOf(await readNpy(path), count, classes, path);
}

/** The same from a tensor; `place` is the file, for messages. */
export function labelsOf(
  tensor: Tensor,
  count: number,
  classes: number,
  place: string,
): Uint32Array {
  const { shape, data } = tensor;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    fail('labels/type', 'the labels are not integers', {
      place,
      remedy: 'write them with labels.astype("int64")',
    });
  }
  if (!(shape.length === 1 || (shape.length === 2 && shape[1] === 1))) {
    fail('labels/shape', `the labels have shape ${shapeText(shape)}, not (N,)`, {
      place,
      remedy: 'give one class number per sample',
    });
  }
  if (data.length !== count) {
    fail('labels/count', `there are ${data.length} labels for ${count} samples`, {
      place,
      remedy: 'give the labels that belong to the inputs, one per sample',
    });
  }
  return Uint32Array.from(Array.from(data, Number), (value, index) => {
    if (value >= 0 && value < classes) return value;
    return fail(
      'labels/range',
      `label ${index} is ${value}, the classes of the first output are 0 to ${classes - 1}`,
      { place, remedy: 'give class numbers counted from 0, in the order of the answers' },
    );
  });
}

/** As float32; a double too large for it becomes infinite and is refused with the others. */
function floats({ data }: Tensor): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data, Number);
}
