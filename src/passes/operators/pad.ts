import { intsAttribute, stringAttribute, floatAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  normalizeAxis,
  numbersOf,
  optionalConstant,
  refuse,
  scalarOf,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import { asMap, channelWindow, emitMap, formatDims, singleInput, spatialAxes } from './features.ts';

/** Zeros around a map, or more channels of zeros (ONNX Pad). */
export const pad: OperatorRule = {
  attributes: {
    mode: 'constant',
    pads: 'operator set 10 and older; later an input; from 0, and 0 for the batch',
    value: '0',
  },
  accepted:
    'Pad with zeros: of the sites, in front of Conv, AveragePool or (for values that are never negative) MaxPool; or of the channels',
  translate: (context) => {
    const { node } = context;
    const mode = stringAttribute(node, 'mode', 'constant');
    if (mode !== 'constant') refuse(`mode is "${mode}"`, 'mode constant');
    const tensor = optionalConstant(context, 2, 'the value');
    const value =
      tensor === null ? floatAttribute(node, 'value', 0) : scalarOf(tensor, 'the value');
    if (value !== 0) refuse(`it pads with ${value}`, 'zeros');
    const feature = featureInput(context, 0);
    const rank = feature.view.dims.length;
    const { begins, ends } = padsOf(context, rank);
    const all = [...begins, ...ends];
    if (all.some((count) => count < 0)) {
      refuse(`its pads are ${formatDims(all)}`, 'pads of 0 or more');
    }
    if (all.some((count) => count > mostZeros)) {
      refuse(`its pads are ${formatDims(all)}`, `pads of up to ${mostZeros}`);
    }
    if (all.every((count) => count === 0)) return feature;
    if (begins[0] !== 0 || ends[0] !== 0) refuse('it pads the batch axis');
    if (rank === 2) return padChannels(context, begins[1] ?? 0, ends[1] ?? 0);
    const map =
      (begins[1] ?? 0) + (ends[1] ?? 0) > 0
        ? padChannels(context, begins[1] ?? 0, ends[1] ?? 0)
        : asMap(context, feature);
    const axes = spatialAxes(map);
    const [top = 0, left = 0] = axes === 2 ? begins.slice(2) : [0, begins[2] ?? 0];
    const [bottom = 0, right = 0] = axes === 2 ? ends.slice(2) : [0, ends[2] ?? 0];
    if (top + left + bottom + right === 0) return map;
    const { channels, height, width } = map.shape;
    const outputShape = { channels, height: height + top + bottom, width: width + left + right };
    return emitMap(
      context,
      {
        kind: 'pad',
        ...singleInput(context, map),
        outputShape,
        padding: { top, left, bottom, right },
      },
      axes,
    );
  },
};

/** On one side: more than any network has, few enough to write out as channels. */
const mostZeros = 4096;

/** Zeros in front of and behind each axis. */
function padsOf(
  context: OperatorContext,
  rank: number,
): { readonly begins: readonly number[]; readonly ends: readonly number[] } {
  const given =
    intsAttribute(context.node, 'pads') ?? numbersOf(constantInput(context, 1, 'the list of pads'));
  const list = optionalConstant(context, 3, 'the list of axes');
  const axes =
    list === null
      ? Array.from({ length: rank }, (_, axis) => axis)
      : numbersOf(list).map((axis) => normalizeAxis(axis, rank));
  if (given.length !== 2 * axes.length) {
    refuse(`it has ${given.length} pads for ${axes.length} axes`);
  }
  const begins = new Array<number>(rank).fill(0);
  const ends = new Array<number>(rank).fill(0);
  axes.forEach((axis, index) => {
    begins[axis] = given[index] ?? 0;
    ends[axis] = given[axes.length + index] ?? 0;
  });
  return { begins, ends };
}

/** More channels, which are 0. */
function padChannels(
  context: OperatorContext,
  before: number,
  behind: number,
): ReturnType<typeof asMap> {
  const feature = featureInput(context, 0);
  const isVector = feature.view.dims.length === 2;
  const map = isVector ? feature : asMap(context, feature);
  const { channels, height, width } = map.shape;
  if (isVector && (height > 1 || width > 1)) {
    refuse('it pads a flattened map', 'Pad of a map, or of the result of a fully connected layer');
  }
  const sources = Array.from({ length: before + channels + behind }, (_, output) => {
    const source = output - before;
    return source >= 0 && source < channels ? source : -1;
  });
  const operation = {
    ...channelWindow(channels, sources),
    ...singleInput(context, map),
    outputShape: { channels: sources.length, height, width },
  };
  const result = emitMap(context, operation, isVector ? 2 : spatialAxes(map));
  if (!isVector) return result;
  const { view } = result;
  return { ...result, view: { ...view, dims: view.dims.slice(0, 2), axes: view.axes.slice(0, 2) } };
}
