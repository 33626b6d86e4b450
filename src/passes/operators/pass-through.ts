import { intAttribute } from '../attributes.ts';
import {
  constantInput,
  knownInput,
  refuse,
  scalarOf,
  type OperatorContext,
  type OperatorRule,
} from '../operator-rule.ts';
import type { Value } from '../value.ts';

/** ONNX Identity. */
export const identity: OperatorRule = {
  attributes: [],
  accepted: 'Identity of anything',
  translate: (context) => knownInput(context, 0),
};

/** ONNX Dropout, which does nothing at inference. */
export const dropout: OperatorRule = {
  attributes: ['ratio', 'seed'],
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

const float = 1;

/** ONNX Cast: of the mask of a k-WTA to float, or of what is float already. */
export const cast: OperatorRule = {
  attributes: ['to', 'saturate'],
  accepted: 'Cast to FLOAT',
  translate: (context) => {
    const value = knownInput(context, 0);
    const to = intAttribute(context.node, 'to', 0);
    if (value.kind === 'host') return value;
    if (value.kind === 'winner-mask') return withOrigin(value, context);
    if (to !== float) refuse('it casts to another type than FLOAT');
    return value;
  },
};

/** The value with this node among those it comes from. */
export function withOrigin<Selected extends Value & { readonly origin: readonly string[] }>(
  value: Selected,
  context: OperatorContext,
): Selected {
  return { ...value, origin: [...value.origin, context.node.name] };
}
