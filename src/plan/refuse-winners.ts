import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { invariant } from '../base/invariant.ts';
import type { QuantizedGraph, QuantizedWindow } from '../ir/quantized.ts';
import { hasHistogramBits, insertsWinners, leastHistogramBits } from './lower/lower-tail.ts';

/** `kwta_groups` joins the winners of at most so many ranges of channels. */
export const maximumWinnerGroups = 8;

/** Throws a `UserError` with every k-WTA that no hardware unit can do. */
export function refuseWinners(graph: QuantizedGraph): void {
  const diagnostics = graph.layers.flatMap((layer): readonly Diagnostic[] => {
    const { kWinners } = layer.layer;
    if (kWinners === null || layer.kind === 'winners') return [];
    invariant(layer.kind === 'window', `${layer.name}: k-WTA behind a ${layer.kind}`);
    const { height, width } = layer.layer.outputShape;
    const isVector = height * width === 1;
    invariant(kWinners.scope === 'site' || isVector, `${layer.name}: k-WTA over its whole map`);
    return [...tooManyGroups(layer, kWinners.groups), ...tooFewBits(layer, graph.keepTies)];
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}

function tooManyGroups(layer: QuantizedWindow, groups: number): readonly Diagnostic[] {
  if (groups <= maximumWinnerGroups) return [];
  return [
    {
      code: 'plan/k-winners-groups',
      message:
        `it chooses winners in each of ${groups} groups of channels, ` +
        `there is hardware for up to ${maximumWinnerGroups}`,
      place: placeOf(layer),
      remedy: `train with ${maximumWinnerGroups} groups or fewer, or choose from all channels of a site`,
    },
  ];
}

function tooFewBits(layer: QuantizedWindow, keepTies: boolean): readonly Diagnostic[] {
  const bits = layer.outputFormat?.bits ?? leastHistogramBits;
  if (hasHistogramBits(layer) || insertsWinners(layer, keepTies)) return [];
  const k = layer.layer.kWinners?.k ?? 0;
  return [
    {
      code: 'plan/k-winners-bits',
      message: `it chooses ${k} winners${keepTies ? ' and their ties' : ''} among values of ${bits} bits`,
      place: placeOf(layer),
      remedy: `use ${leastHistogramBits} bits or more, or 32 winners or fewer and no --kwta ties`,
    },
  ];
}

function placeOf({ name, layer }: QuantizedWindow): string {
  return layer.origin.length === 0 ? name : `${name} (${layer.origin.join(', ')})`;
}
