import { featureInput, type OperatorRule } from '../operator-rule.ts';

/** max(x, 0) (ONNX Relu). */
export const relu: OperatorRule = {
  attributes: [],
  accepted: 'Relu of a feature map or vector',
  translate: (context) => {
    const feature = featureInput(context, 0);
    return context.emit(
      {
        kind: 'relu',
        origin: [context.node.name],
        input: feature.source,
        inputShape: feature.shape,
        outputShape: feature.shape,
      },
      feature.dims,
    );
  },
};
