import { intAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  refuse,
  scalarOf,
  type OperatorRule,
} from '../operator-rule.ts';

/** ONNX Identity. */
export const identity: OperatorRule = {
  attributes: {},
  accepted: 'Identity of anything',
  translate: (context) => knownInput(context, 0),
};

/** ONNX Dropout, which does nothing at inference. */
export const dropout: OperatorRule = {
  attributes: { ratio: 'any', seed: 'any' },
  accepted: 'Dropout in inference mode',
  translate: (context) => {
    const training = knownInput(context, 2);
    if (
      training.kind !== 'absent' &&
      scalarOf(constantInput(context, 2, 'training_mode'), 'training_mode') !== 0
    ) {
      refuse('training_mode is true', 'a model exported with model.eval()');
    }
    context.note(`Dropout "${context.node.name}" does nothing at inference and is left out`);
    return knownInput(context, 0);
  },
};

const floatTypes: readonly number[] = [1, 10, 11];

/** ONNX Cast: of the mask of a k-WTA to a number, or of what is float already. */
export const cast: OperatorRule = {
  attributes: { to: 'FLOAT, FLOAT16, DOUBLE', saturate: 'any' },
  accepted: 'Cast to a float type',
  translate: (context) => {
    const value = knownInput(context, 0);
    const to = intAttribute(context.node, 'to', 0);
    if (value.kind === 'winner-mask') {
      return { ...value, origin: [...value.origin, context.node.name] };
    }
    if (!floatTypes.includes(to)) refuse('it casts to another type than a float type');
    return value;
  },
};
