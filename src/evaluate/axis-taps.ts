/**
 * Which kernel positions meet which windows along one axis of a feature map: for every input
 * coordinate the pairs (kernel index, window index), so that no inner loop divides or compares.
 */
export interface AxisTaps {
  /** Pairs of coordinate i are starts[i] .. starts[i + 1] - 1. */
  readonly starts: Int32Array;
  readonly kernels: Int32Array;
  readonly windows: Int32Array;
}

export interface Axis {
  /** Input coordinates, without padding. */
  readonly size: number;
  /** Windows along the axis. */
  readonly windows: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first coordinate. */
  readonly before: number;
}

/** Kernel index k of window w lies on input coordinate w * stride + k * dilation - before. */
export function axisTaps(axis: Axis): AxisTaps {
  const { size, windows, kernel, stride, dilation, before } = axis;
  const starts = new Int32Array(size + 1);
  const kernels: number[] = [];
  const windowIndexes: number[] = [];
  for (let coordinate = 0; coordinate < size; coordinate += 1) {
    for (let index = 0; index < kernel; index += 1) {
      const first = coordinate + before - index * dilation;
      if (first < 0 || first % stride !== 0 || first / stride >= windows) continue;
      kernels.push(index);
      windowIndexes.push(first / stride);
    }
    starts[coordinate + 1] = kernels.length;
  }
  return {
    starts,
    kernels: Int32Array.from(kernels),
    windows: Int32Array.from(windowIndexes),
  };
}
