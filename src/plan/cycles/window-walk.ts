import type { EngineLayerPlan } from '../../ir/plan.ts';
import { groupStep } from '../lower/engine-geometry.ts';

/** What the windows of a layer are made of, in numbers that every engine of every copy shares. */
export interface WindowWalk {
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputSites: number;
  readonly outputSites: number;
  readonly outputWidth: number;
  /** Rows (columns) between two neighbouring groups. */
  readonly groupRows: number;
  readonly groupColumns: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly windowsInGroup: number;
  /** Of every window of a group: its offset from the first one. */
  readonly windowRows: Int32Array;
  readonly windowColumns: Int32Array;
  /** Of every kernel position, lane by lane: its offset from the window's corner. */
  readonly positionRows: Int32Array;
  readonly positionColumns: Int32Array;
  readonly positions: number;
  /** Rows (columns) between kernel positions. */
  readonly dilationRows: number;
  readonly dilationColumns: number;
  readonly lanes: number;
  /** Kernel positions of a lane; the last lane may have fewer. */
  readonly lanePositions: number;
  /** All lanes step together, off the map too. */
  readonly lockStep: boolean;
}

function offsets(
  height: number,
  width: number,
  stride: { readonly height: number; readonly width: number },
): { readonly rows: Int32Array; readonly columns: Int32Array } {
  const count = height * width;
  return {
    rows: Int32Array.from({ length: count }, (_, n) => Math.floor(n / width) * stride.height),
    columns: Int32Array.from({ length: count }, (_, n) => (n % width) * stride.width),
  };
}

/** The walk of a layer's engines, as `window_control` and `lane_sequencer` do it. */
export function windowWalk(layer: EngineLayerPlan): WindowWalk {
  const { window, choice } = layer;
  const { kernel, dilation, stride, pool, input, output } = window;
  const step = groupStep(window);
  const windows = offsets(pool.height, pool.width, stride);
  const positions = offsets(kernel.height, kernel.width, dilation);
  return {
    inputHeight: input.height,
    inputWidth: input.width,
    inputSites: input.height * input.width,
    outputSites: output.height * output.width,
    outputWidth: output.width,
    groupRows: step.height,
    groupColumns: step.width,
    padTop: window.padTop,
    padLeft: window.padLeft,
    windowsInGroup: pool.height * pool.width,
    windowRows: windows.rows,
    windowColumns: windows.columns,
    positionRows: positions.rows,
    positionColumns: positions.columns,
    positions: kernel.height * kernel.width,
    dilationRows: dilation.height,
    dilationColumns: dilation.width,
    lanes: choice.lanes,
    lanePositions: layer.lanePositions,
    lockStep: choice.core === 'dense',
  };
}
