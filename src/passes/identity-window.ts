import { isNonNegative, type Activation, type Layer } from '../ir/graph.ts';

/**
 * A window that hands its input through: depthwise, 1 x 1, weights 1, no bias, no pooling. Only
 * its activation and k-WTA do anything.
 */
export function isIdentityWindow(layer: Layer): boolean {
  return (
    layer.kind === 'window' &&
    layer.groups === layer.inputShape.channels &&
    layer.groups === layer.windowShape.channels &&
    layer.kernel.height === 1 &&
    layer.kernel.width === 1 &&
    layer.pooling === null &&
    layer.bias.every((value) => value === 0) &&
    layer.weights.every((weight) => weight === 1)
  );
}

/** Whether nothing below 0 passes; LeakyReLU of slope 0 is a ReLU. */
export function keepsNoNegatives(activation: Activation): boolean {
  return isNonNegative(activation) || (activation.kind === 'leaky-relu' && activation.slope === 0);
}
