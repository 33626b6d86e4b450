import type { FeatureShape, Padding, Size2d } from '../../ir/graph.ts';

export interface PoolGeometry {
  readonly kernel: Size2d;
  readonly stride: Size2d;
  readonly padding: Padding;
  readonly inputShape: FeatureShape;
  readonly outputShape: FeatureShape;
}

/**
 * Max-pooling of `planes` maps one after another; `winners` gets the place in `input` of each
 * output, the first one at ties.
 */
export function poolForward(
  { kernel, stride, padding, inputShape, outputShape }: PoolGeometry,
  planes: number,
  input: Float64Array,
  output: Float64Array,
  winners: Int32Array,
): void {
  const { height, width } = inputShape;
  let at = 0;
  for (let plane = 0; plane < planes; plane += 1) {
    const start = plane * height * width;
    for (let row = 0; row < outputShape.height; row += 1) {
      const top = row * stride.height - padding.top;
      const firstRow = Math.max(0, top);
      const endRow = Math.min(height, top + kernel.height);
      for (let column = 0; column < outputShape.width; column += 1, at += 1) {
        const left = column * stride.width - padding.left;
        const firstColumn = Math.max(0, left);
        const endColumn = Math.min(width, left + kernel.width);
        let best = start + firstRow * width + firstColumn;
        for (let y = firstRow; y < endRow; y += 1) {
          for (let x = firstColumn; x < endColumn; x += 1) {
            const place = start + y * width + x;
            if ((input[place] ?? 0) > (input[best] ?? 0)) best = place;
          }
        }
        winners[at] = best;
        output[at] = input[best] ?? 0;
      }
    }
  }
}

/** Adds the gradients of the outputs to those of the inputs that won. */
export function poolBackward(
  outputGradients: Float64Array,
  winners: Int32Array,
  inputGradients: Float64Array,
): void {
  for (let at = 0; at < winners.length; at += 1) {
    const gradient = outputGradients[at] ?? 0;
    if (gradient === 0) continue;
    const place = winners[at] ?? 0;
    inputGradients[place] = (inputGradients[place] ?? 0) + gradient;
  }
}
