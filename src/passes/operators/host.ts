import { intAttribute } from '../attributes.ts';
import { knownInput, normalizeAxis, refuse, type OperatorRule } from '../operator-rule.ts';

/**
 * An operator over the logits that the host computes (ONNX Softmax, LogSoftmax, ArgMax):
 * none of them changes which class is the largest.
 */
export function hostOperator(
  operator: 'Softmax' | 'LogSoftmax' | 'ArgMax',
  defaultAxis: (opset: number) => number,
): OperatorRule {
  return {
    attributes: ['axis', 'keepdims', 'select_last_index'],
    accepted: `${operator} over the classes, after the last layer`,
    translate: (context) => {
      const value = knownInput(context, 0);
      if (value.kind !== 'feature' && value.kind !== 'host') {
        return refuse('its input is not a feature map or vector');
      }
      const given = intAttribute(context.node, 'axis', defaultAxis(context.opset));
      const axis = normalizeAxis(given, value.dims.length);
      if (axis !== 1 || value.dims.length !== 2) {
        refuse(`it works along axis ${axis} of [${value.dims.join(', ')}]`);
      }
      context.leaveToHost(operator);
      const keeps = intAttribute(context.node, 'keepdims', 1) !== 0;
      const reduced = keeps ? [context.batch, 1] : [context.batch];
      return { kind: 'host', dims: operator === 'ArgMax' ? reduced : value.dims };
    },
  };
}
