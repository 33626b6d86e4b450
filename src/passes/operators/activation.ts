import type { Activation } from '../../ir/graph.ts';
import { reluActivation } from '../../ir/graph.ts';
import { floatAttribute } from '../attributes.ts';
import {
  constantInput,
  featureInput,
  optionalConstant,
  refuse,
  scalarOf,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { emitElementwise } from './features.ts';
import { floatsOf } from './tensor-floats.ts';

/** max(x, 0) (ONNX Relu). */
export const relu: OperatorRule = {
  attributes: {},
  accepted: 'Relu of a feature map or vector',
  translate: (context) =>
    emitElementwise(context, featureInput(context, 0), {
      kind: 'activation',
      activation: reluActivation,
    }),
};

/** min(max, max(min, x)) (ONNX Clip; bounds are attributes before operator set 11). */
export const clip: OperatorRule = {
  attributes: { min: 'operator set 10 and older; later an input', max: 'as min' },
  accepted: 'Clip with constant bounds, each may be missing (ReLU6, HardTanh)',
  translate: (context) => {
    const [lower, upper] = ['min', 'max'].map((name, index) => boundOf(context, name, index + 1));
    return clipFeature(context, featureInput(context, 0), lower ?? null, upper ?? null);
  },
};

/** min(x, ...) or max(x, ...) with constants of one value (ONNX Min and Max). */
export function extremum(operator: 'Min' | 'Max'): OperatorRule {
  return {
    attributes: {},
    accepted: `${operator} of a feature map or vector and a constant of one value`,
    translate: (context) => {
      const { inputs } = context.node;
      const positions = inputs.map((_, position) => position);
      const isConstant = (position: number): boolean => context.input(position).kind === 'constant';
      const [feature, ...more] = positions.filter((position) => !isConstant(position));
      if (feature === undefined || more.length > 0) {
        return refuse('it compares two values that the network computes');
      }
      const bounds = positions
        .filter(isConstant)
        .map((position) => scalarOf(constantInput(context, position, 'the bound'), 'the bound'));
      const bound = operator === 'Min' ? Math.min(...bounds) : Math.max(...bounds);
      const value = featureInput(context, feature);
      return operator === 'Min'
        ? clipFeature(context, value, null, bound)
        : clipFeature(context, value, bound, null);
    },
  };
}

function boundOf(context: OperatorContext, name: string, position: number): number | null {
  const lowest = floatAttribute(context.node, name, NaN);
  if (!Number.isNaN(lowest)) return finite(lowest);
  const tensor = optionalConstant(context, position, `the bound ${name}`);
  return tensor === null ? null : finite(scalarOf(tensor, `the bound ${name}`));
}

/** Bounds that no float reaches do not bind: exporters write +-3.4e38 for "none". */
function finite(bound: number): number | null {
  return Math.abs(bound) >= 3.4e38 ? null : bound;
}

/** Clips; where 0 lies outside of the bounds, of the values less the bound next to it. */
function clipFeature(
  context: OperatorContext,
  feature: FeatureValue,
  lower: number | null,
  upper: number | null,
): FeatureValue {
  if (lower === null && upper === null) return feature;
  if (lower !== null && upper !== null && lower > upper) {
    refuse(`its bounds are ${lower} and ${upper}`, 'min not above max');
  }
  const offset = lower !== null && lower > 0 ? lower : upper !== null && upper < 0 ? upper : 0;
  const shifted = (bound: number | null): number | null => (bound === null ? null : bound - offset);
  const activation: Activation = { kind: 'clip', lower: shifted(lower), upper: shifted(upper) };
  const clipped = emitElementwise(context, shift(context, feature, -offset), {
    kind: 'activation',
    activation,
  });
  return shift(context, clipped, offset);
}

function shift(context: OperatorContext, feature: FeatureValue, by: number): FeatureValue {
  if (by === 0) return feature;
  const { channels } = feature.shape;
  return emitElementwise(context, feature, {
    kind: 'affine',
    scale: new Float64Array(channels).fill(1),
    shift: new Float64Array(channels).fill(by),
  });
}

/** x, or alpha * x below 0 (ONNX LeakyRelu). */
export const leakyRelu: OperatorRule = {
  attributes: { alpha: 'from 0' },
  accepted: 'LeakyRelu with alpha of 0 or more',
  translate: (context) =>
    leaky(context, featureInput(context, 0), floatAttribute(context.node, 'alpha', 0.01), 'alpha'),
};

/** x, or slope * x below 0 (ONNX PRelu). */
export const pRelu: OperatorRule = {
  attributes: {},
  accepted: 'PRelu with one constant slope of 0 or more for all channels',
  translate: (context) => {
    const slopes = floatsOf(constantInput(context, 1, 'the slope'));
    const [slope = 0] = slopes;
    if (slopes.some((value) => value !== slope)) refuse('its slopes differ between channels');
    return leaky(context, featureInput(context, 0), slope, 'the slope');
  },
};

/** x, or slope * x below 0. */
export function leaky(
  context: OperatorContext,
  feature: FeatureValue,
  slope: number,
  what: string,
): FeatureValue {
  if (!(slope >= 0)) refuse(`${what} is ${slope}`, 'a slope of 0 or more');
  return emitElementwise(context, feature, {
    kind: 'activation',
    activation: slope === 0 ? reluActivation : { kind: 'leaky-relu', slope },
  });
}
