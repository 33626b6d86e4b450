import { shapeSize } from '../../ir/graph.ts';
import type { OnnxTensor } from '../../ir/onnx.ts';
import {
  constantInput,
  featureInput,
  knownInput,
  product,
  refuse,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue } from '../value.ts';
import { dataOrder, sameView } from '../view.ts';
import { emitElementwise, formatDims } from './features.ts';
import { keepWinners } from './winner-mask.ts';
import { floatsOf } from './tensor-floats.ts';

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';

/** x (operator) c as scale and shift. */
const featureFirst: Readonly<Record<Arithmetic, (c: number) => readonly [number, number]>> = {
  Add: (c) => [1, c],
  Sub: (c) => [1, -c],
  Mul: (c) => [c, 0],
  Div: (c) => [1 / c, 0],
};

/** c (operator) x, likewise; null where it is not affine in x. */
const constantFirst: Readonly<
  Record<Arithmetic, ((c: number) => readonly [number, number]) | null>
> = {
  Add: featureFirst.Add,
  Sub: (c) => [-1, c],
  Mul: featureFirst.Mul,
  Div: null,
};

const acceptedForms: Readonly<Record<Arithmetic, string>> = {
  Add: 'Add of two branches of one shape, or of a constant',
  Sub: 'Sub of two branches of one shape, or of or from a constant',
  Mul: 'Mul with a constant, or with the mask of a k-WTA',
  Div: 'Div by a constant',
};

/**
 * Arithmetic with a constant (ONNX Add, Sub, Mul, Div), a scale and shift to be folded into a
 * weighted layer; Add and Sub of two branches; and Mul with the mask of a k-WTA.
 */
export function arithmetic(operator: Arithmetic): OperatorRule {
  return {
    attributes: {},
    accepted: acceptedForms[operator],
    translate: (context) => {
      const [left, right] = [knownInput(context, 0), knownInput(context, 1)];
      if (operator === 'Mul') {
        if (left.kind === 'winner-mask')
          return keepWinners(context, featureInput(context, 1), left);
        if (right.kind === 'winner-mask')
          return keepWinners(context, featureInput(context, 0), right);
      }
      if (right.kind === 'constant') {
        return affine(context, featureInput(context, 0), right.tensor, featureFirst[operator]);
      }
      if (left.kind === 'constant') {
        const formula =
          constantFirst[operator] ?? refuse('it divides by what the network computes');
        return affine(context, featureInput(context, 1), left.tensor, formula);
      }
      if (operator === 'Mul' || operator === 'Div') {
        return refuse(
          operator === 'Mul'
            ? 'it multiplies two values that the network computes'
            : 'it divides by what the network computes',
        );
      }
      return addFeatures(
        context,
        featureInput(context, 0),
        featureInput(context, 1),
        operator === 'Add' ? 1 : -1,
      );
    },
  };
}

/** Sum of any number of branches and constants (ONNX Sum). */
export const sum: OperatorRule = {
  attributes: {},
  accepted: 'Sum of branches of one shape and of constants',
  translate: (context) => {
    const { inputs } = context.node;
    const features = inputs.flatMap((_, position) =>
      knownInput(context, position).kind === 'constant' ? [] : [featureInput(context, position)],
    );
    const [first, ...others] = features;
    if (first === undefined) return refuse('it has no input that the network computes');
    const total = others.reduce((left, right) => addFeatures(context, left, right, 1), first);
    return inputs.reduce(
      (value, _, position) =>
        knownInput(context, position).kind === 'constant'
          ? affine(context, value, constantInput(context, position, 'a summand'), featureFirst.Add)
          : value,
      total,
    );
  },
};

/** -x (ONNX Neg). */
export const negate: OperatorRule = {
  attributes: {},
  accepted: 'Neg of a feature map or vector',
  translate: (context) => {
    const feature = featureInput(context, 0);
    const { channels } = feature.shape;
    return emitElementwise(context, feature, {
      kind: 'affine',
      scale: new Float64Array(channels).fill(-1),
      shift: new Float64Array(channels),
    });
  },
};

