import { intAttribute } from '../attributes.ts';
import { featureInput, normalizeAxis, refuse, type OperatorRule } from '../operator-rule.ts';
import type { FeatureValue, Value } from '../value.ts';
import { isInDataOrder, piecesOf, samePieces, type View } from '../view.ts';
import { formatDims } from './features.ts';

/** Before operator set 13 Softmax worked on everything from axis 1 on. */
const softmaxAxis = (opset: number): number => (opset < 13 ? 1 : -1);

/**
 * An operator over the classes that the host computes (ONNX Softmax, LogSoftmax, Hardmax, ArgMax): none
 * of them changes which class is the largest.
 */
export function classOperator(
  operator: 'Softmax' | 'LogSoftmax' | 'Hardmax' | 'ArgMax',
): OperatorRule {
  return {
    attributes: {
      axis: 'that of the channels',
      ...(operator === 'ArgMax' ? { keepdims: '0 or 1', select_last_index: 'any' } : {}),
    },
    accepted: `${operator} over the classes, after the last layer`,
    translate: (context) => {
      const feature = featureInput(context, 0);
      const { view } = feature;
      const assumed = operator === 'ArgMax' ? 0 : softmaxAxis(context.opset);
      const given = intAttribute(context.node, 'axis', assumed);
      const axis = normalizeAxis(given, view.dims.length);
      const flattens = operator !== 'ArgMax' && context.opset < 13;
      const classes = piecesOf(view, 'channel');
      const own = flattens ? view.axes.slice(axis).flat() : (view.axes[axis] ?? []);
      const isWhole = isInDataOrder(view) && own.length === view.pieces.length - batchPieces(view);
      if (own.length === 0 || !(isWhole || samePieces(own, classes))) {
        refuse(`it works along axis ${axis} of ${formatDims(view.dims)}`);
      }
      return hostValue(feature, operator === 'ArgMax' ? null : view.dims);
    },
  };
}

/** A function of each single value that the host computes (ONNX Sigmoid, Tanh, ...). */
export function lastFunction(operator: string): OperatorRule {
  return {
    attributes: operator === 'HardSigmoid' ? { alpha: 'any', beta: 'any' } : {},
    accepted: `${operator} after the last layer, left to the host`,
    translate: (context) => {
      const feature = featureInput(context, 0);
      return hostValue(feature, feature.view.dims);
    },
  };
}

function batchPieces(view: View): number {
  return piecesOf(view, 'batch').length;
}

function hostValue({ source }: FeatureValue, dims: readonly number[] | null): Value {
  return { kind: 'host', source, dims };
}
