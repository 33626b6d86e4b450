import type { WindowGeometry } from '../../evaluate/window-layout.ts';

/**
 * How a batch of maps [channel][sample][row][column] is laid out for a window layer, so that for one
 * weight the inputs of all windows of all samples follow one another: window (row, column) of
 * sample n reads `tapOffsets[tap] + places[...]`. As `layWindows` for one sample: padding is stored,
 * coordinates with the same remainder by the stride are neighbours. A window that is alone has every
 * kernel position for itself, so that a fully connected layer has one place a sample.
 */
export interface BatchLayout {
  readonly samples: number;
  /** Values of the laid-out input. */
  readonly size: number;
  /** By input channel, kernel row, kernel column. */
  readonly tapOffsets: Int32Array;
  /** By sample, row and column of a window. */
  readonly places: Int32Array;
  /** Samples that are summed up one by one: all where a sample has several places, else one batch. */
  readonly blocks: number;
  /** From the first place of a block to its last, those between included. */
  readonly runLength: number;
  /** From the first place of a block to that of the next. */
  readonly blockStride: number;
  /** Writes the input's values to their places; padding stays as it is. */
  readonly place: (input: Float64Array, placed: Float64Array) => void;
  /** Adds what is at the places to the input's values. */
  readonly collect: (placed: Float64Array, input: Float64Array) => void;
}

interface Axis {
  readonly phases: readonly number[];
  readonly phaseOf: readonly number[];
  readonly shiftOf: readonly number[];
  readonly length: number;
  readonly stride: number;
}

function layAxis(kernel: number, stride: number, dilation: number, windows: number): Axis {
  const step = windows === 1 ? kernel * dilation : stride;
  const positions = Array.from({ length: kernel }, (_, index) => index * dilation);
  const phases = [...new Set(positions.map((position) => position % step))];
  phases.sort((left, right) => left - right);
  const shiftOf = positions.map((position) => Math.floor(position / step));
  const phaseOf = positions.map((position) => phases.indexOf(position % step));
  return { phases, phaseOf, shiftOf, length: Math.max(...shiftOf) + windows, stride: step };
}

/** The layout for `samples` samples at a time. */
export function layBatch(geometry: WindowGeometry, samples: number): BatchLayout {
  const { inputShape, windowShape, kernel, stride, dilation } = geometry;
  const rows = layAxis(kernel.height, stride.height, dilation.height, windowShape.height);
  const columns = layAxis(kernel.width, stride.width, dilation.width, windowShape.width);
  const planeSize = rows.length * columns.length;
  const phaseSize = planeSize * samples;
  const channelSize = rows.phases.length * columns.phases.length * phaseSize;

  const tapOffsets = new Int32Array(inputShape.channels * kernel.height * kernel.width);
  let tap = 0;
  for (let channel = 0; channel < inputShape.channels; channel += 1) {
    for (let row = 0; row < kernel.height; row += 1) {
      for (let column = 0; column < kernel.width; column += 1, tap += 1) {
        const phase =
          (rows.phaseOf[row] ?? 0) * columns.phases.length + (columns.phaseOf[column] ?? 0);
        const shift = (rows.shiftOf[row] ?? 0) * columns.length + (columns.shiftOf[column] ?? 0);
        tapOffsets[tap] = channel * channelSize + phase * phaseSize + shift;
      }
    }
  }
  const places = new Int32Array(samples * windowShape.height * windowShape.width);
  let at = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    for (let row = 0; row < windowShape.height; row += 1) {
      for (let column = 0; column < windowShape.width; column += 1, at += 1) {
        places[at] = sample * planeSize + row * columns.length + column;
      }
    }
  }
  // Between the samples of a map lie places of no window, which would be summed for nothing.
  const blocks = planeSize === 1 ? 1 : samples;
  const sources = channelSources(geometry, rows, columns, samples);
  const inputPlane = samples * inputShape.height * inputShape.width;
  const move = (each: (from: number, to: number) => void): void => {
    for (let channel = 0; channel < inputShape.channels; channel += 1) {
      const input = channel * inputPlane;
      const placed = channel * channelSize;
      for (let n = 0; n < sources.length; n += 1) {
        const source = sources[n] ?? -1;
        if (source >= 0) each(input + source, placed + n);
      }
    }
  };
  return {
    samples,
    size: inputShape.channels * channelSize,
    tapOffsets,
    places,
    blocks,
    runLength: (places[places.length / blocks - 1] ?? 0) + 1,
    blockStride: blocks === 1 ? 0 : planeSize,
    place: (input, placed) => move((from, to) => (placed[to] = input[from] ?? 0)),
    collect: (placed, input) => {
      move((to, from) => (input[to] = (input[to] ?? 0) + (placed[from] ?? 0)));
    },
  };
}

/** For every place of one channel where its value is in the channel's batch; -1 for padding. */
function channelSources(
  { inputShape, padding }: WindowGeometry,
  rows: Axis,
  columns: Axis,
  samples: number,
): Int32Array {
  const sources: number[] = [];
  for (const rowPhase of rows.phases) {
    for (const columnPhase of columns.phases) {
      for (let sample = 0; sample < samples; sample += 1) {
        for (let row = 0; row < rows.length; row += 1) {
          const y = row * rows.stride + rowPhase - padding.top;
          for (let column = 0; column < columns.length; column += 1) {
            const x = column * columns.stride + columnPhase - padding.left;
            const isInside = y >= 0 && y < inputShape.height && x >= 0 && x < inputShape.width;
            sources.push(isInside ? (sample * inputShape.height + y) * inputShape.width + x : -1);
          }
        }
      }
    }
  }
  return Int32Array.from(sources);
}
