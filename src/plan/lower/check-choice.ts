import { ceilDivide, ceilLog2 } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';
import type { WindowPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { mayScaleSlowly } from './drain-cycles.ts';
import type { LayerContext } from './layer-context.ts';

/** The fewest lanes that take no more positions each than `lanes` lanes would: none is empty. */
export function wholeLanes(positions: number, lanes: number): number {
  return ceilDivide(positions, ceilDivide(positions, Math.min(lanes, positions)));
}

/** A folding that no hardware exists for is our mistake. */
export function checkChoice(context: LayerContext, window: WindowPlan): void {
  const { layer, packing, choice } = context;
  const { core, engines, lanes, values, setsParallel, drainWidth, readWidth } = choice;
  const sites = window.output.height * window.output.width;
  const positions = window.kernel.height * window.kernel.width;
  const { name } = layer;
  invariant(setsParallel % drainWidth === 0, `${name}: drain width ${drainWidth}`);
  invariant(readWidth < 2 * drainWidth, `${name}: read width ${readWidth}`);
  invariant(core === 'dense' || values === 1, `${name}: a sparse lane takes one token a step`);
  invariant(engines >= 1 && engines <= sites, `${name}: ${engines} engines`);
  invariant(
    choice.channelLanes || wholeLanes(positions, lanes) === lanes,
    `${name}: ${lanes} lanes, one empty`,
  );
  invariant(core === 'sparse' || packing.depth === 1, `${name}: dense outputs are sets of one`);
  const { scaleCycles = 1 } = choice;
  invariant(
    scaleCycles === 1 || (16 % scaleCycles === 0 && mayScaleSlowly(layer, choice)),
    `${name}: ${scaleCycles} cycles a scale`,
  );
  invariant(!choice.ultraWeights || layer.room !== undefined, `${name}: initial UltraRAM`);
  checkQueues(context);
  if (choice.channelLanes) checkChannelLanes(context);
}

/** Whether the lanes of a layer may share its channels. */
export function sharesChannels(layer: QuantizedWindow): boolean {
  const { kernel, padding } = layer.layer;
  const pads = padding.top + padding.left + padding.bottom + padding.right;
  return kernel.height * kernel.width === 1 && pads === 0;
}

function checkChannelLanes({ layer, packing, choice, input }: LayerContext): void {
  const { name } = layer;
  const { queues, lanes } = choice;
  invariant(queues > 0 && packing.queues !== undefined, `${name}: channels of lanes in lockstep`);
  invariant(sharesChannels(layer), `${name}: lanes share the channels of one position`);
  invariant(lanes >= 2 && 2 ** ceilLog2(lanes) === lanes, `${name}: ${lanes} lanes`);
  invariant(input.sitesPerBeat === 1, `${name}: several sites in a beat`);
}

/** Queues belong to a packing made for them, and read all sets there are. */
function checkQueues({ layer, packing, choice }: LayerContext): void {
  const { name } = layer;
  const { core, queues, lanes, setsParallel } = choice;
  if (queues === 0) {
    invariant(packing.queues === undefined, `${name}: words of queues, but no queues`);
    return;
  }
  invariant(core === 'sparse' && setsParallel % queues === 0, `${name}: ${queues} queues`);
  invariant(packing.queues?.words.length === queues, `${name}: packed for other queues`);
  invariant(packing.queues.lanes === lanes, `${name}: packed for other lanes`);
  invariant(packing.sets.length === setsParallel, `${name}: queues of folded sets`);
}
