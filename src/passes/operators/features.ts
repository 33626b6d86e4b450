import { shapeSize, type FeatureShape } from '../../ir/graph.ts';
import { noPadding, unitSize, type Operation, type WindowOperation } from '../operation.ts';
import { InputLayoutRequest, refuse, type OperatorContext } from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import {
  dataOrder,
  isInDataOrder,
  mapView,
  piecesOf,
  reshapeView,
  samePieceSet,
  samePieces,
  transposeView,
  type View,
} from '../view.ts';

/** Most values a feature map may have: beyond it a file is damaged or not for this tool. */
const largestMap = 2 ** 24;

/** Most values that are brought into another order, or gathered into a vector, by a window. */
const largestReordering = 2048;

/** `64x5x5` */
export function formatShape(shape: FeatureShape): string {
  return `${shape.channels}x${shape.height}x${shape.width}`;
}

export function formatDims(dims: readonly number[]): string {
  return `[${dims.join(', ')}]`;
}

/** Refuses maps that no real network has. */
export function checkMapSize(shape: FeatureShape): FeatureShape {
  const size = shapeSize(shape);
  if (size >= 1 && size <= largestMap) return shape;
  return refuse(`its result of ${formatShape(shape)} is not a possible feature map`);
}

/** ONNX shape and order of a map: [batch, channels, height, width], or without the height. */
function standardView(batch: number, shape: FeatureShape, spatialAxes: 1 | 2): View {
  const view = mapView(batch, shape);
  if (spatialAxes === 2) return view;
  const pick = <Part>(parts: readonly Part[]): readonly Part[] => parts.toSpliced(2, 1);
  return { ...view, dims: pick(view.dims), axes: pick(view.axes) };
}

/**
 * The feature as a map whose data have the order of its ONNX value [batch, channels, height,
 * width] (1-D: [batch, channels, width], a map of one row). The graph input is laid out to fit;
 * channels in another order (a channel shuffle) are moved by a window of ones.
 */
export function asMap(context: OperatorContext, feature: FeatureValue): FeatureValue {
  const { view } = feature;
  const [batch, channels, ...sites] = view.dims;
  if (batch === undefined || channels === undefined || sites.length < 1 || sites.length > 2) {
    return refuse(
      `its input has shape ${formatDims(view.dims)}, not [batch, channels, height, width] or [batch, channels, length]`,
    );
  }
  const [height = 1, width = 1] = sites.length === 1 ? [1, ...sites] : sites;
  const shape = { channels, height, width };
  const [batchAxis = [], channelAxis = [], ...siteAxes] = view.axes;
  const [rowAxis = [], columnAxis = []] = siteAxes.length === 1 ? [[], ...siteAxes] : siteAxes;
  if (!samePieces(batchAxis, piecesOf(view, 'batch'))) {
    return refuse(`its input of shape ${formatDims(view.dims)} does not begin with the batch axis`);
  }
  if (
    samePieces(rowAxis, piecesOf(view, 'row')) &&
    samePieces(columnAxis, piecesOf(view, 'column')) &&
    samePieceSet(channelAxis, piecesOf(view, 'channel'))
  ) {
    if (isInDataOrder(view)) return feature;
    return reorderChannels(context, feature, channelAxis);
  }
  if (feature.isFree) throw new InputLayoutRequest(view, shape);
  return refuse(
    `its input of shape ${formatDims(view.dims)} shows a map of ${formatShape(feature.shape)} in another order`,
    'Reshape and Transpose that only add or remove axes of length 1, permute channels, flatten, or cancel each other',
  );
}

/**
 * Asks for the graph input to be laid out with its channels on `channelAxis` and its sites on the
 * other axes, where that is still free and its axes can be that.
 */
export function requestChannels({ view, isFree }: FeatureValue, channelAxis: number): void {
  const sites = view.dims
    .map((_, axis) => axis)
    .filter((axis) => axis !== 0 && axis !== channelAxis);
  const startsWithBatch = samePieces(view.axes[0] ?? [], piecesOf(view, 'batch'));
  if (!isFree || !startsWithBatch || channelAxis === 0 || sites.length < 1 || sites.length > 2)
    return;
  const seen = transposeView(view, [0, channelAxis, ...sites]);
  const [, channels = 1, ...lengths] = seen.dims;
  const [height = 1, width = 1] = lengths.length === 1 ? [1, ...lengths] : lengths;
  throw new InputLayoutRequest(seen, { channels, height, width });
}

/** Spatial axes of the ONNX value of a map. */
export function spatialAxes(map: FeatureValue): 1 | 2 {
  return map.view.dims.length === 3 ? 1 : 2;
}

