import type { LayerPlan } from '../../ir/plan.ts';

/**
 * Channels of the tokens of a map (channels first), site after site, in the order in which the
 * tail gives them out: winners by insertion largest first, lower channels first among equals;
 * winners by histogram by channel; other values in the order of the drain.
 */
export function tokenOrder(layer: LayerPlan, values: Int16Array, sites: number): Uint16Array {
  const order =
    layer.tail.kind === 'nonzero'
      ? layer.slots.filter((channel) => channel >= 0)
      : Array.from({ length: layer.outputChannels }, (_, channel) => channel);
  const tokens: number[] = [];
  for (let site = 0; site < sites; site += 1) {
    const valueOf = (channel: number): number => values[channel * sites + site] ?? 0;
    const active = order.filter((channel) => valueOf(channel) !== 0);
    // sorting is stable: equal values keep the order of their channels
    if (layer.tail.kind === 'insert') active.sort((one, two) => valueOf(two) - valueOf(one));
    tokens.push(...active);
  }
  return Uint16Array.from(tokens);
}
