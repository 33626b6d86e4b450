import { floatAttribute, intAttribute } from '../attributes.ts';
import { constantInput, featureInput, refuse, type OperatorRule } from '../operator-rule.ts';
import { perChannel, perElement } from './elementwise.ts';
import { emitElementwise } from './features.ts';
import { floatsOf } from './tensor-floats.ts';

/** Batch normalisation at inference (ONNX BatchNormalization): one scale and shift a channel. */
export const batchNormalization: OperatorRule = {
  attributes: {
    epsilon: 'any',
    momentum: 'any; concerns training only',
    training_mode: '0',
  },
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
    const { dims } = feature.view;
    const channels = dims[1] ?? 1;
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
    const lengths = dims.slice(1).map((_, axis) => (axis === 0 ? channels : 1));
    const scales = perElement(feature, lengths, scale);
    const shifts = perElement(feature, lengths, shift);
    const uniform = [perChannel(feature, scales), perChannel(feature, shifts)] as const;
    const same = uniform[0].length === uniform[1].length;
    return emitElementwise(context, feature, {
      kind: 'affine',
      scale: same ? uniform[0] : scales,
      shift: same ? uniform[1] : shifts,
    });
  },
};