/** Appends an operation whose result is a map seen with as many spatial axes as told. */
export function emitMap(
  context: OperatorContext,
  operation: Parameters<OperatorContext['emit']>[0],
  axes: 1 | 2,
): FeatureValue {
  const shape = checkMapSize(operation.outputShape);
  return context.emit(operation, standardView(context.batch, shape, axes));
}

/** Appends an operation that changes every element by itself: the view stays. */
export function emitElementwise(
  context: OperatorContext,
  feature: FeatureValue,
  operation: ElementwiseFields,
): FeatureValue {
  return context.emit(
    { ...operation, ...singleInput(context, feature), outputShape: feature.shape },
    feature.view,
    {
      isFree: feature.isFree,
    },
  );
}

type ElementwiseFields =
  | Pick<Extract<Operation, { kind: 'affine' }>, 'kind' | 'scale' | 'shift'>
  | Pick<Extract<Operation, { kind: 'activation' }>, 'kind' | 'activation'>
  | Pick<Extract<Operation, { kind: 'format' }>, 'kind' | 'format'>;

/** What every operation says about the one thing it reads. */
export function singleInput(
  context: OperatorContext,
  feature: FeatureValue,
): {
  readonly origin: readonly string[];
  readonly inputs: readonly string[];
  readonly inputShape: FeatureShape;
} {
  return { origin: [context.node.name], inputs: [feature.source], inputShape: feature.shape };
}

type WindowFields = Pick<
  WindowOperation,
  'kind' | 'operator' | 'groups' | 'weights' | 'bias' | 'kernel' | 'dilation' | 'stride' | 'padding'
>;

/** Of a layer that only moves channels: it is written out densely, and packed. */
const mostWeights = 2 ** 25;

/** Fields of a convolution of 1x1 that moves channels: output o is input `sources[o]`, or 0 for -1. */
export function channelWindow(inputs: number, sources: readonly number[]): WindowFields {
  if (sources.length * inputs > mostWeights) {
    refuse(
      `it takes ${sources.length} of ${inputs} channels`,
      `up to ${mostWeights} weights where channels are taken apart`,
    );
  }
  const weights = new Float32Array(sources.length * inputs);
  sources.forEach((source, output) => {
    if (source >= 0) weights[output * inputs + source] = 1;
  });
  return {
    kind: 'window',
    operator: 'conv',
    groups: 1,
    weights,
    bias: new Float64Array(sources.length),
    kernel: unitSize,
    dilation: unitSize,
    stride: unitSize,
    padding: noPadding,
  };
}

/** The channels in the order in which the ONNX axis shows them. */
function reorderChannels(
  context: OperatorContext,
  feature: FeatureValue,
  channelAxis: readonly number[],
): FeatureValue {
  const { shape, view } = feature;
  const channelView = {
    dims: [shape.channels],
    pieces: view.pieces.filter(({ axis }) => axis === 'channel'),
  };
  const first = piecesOf(view, 'channel')[0] ?? 0;
  const order = dataOrder({ ...channelView, axes: [channelAxis.map((piece) => piece - first)] });
  const fields = channelWindow(shape.channels, [...order]);
  return emitMap(
    context,
    { ...fields, ...singleInput(context, feature), outputShape: shape },
    spatialAxes(feature),
  );
}

/**
 * A map that is read as a vector in the order of the view, as a vector: one site of as many
 * channels as the map has values.
 */
export function asVector(context: OperatorContext, feature: FeatureValue): FeatureValue {
  const { shape, view } = feature;
  const size = shapeSize(shape);
  if (shape.height === 1 && shape.width === 1 && isInDataOrder(view)) return feature;
  if (size > largestReordering) {
    return refuse(
      `it needs the ${size} values of a map of ${formatShape(shape)} as one vector`,
      `maps of at most ${largestReordering} values, or maps of one size that are flattened channels first`,
    );
  }
  const weights = new Float32Array(size * size);
  dataOrder(view).forEach((place, element) => (weights[element * size + place] = 1));
  const outputShape = { channels: size, height: 1, width: 1 };
  const flat = present(reshapeView(mapView(context.batch, outputShape), view.dims));
  return context.emit(
    {
      ...channelWindow(1, new Array<number>(size).fill(-1)),
      ...singleInput(context, feature),
      operator: 'linear',
      weights,
      kernel: { height: shape.height, width: shape.width },
      outputShape,
    },
    flat,
  );
}

function present(view: View | null): View {
  return view ?? refuse('its input mixes the batch axis with others');
}
