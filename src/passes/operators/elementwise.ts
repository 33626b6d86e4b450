import { shapeSize } from '../../ir/graph.ts';
import type { OnnxTensor } from '../../ir/onnx.ts';
import {
  knownInput,
  product,
  refuse,
  withoutBatch,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { FeatureValue, Value } from '../value.ts';
import { keepWinners } from './k-winners.ts';
import { floatsOf } from './tensor-floats.ts';

type Arithmetic = 'Add' | 'Sub' | 'Mul' | 'Div';

/** x (operator) c as scale and shift; null where it is not affine in x. */
const featureFirst: Readonly<Record<Arithmetic, (c: number) => readonly [number, number]>> = {
  Add: (c) => [1, c],
  Sub: (c) => [1, -c],
  Mul: (c) => [c, 0],
  Div: (c) => [1 / c, 0],
};

/** c (operator) x, likewise. */
const constantFirst: Readonly<
  Record<Arithmetic, ((c: number) => readonly [number, number]) | null>
> = {
  Add: featureFirst.Add,
  Sub: (c) => [-1, c],
  Mul: featureFirst.Mul,
  Div: null,
};

/**
 * Arithmetic with a constant (ONNX Add, Sub, Mul, Div), a scale and shift to be folded into a
 * weighted layer; and Mul with the mask of a k-WTA.
 */
export function arithmetic(operator: Arithmetic): OperatorRule {
  return {
    attributes: [],
    accepted: `${operator} with a constant that is the same at every site${
      operator === 'Mul' ? ', or with the mask of a k-WTA' : ''
    }`,
    translate: (context) => {
      // Told even where an earlier node was refused, so that one run lists all such joins.
      if (operator !== 'Mul' && isComputed(context.input(0)) && isComputed(context.input(1))) {
        refuse('it joins two branches of the network, which is not supported yet');
      }
      const [left, right] = [knownInput(context, 0), knownInput(context, 1)];
      if (operator === 'Mul') {
        if (left.kind === 'winner-mask' && right.kind === 'feature') {
          return keepWinners(context, right, left);
        }
        if (left.kind === 'feature' && right.kind === 'winner-mask') {
          return keepWinners(context, left, right);
        }
      }
      if (left.kind === 'feature' && right.kind === 'constant') {
        return affine(context, left, right.tensor, featureFirst[operator]);
      }
      if (left.kind === 'constant' && right.kind === 'feature') {
        const formula =
          constantFirst[operator] ?? refuse('it divides by what the network computes');
        return affine(context, right, left.tensor, formula);
      }
      return refuse(
        left.kind === 'feature' && right.kind === 'feature'
          ? 'it joins two branches of the network, which is not supported yet'
          : 'it does not combine a feature map or vector with a constant',
      );
    },
  };
}

function isComputed(value: Value): boolean {
  return value.kind === 'feature' || (value.kind === 'unknown' && value.computed);
}

function affine(
  context: OperatorContext,
  feature: FeatureValue,
  tensor: OnnxTensor,
  formula: (c: number) => readonly [number, number],
): Value {
  const constants = perChannel(feature, perElement(feature, tensor));
  const scale = constants.map((value) => formula(value)[0]);
  const shift = constants.map((value) => formula(value)[1]);
  return context.emit(
    {
      kind: 'affine',
      origin: [context.node.name],
      input: feature.source,
      inputShape: feature.shape,
      outputShape: feature.shape,
      scale,
      shift,
    },
    feature.dims,
  );
}

/** The constant broadcast to every element of one sample. */
function perElement(feature: FeatureValue, tensor: OnnxTensor): Float64Array {
  const lengths = withoutBatch(feature.dims);
  const misfit = (): never =>
    refuse(
      `a constant of shape [${tensor.shape.join(', ')}] does not fit [${feature.dims.join(', ')}]`,
    );
  const constantLengths = tensor.shape.slice(-lengths.length);
  if (product(tensor.shape) !== product(constantLengths)) misfit();
  const padded = [...lengths.slice(constantLengths.length).map(() => 1), ...constantLengths];
  if (padded.some((length, axis) => length !== 1 && length !== lengths[axis])) misfit();
  const values = floatsOf(tensor);
  const result = new Float64Array(shapeSize(feature.shape));
  for (let element = 0; element < result.length; element += 1) {
    let rest = element;
    let at = 0;
    let step = 1;
    for (let axis = lengths.length - 1; axis >= 0; axis -= 1) {
      const length = lengths[axis] ?? 1;
      const own = padded[axis] ?? 1;
      if (own !== 1) at += (rest % length) * step;
      step *= own;
      rest = Math.floor(rest / length);
    }
    result[element] = values[at] ?? 0;
  }
  return result;
}

/** One number per channel where all sites have the same, otherwise as it is. */
function perChannel(feature: FeatureValue, elements: Float64Array): Float64Array {
  const { channels, height, width } = feature.shape;
  const sites = height * width;
  const uniform = elements.every(
    (value, element) => value === elements[Math.floor(element / sites) * sites],
  );
  return uniform
    ? Float64Array.from({ length: channels }, (_, channel) => elements[channel * sites] ?? 0)
    : elements;
}
