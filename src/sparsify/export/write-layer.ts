import { unreachable } from '../../base/invariant.ts';
import type {
  Activation,
  FeatureShape,
  KWinners,
  Layer,
  MaxPoolLayer,
  Padding,
  Size2d,
  WindowLayer,
} from '../../ir/graph.ts';
import type { NodeWriter } from './onnx-nodes.ts';

/**
 * A value while it is written: a map has the axes [N, C, H, W], a vector [N, C]; a map of one site
 * is a vector.
 */
export interface WrittenValue {
  readonly name: string;
  readonly shape: FeatureShape;
}

export function isVector({ height, width }: FeatureShape): boolean {
  return height === 1 && width === 1;
}

/** The nodes of a layer: what it computes, its activation and its k-WTA. */
export function writeLayer(
  writer: NodeWriter,
  layer: Layer,
  inputs: readonly WrittenValue[],
): WrittenValue {
  const computed = writeOperation(writer, layer, inputs);
  const active = writeActivation(writer, layer.name, computed, layer.activation);
  return layer.kWinners === null
    ? active
    : writeWinners(writer, layer.name, active, layer.kWinners);
}

function writeOperation(
  writer: NodeWriter,
  layer: Layer,
  inputs: readonly WrittenValue[],
): WrittenValue {
  const shape = layer.outputShape;
  const names = inputs.map(({ name }) => name);
  switch (layer.kind) {
    case 'window':
      return writeWindow(writer, layer, inputs);
    case 'max-pool': {
      const map = asMap(writer, layer.name, inputs[0] ?? { name: '', shape: layer.inputShape });
      const pooled = writeMaxPool(writer, layer, map.name, layer.padding);
      return fromMap(writer, layer.name, pooled, shape);
    }
    case 'add': {
      const [left, right] = layer.signs;
      const ordered = left < right ? names.toReversed() : names;
      const operator = left === right ? 'Add' : 'Sub';
      const sum = writer.node({ operator, name: layer.name, inputs: ordered });
      const isTurned = left === -1 && right === -1;
      const name = isTurned
        ? writer.node({ operator: 'Neg', name: `${layer.name}/sign`, inputs: [sum] })
        : sum;
      return { name, shape };
    }
    case 'concat': {
      const attributes = { axis: { int: 1 } };
      const name = writer.node({ operator: 'Concat', name: layer.name, inputs: names, attributes });
      return { name, shape };
    }
    case 'winners':
      return inputs[0] ?? { name: '', shape };
    default:
      return unreachable(layer);
  }
}

/** Padding and pooling are written as they are; the bias is added before pooling, to the same effect. */
function writeWindow(
  writer: NodeWriter,
  layer: WindowLayer,
  [input]: readonly WrittenValue[],
): WrittenValue {
  const source = input ?? { name: '', shape: layer.inputShape };
  const bias = writer.floats(`${layer.name}/bias`, [layer.bias.length], layer.bias);
  if (coversInput(layer)) {
    const size = layer.weights.length / layer.windowShape.channels;
    const shape = [layer.windowShape.channels, size];
    const weights = writer.floats(`${layer.name}/weight`, shape, layer.weights);
    const name = writer.node({
      operator: 'Gemm',
      name: layer.name,
      inputs: [asVector(writer, layer.name, source).name, weights, bias],
      attributes: { transB: { int: 1 } },
    });
    return { name, shape: layer.outputShape };
  }
  const { windowShape, inputShape, kernel, groups, pooling } = layer;
  const shape = [windowShape.channels, inputShape.channels / groups, kernel.height, kernel.width];
  const weights = writer.floats(`${layer.name}/weight`, shape, layer.weights);
  const map = asMap(writer, layer.name, source).name;
  const sums = writer.node({
    operator: 'Conv',
    name: layer.name,
    inputs: [map, weights, bias],
    attributes: {
      kernel_shape: { ints: pair(kernel) },
      strides: { ints: pair(layer.stride) },
      dilations: { ints: pair(layer.dilation) },
      pads: { ints: padList(layer.padding) },
      group: { int: groups },
    },
  });
  const pooled =
    pooling === null
      ? sums
      : writeMaxPool(writer, { ...pooling, name: layer.name }, sums, noPadding);
  return fromMap(writer, layer.name, pooled, layer.outputShape);
}

const noPadding: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

/** A fully connected layer, or a convolution that is one. */
function coversInput({
  kernel,
  inputShape,
  padding,
  dilation,
  groups,
  pooling,
}: WindowLayer): boolean {
  return (
    groups === 1 &&
    pooling === null &&
    kernel.height === inputShape.height &&
    kernel.width === inputShape.width &&
    dilation.height === 1 &&
    dilation.width === 1 &&
    padList(padding).every((pad) => pad === 0)
  );
}