/** left + sign * right, where both show their data the same way. */
export function addFeatures(
  context: OperatorContext,
  left: FeatureValue,
  right: FeatureValue,
  sign: 1 | -1,
): FeatureValue {
  const [a, b] = [formatDims(left.view.dims), formatDims(right.view.dims)];
  if (a !== b) refuse(`its inputs have the shapes ${a} and ${b}`, 'inputs of one shape');
  if (shapeText(left) !== shapeText(right) || !sameView(left.view, right.view)) {
    refuse(
      `its inputs of shape ${a} come from maps of ${shapeText(left)} and ${shapeText(right)} in different orders`,
      'inputs that are reshaped and transposed alike',
    );
  }
  return context.emit(
    {
      kind: 'add',
      origin: [context.node.name],
      inputs: [left.source, right.source],
      inputShape: left.shape,
      outputShape: left.shape,
      signs: [1, sign],
    },
    left.view,
    { isFree: left.isFree && right.isFree },
  );
}

function shapeText({ shape }: FeatureValue): string {
  return `${shape.channels}x${shape.height}x${shape.width}`;
}

/** x -> formula's scale * x + shift, for every element of the constant. */
export function affine(
  context: OperatorContext,
  feature: FeatureValue,
  tensor: OnnxTensor,
  formula: (c: number) => readonly [number, number],
): FeatureValue {
  const constants = perChannel(feature, perElement(feature, tensor.shape, floatsOf(tensor)));
  return emitElementwise(context, feature, {
    kind: 'affine',
    scale: constants.map((value) => formula(value)[0]),
    shift: constants.map((value) => formula(value)[1]),
  });
}

/** A tensor broadcast to every element of one sample, in the order of the data. */
export function perElement(
  { view, shape }: FeatureValue,
  tensorShape: readonly number[],
  values: ArrayLike<number>,
): Float64Array {
  const { dims } = view;
  const misfit = (): never =>
    refuse(`a constant of shape ${formatDims(tensorShape)} does not fit ${formatDims(dims)}`);
  const own = tensorShape.slice(-dims.length);
  if (product(tensorShape) !== product(own)) misfit();
  const padded = [...dims.slice(own.length).map(() => 1), ...own];
  if (padded.some((length, axis) => length !== 1 && length !== dims[axis])) misfit();
  const batch = view.axes.findIndex((axis) =>
    axis.some((piece) => view.pieces[piece]?.axis === 'batch'),
  );
  if (batch >= 0 && padded[batch] !== 1) refuse('its constant differs from sample to sample');
  const lengths = batch < 0 ? dims : dims.with(batch, 1);
  const result = new Float64Array(shapeSize(shape));
  dataOrder(view).forEach((place, element) => {
    let rest = element;
    let at = 0;
    let step = 1;
    for (let axis = lengths.length - 1; axis >= 0; axis -= 1) {
      const length = lengths[axis] ?? 1;
      const ownLength = padded[axis] ?? 1;
      if (ownLength !== 1) at += (rest % length) * step;
      step *= ownLength;
      rest = Math.floor(rest / length);
    }
    result[place] = values[at] ?? 0;
  });
  return result;
}

/** One number per channel where all sites have the same, otherwise as it is. */
export function perChannel({ shape }: FeatureValue, elements: Float64Array): Float64Array {
  const { channels, height, width } = shape;
  const sites = height * width;
  const isSame = (value: number, first = 0): boolean =>
    value === first || (Number.isNaN(value) && Number.isNaN(first));
  const uniform = elements.every((value, element) =>
    isSame(value, elements[Math.floor(element / sites) * sites]),
  );
  return uniform
    ? Float64Array.from({ length: channels }, (_, channel) => elements[channel * sites] ?? 0)
    : elements;
}
