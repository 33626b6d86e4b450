import type { WindowLayer } from '../ir/graph.ts';

export type WindowGeometry = Pick<
  WindowLayer,
  'inputShape' | 'windowShape' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'groups'
>;

/**
 * The input of a window layer laid out so that, for one kernel position, the inputs of all
 * windows follow one another: padding is stored, and coordinates with the same remainder by
 * the stride (a phase) are neighbours. A tap (channel, kernel row, kernel column) of window
 * (y, x) then reads `tapOffset + y * rowLength + x`.
 */
export interface WindowLayout {
  readonly rowLength: number;
  /** Rows of every plane of `rowLength` places: a channel's coordinates of one phase. */
  readonly planeRows: number;
  /** From the first window to the last, the places between rows of windows included. */
  readonly runLength: number;
  /** By tap: where the input of its first window is. */
  readonly tapOffsets: Uint32Array;
  /** The laid-out copy of a map. */
  readonly place: (input: Float32Array | Int16Array) => Float64Array;
}

/** One axis: kernel positions as phase and distance from the phase's beginning. */
interface AxisLayout {
  /** Remainders by the stride that occur, ascending. */
  readonly phases: readonly number[];
  readonly phaseOf: readonly number[];
  readonly shiftOf: readonly number[];
  /** Coordinates kept of each phase. */
  readonly length: number;
}

function layAxis(kernel: number, stride: number, dilation: number, windows: number): AxisLayout {
  const positions = Array.from({ length: kernel }, (_, index) => index * dilation);
  const phases = [...new Set(positions.map((position) => position % stride))];
  phases.sort((left, right) => left - right);
  const shiftOf = positions.map((position) => Math.floor(position / stride));
  return {
    phases,
    phaseOf: positions.map((position) => phases.indexOf(position % stride)),
    shiftOf,
    length: Math.max(...shiftOf) + windows,
  };
}

export function layWindows(geometry: WindowGeometry): WindowLayout {
  const { inputShape, windowShape, kernel, stride, dilation, padding } = geometry;
  const rows = layAxis(kernel.height, stride.height, dilation.height, windowShape.height);
  const columns = layAxis(kernel.width, stride.width, dilation.width, windowShape.width);
  const phaseSize = rows.length * columns.length;
  const channelSize = rows.phases.length * columns.phases.length * phaseSize;

  const tapOffsets = new Uint32Array(inputShape.channels * kernel.height * kernel.width);
  let tap = 0;
  for (let channel = 0; channel < inputShape.channels; channel += 1) {
    for (let row = 0; row < kernel.height; row += 1) {
      for (let column = 0; column < kernel.width; column += 1, tap += 1) {
        const phase =
          (rows.phaseOf[row] ?? 0) * columns.phases.length + (columns.phaseOf[column] ?? 0);
        const place = (rows.shiftOf[row] ?? 0) * columns.length + (columns.shiftOf[column] ?? 0);
        tapOffsets[tap] = channel * channelSize + phase * phaseSize + place;
      }
    }
  }

  const place = (input: Float32Array | Int16Array): Float64Array => {
    const placed = new Float64Array(inputShape.channels * channelSize);
    let at = 0;
    for (let channel = 0; channel < inputShape.channels; channel += 1) {
      for (const rowPhase of rows.phases) {
        for (const columnPhase of columns.phases) {
          for (let row = 0; row < rows.length; row += 1) {
            const y = row * stride.height + rowPhase - padding.top;
            if (y < 0 || y >= inputShape.height) {
              at += columns.length;
              continue;
            }
            const line = (channel * inputShape.height + y) * inputShape.width;
            let x = columnPhase - padding.left;
            for (let column = 0; column < columns.length; column += 1, at += 1) {
              if (x >= 0 && x < inputShape.width) placed[at] = input[line + x] ?? 0;
              x += stride.width;
            }
          }
        }
      }
    }
    return placed;
  };
  return {
    rowLength: columns.length,
    planeRows: rows.length,
    runLength: (windowShape.height - 1) * columns.length + windowShape.width,
    tapOffsets,
    place,
  };
}
