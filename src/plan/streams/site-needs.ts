import { present } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { groupStep } from '../lower/engine-geometry.ts';

/**
 * By output site: input sites of the same inference that have to be there before it can leave,
 * counted in raster order. Sites leave in order, so the numbers never fall.
 */
export function siteNeeds(layer: EngineLayerPlan): Int32Array {
  const { window } = layer;
  const { input, output, pool, stride, kernel, dilation, padTop, padLeft } = window;
  const step = groupStep(window);
  const rows = lastOnMap(output.height, step.height, padTop, input.height, [
    [pool.height, stride.height],
    [kernel.height, dilation.height],
  ]);
  const columns = lastOnMap(output.width, step.width, padLeft, input.width, [
    [pool.width, stride.width],
    [kernel.width, dilation.width],
  ]);
  const needs = new Int32Array(output.height * output.width);
  let most = 0;
  for (let site = 0; site < needs.length; site += 1) {
    const row = present(rows[Math.floor(site / output.width)], 'a row');
    const column = present(columns[site % output.width], 'a column');
    if (row >= 0 && column >= 0) most = Math.max(most, row * input.width + column + 1);
    needs[site] = most;
  }
  return needs;
}

/** By output row (column): the last input row that its windows read; -1 where all lie outside. */
function lastOnMap(
  outputs: number,
  step: number,
  padding: number,
  size: number,
  [[windows, stride], [positions, dilation]]: readonly [
    readonly [number, number],
    readonly [number, number],
  ],
): readonly number[] {
  return Array.from({ length: outputs }, (_, output) => {
    let last = -1;
    for (let window = 0; window < windows; window += 1) {
      for (let position = 0; position < positions; position += 1) {
        const row = output * step - padding + window * stride + position * dilation;
        if (row < size) last = Math.max(last, row);
      }
    }
    return last;
  });
}
