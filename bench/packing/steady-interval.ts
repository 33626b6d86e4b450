import { invariant } from '../../src/base/invariant.ts';
import type { EngineLayerPlan } from '../../src/ir/plan.ts';
import { LayerTimeline } from '../../src/plan/cycles/layer-timeline.ts';
import { unknownCycle } from '../../src/plan/cycles/cycle.ts';

/**
 * Cycles between two inferences of a layer of one site, by the exact cycle model: input beats are
 * always offered, output beats always taken. The first quarter warms up. `tokens`: the
 * channels that are active in each inference.
 */
export function steadyInterval(
  layer: EngineLayerPlan,
  tokens: readonly (readonly number[])[],
): number {
  const timeline = new LayerTimeline(
    layer,
    {
      inferences: tokens.length,
      inputTokens: [Uint16Array.from(tokens, (channels) => channels.length)],
      inputChannels: [Uint16Array.from(tokens.flat())],
      outputTokens: new Uint16Array(tokens.length).fill(layer.outputChannels),
      groupTokens: new Uint16Array(0),
      resetCycle: 0,
    },
    { take: (valid) => valid },
  );
  const [store] = timeline.sinks;
  invariant(store !== undefined, 'a layer of engines has a store');
  let left = tokens.reduce(
    (sum, channels) => sum + Math.max(1, Math.ceil(channels.length / layer.input.tokensPerBeat)),
    0,
  );
  let cycle = 0;
  for (let moved = true; moved;) {
    moved = timeline.advance();
    while (left > 0) {
      const taken = store.take(cycle);
      if (taken === unknownCycle) break;
      cycle = taken + 1;
      left -= 1;
      moved = true;
    }
  }
  const warm = Math.floor(tokens.length / 4);
  const first = timeline.lastGiven[warm] ?? NaN;
  const last = timeline.lastGiven.at(-1) ?? NaN;
  return (last - first) / (tokens.length - 1 - warm);
}