function writeMaxPool(
  writer: NodeWriter,
  pool: Pick<MaxPoolLayer, 'name' | 'kernel' | 'stride'>,
  input: string,
  padding: Padding,
): string {
  return writer.node({
    operator: 'MaxPool',
    name: `${pool.name}/pool`,
    inputs: [input],
    attributes: {
      kernel_shape: { ints: pair(pool.kernel) },
      strides: { ints: pair(pool.stride) },
      pads: { ints: padList(padding) },
    },
  });
}

function writeActivation(
  writer: NodeWriter,
  layer: string,
  { name, shape }: WrittenValue,
  activation: Activation,
): WrittenValue {
  const node = (operator: string, inputs: readonly string[], slope?: number): WrittenValue => {
    const attributes = slope === undefined ? {} : { alpha: { float: slope } };
    const written = { operator, name: `${layer}/activation`, inputs, attributes };
    return { name: writer.node(written), shape };
  };
  switch (activation.kind) {
    case 'identity':
      return { name, shape };
    case 'leaky-relu':
      return node('LeakyRelu', [name], activation.slope);
    case 'clip': {
      const { lower, upper } = activation;
      if (lower === 0 && upper === null) return node('Relu', [name]);
      const bound = (which: string, value: number | null): string =>
        value === null ? '' : writer.floats(`${layer}/${which}`, [], Float32Array.of(value));
      return node('Clip', [name, bound('lower', lower), bound('upper', upper)]);
    }
    default:
      return unreachable(activation);
  }
}

/**
 * k-WTA as PyTorch exports it: TopK, the k-th value of it, and what reaches that times one
 * (docs/operators.md). In float it keeps ties.
 */
function writeWinners(
  writer: NodeWriter,
  layer: string,
  value: WrittenValue,
  { k, scope, groups }: KWinners,
): WrittenValue {
  const { channels, height, width } = value.shape;
  const sites = isVector(value.shape) ? [] : [height, width];
  const wholeMap = scope === 'layer' && sites.length > 0;
  const isGrouped = groups > 1;
  const chosenAxes = wholeMap
    ? [0, channels * height * width]
    : isGrouped
      ? [0, groups, channels / groups, ...sites]
      : null;
  const axis = isGrouped ? 2 : 1;
  const reshaped = (name: string, input: string, dims: readonly number[]): string =>
    writer.node({
      operator: 'Reshape',
      name: `${layer}/${name}`,
      inputs: [input, writer.integers(`${layer}/${name}-shape`, dims)],
    });
  const input = chosenAxes === null ? value.name : reshaped('vectors', value.name, chosenAxes);
  const largest = writer.node({
    operator: 'TopK',
    name: `${layer}/winners`,
    inputs: [input, writer.integers(`${layer}/k`, [k])],
    unread: [`${layer}/winner-places`],
    attributes: { axis: { int: axis }, largest: { int: 1 }, sorted: { int: 1 } },
  });
  const integer = (name: string, number: number): string =>
    writer.integers(`${layer}/${name}`, [number]);
  const threshold = writer.node({
    operator: 'Slice',
    name: `${layer}/kth`,
    inputs: [
      largest,
      integer('kth-start', k - 1),
      integer('kth-end', k),
      integer('kth-axis', axis),
    ],
  });
  const reaches = writer.node({
    operator: 'GreaterOrEqual',
    name: `${layer}/reaches`,
    inputs: [input, threshold],
  });
  const mask = writer.node({
    operator: 'Cast',
    name: `${layer}/mask`,
    inputs: [reaches],
    attributes: { to: { int: 1 } },
  });
  const kept = writer.node({
    operator: 'Mul',
    name: `${layer}/kept`,
    inputs: [input, mask],
  });
  const own = [0, channels, ...sites];
  return { ...value, name: chosenAxes === null ? kept : reshaped('map', kept, own) };
}

function asVector(writer: NodeWriter, layer: string, value: WrittenValue): WrittenValue {
  if (isVector(value.shape)) return value;
  const attributes = { axis: { int: 1 } };
  const node = { operator: 'Flatten', name: `${layer}/flatten`, inputs: [value.name], attributes };
  return { ...value, name: writer.node(node) };
}

function asMap(writer: NodeWriter, layer: string, value: WrittenValue): WrittenValue {
  if (!isVector(value.shape)) return value;
  const dims = writer.integers(`${layer}/map-shape`, [0, value.shape.channels, 1, 1]);
  const node = { operator: 'Reshape', name: `${layer}/as-map`, inputs: [value.name, dims] };
  return { ...value, name: writer.node(node) };
}

function fromMap(
  writer: NodeWriter,
  layer: string,
  name: string,
  shape: FeatureShape,
): WrittenValue {
  if (!isVector(shape)) return { name, shape };
  const attributes = { axis: { int: 1 } };
  const node = { operator: 'Flatten', name: `${layer}/vector`, inputs: [name], attributes };
  return { name: writer.node(node), shape };
}

function pair({ height, width }: Size2d): readonly number[] {
  return [height, width];
}

function padList({ top, left, bottom, right }: Padding): readonly number[] {
  return [top, left, bottom, right];
}
