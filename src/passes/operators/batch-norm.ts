import { floatAttribute, intAttribute } from '../attributes.ts';
import { constantInput, featureInput, refuse, type OperatorRule } from '../operator-rule.ts';
import { floatsOf } from './tensor-floats.ts';

/** Batch normalisation at inference (ONNX BatchNormalization): one scale and shift a channel. */
export const batchNormalization: OperatorRule = {
  // momentum concerns training only; spatial (opset below 9) and is_test are gone.
  attributes: ['epsilon', 'momentum', 'training_mode'],
  accepted: 'BatchNormalization in inference mode with constant parameters',
  translate: (context) => {
    if (intAttribute(context.node, 'training_mode', 0) !== 0) {
      refuse('training_mode is 1', 'a model exported with model.eval()');
    }
    const epsilon = floatAttribute(context.node, 'epsilon', 1e-5);
    const [gamma, beta, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, index) =>
      floatsOf(constantInput(context, index + 1, what)),
    );
    const feature = featureInput(context, 0);
    const channels = feature.dims[1] ?? 0;
    const scale = new Float64Array(channels);
    const shift = new Float64Array(channels);
    if (![gamma, beta, mean, variance].every((values) => values?.length === channels)) {
      refuse(`its parameters are not one number for each of ${channels} channels`);
    }
    for (let channel = 0; channel < channels; channel += 1) {
      const factor = (gamma?.[channel] ?? 0) / Math.sqrt((variance?.[channel] ?? 0) + epsilon);
      scale[channel] = factor;
      shift[channel] = (beta?.[channel] ?? 0) - (mean?.[channel] ?? 0) * factor;
    }
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
  },
};
