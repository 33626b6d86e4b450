import type { QuantizedWindow } from '../../ir/quantized.ts';

/**
 * How often an input index (kernel position x channels + channel) meets a token in a window: the
 * mean over all windows of the activity of what lies there, 0 outside the map.
 *
 * `activity`: of every input value, channels first, how often it is not zero; null where the input
 * is dense and every value counts.
 */
export function indexActivity(layer: QuantizedWindow, activity: Float64Array | null): Float64Array {
  const { inputShape, windowShape, kernel, stride, padding } = layer.layer;
  const { channels, height, width } = inputShape;
  const result = new Float64Array(kernel.height * kernel.width * channels);
  for (let position = 0; position < kernel.height * kernel.width; position += 1) {
    const row = Math.floor(position / kernel.width) - padding.top;
    const column = (position % kernel.width) - padding.left;
    for (let windowRow = 0; windowRow < windowShape.height; windowRow += 1) {
      const y = windowRow * stride.height + row;
      if (y < 0 || y >= height) continue;
      for (let windowColumn = 0; windowColumn < windowShape.width; windowColumn += 1) {
        const x = windowColumn * stride.width + column;
        if (x < 0 || x >= width) continue;
        for (let channel = 0; channel < channels; channel += 1) {
          const index = position * channels + channel;
          const value = activity?.[(channel * height + y) * width + x] ?? 1;
          result[index] = (result[index] ?? 0) + value;
        }
      }
    }
  }
  const windows = windowShape.height * windowShape.width;
  return result.map((sum) => sum / windows);
}
