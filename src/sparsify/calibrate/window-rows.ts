import type { WindowGeometry } from '../../evaluate/window-layout.ts';

/** Values one window of a group sees: input channels of the group times kernel positions. */
export function rowLength({ inputShape, kernel, groups }: WindowGeometry): number {
  return (inputShape.channels / groups) * kernel.height * kernel.width;
}

/**
 * Writes what the window at `site` (row-major over `windowShape`) sees of `group` into `row`, in the
 * order of the weights of an output channel; padding is 0. Returns how many values are not 0.
 */
export function takeRow(
  layer: WindowGeometry,
  input: Float32Array,
  group: number,
  site: number,
  row: Float64Array,
): number {
  const { inputShape, windowShape, kernel, stride, dilation, padding, groups } = layer;
  const channels = inputShape.channels / groups;
  const top = Math.floor(site / windowShape.width) * stride.height - padding.top;
  const left = (site % windowShape.width) * stride.width - padding.left;
  let at = 0;
  let nonZeros = 0;
  for (let channel = group * channels; channel < (group + 1) * channels; channel += 1) {
    for (let kernelRow = 0; kernelRow < kernel.height; kernelRow += 1) {
      const y = top + kernelRow * dilation.height;
      const line = (channel * inputShape.height + y) * inputShape.width;
      const isInside = y >= 0 && y < inputShape.height;
      for (let column = 0; column < kernel.width; column += 1, at += 1) {
        const x = left + column * dilation.width;
        const value = isInside && x >= 0 && x < inputShape.width ? (input[line + x] ?? 0) : 0;
        row[at] = value;
        if (value !== 0) nonZeros += 1;
      }
    }
  }
  return nonZeros;
}
