import { ceilLog2, nextPowerOfTwo } from '../../base/bits.ts';
import type { LayerChoice, StreamPlan, WindowPlan } from '../../ir/plan.ts';
import { rowsNeeded } from './engine-geometry.ts';

/** Sites that come in while the engines work on theirs: so much the neighbours may be out of step. */
const slackSites = 5;
/** A ring is as long as fits into this many bits: distributed memory, which is hardly dearer. */
const freeBits = 4096;

/** Whether every window is one site and windows and sites are in the same order. */
function isPointwise({ input, output, kernel, stride, pool, poolStride }: WindowPlan): boolean {
  const ones = [kernel, stride, pool, poolStride];
  return (
    ones.every(({ height, width }) => height === 1 && width === 1) &&
    input.height === output.height &&
    input.width === output.width
  );
}

/**
 * The windows of a layer whose kernel has one position, seen as a map of short rows: a store keeps
 * whole rows, and of such a map only the next few sites are needed. Sites, windows and outputs keep
 * their order. The same windows where a store gains nothing, or rows begin in a beat of their own.
 */
export function siteRing(
  window: WindowPlan,
  input: StreamPlan,
  { engines }: Pick<LayerChoice, 'engines'>,
): WindowPlan {
  if (!isPointwise(window) || input.sitesPerBeat !== 1) return window;
  const sites = window.input.height * window.input.width;
  const siteBits = nextPowerOfTwo(input.maximumBeats) * input.tokensPerBeat * input.tokenBits;
  const slotsOf = (of: WindowPlan): number =>
    rowsNeeded(of, engines) * 2 ** Math.max(1, ceilLog2(of.input.width));
  let best = window;
  for (let width = window.input.width - 1; width >= 1; width -= 1) {
    if (sites % width !== 0) continue;
    const size = { height: sites / width, width };
    const ring = { ...window, input: { ...window.input, ...size }, output: size, windows: size };
    const kept = Math.min(sites, rowsNeeded(ring, engines) * width);
    if (kept < Math.min(sites, engines + slackSites)) continue;
    const [slots, least] = [slotsOf(ring), slotsOf(best)];
    if (slots < least && least * siteBits > freeBits) best = ring;
  }
  return best;
}
