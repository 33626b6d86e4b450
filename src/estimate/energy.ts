import type { Board, Bracket } from '../ir/board.ts';
import { cornerDraw } from './coefficient-draws.ts';
import type { EnergyTiming } from './energy-scopes.ts';
import { staticSeconds } from './energy-scopes.ts';
import { coefficientUnits, dynamicMicrojoules } from './energy-units.ts';
import type { EnergyCategory, EventCount } from './energy-event.ts';
import { energyCategories } from './energy-event.ts';

export interface LayerEnergy {
  /** Null for what belongs to no layer: ports, distributor, merge. */
  readonly layer: string | null;
  readonly perInferenceUj: Bracket;
  readonly breakdownUj: Readonly<Partial<Record<EnergyCategory, Bracket>>>;
}

export interface EnergyEstimate {
  /** Microjoules per inference, static power included. */
  readonly perInferenceUj: Bracket;
  /** By category; the categories sum to `perInferenceUj`. */
  readonly breakdownUj: Readonly<Record<EnergyCategory, Bracket>>;
  /** Dynamic energy by layer in order of first appearance; static power belongs to none. */
  readonly layers: readonly LayerEnergy[];
  /** What the figures rest on, one sentence each, for the report. */
  readonly assumptions: readonly string[];
}

/**
 * Energy per inference from counted events. The corners take every coefficient at its low,
 * nominal or high value at once, so low and high are outer bounds, not likely values.
 */
export function estimateEnergy(
  events: readonly EventCount[],
  board: Board,
  timing: EnergyTiming,
): EnergyEstimate {
  const dynamic = (selected: readonly EventCount[]): Bracket => {
    const units = coefficientUnits(selected, board);
    return bracketOf((corner) => dynamicMicrojoules(units, cornerDraw(board, corner)));
  };
  const seconds = staticSeconds(timing);
  const staticUj = bracketOf((corner) => seconds * board.staticWatts[corner] * 1e6);

  const byCategory = (category: EnergyCategory): Bracket => {
    const counted = dynamic(events.filter((count) => count.category === category));
    return category === 'static' ? sum([counted, staticUj]) : counted;
  };
  const breakdownUj: Readonly<Record<EnergyCategory, Bracket>> = {
    multiply: byCategory('multiply'),
    weights: byCategory('weights'),
    dram: byCategory('dram'),
    accumulate: byCategory('accumulate'),
    activations: byCategory('activations'),
    control: byCategory('control'),
    clock: byCategory('clock'),
    static: byCategory('static'),
  };

  const layers = [...new Set(events.map((count) => count.layer))].map((layer): LayerEnergy => {
    const own = events.filter((count) => count.layer === layer);
    const layerBreakdown: Partial<Record<EnergyCategory, Bracket>> = {};
    for (const category of energyCategories) {
      const counted = own.filter((count) => count.category === category);
      if (counted.length > 0) layerBreakdown[category] = dynamic(counted);
    }
    return { layer, perInferenceUj: dynamic(own), breakdownUj: layerBreakdown };
  });

  return {
    perInferenceUj: sum(Object.values(breakdownUj)),
    breakdownUj,
    layers,
    assumptions: assumptions(board, timing),
  };
}

function assumptions(board: Board, timing: EnergyTiming): readonly string[] {
  const share = timing.staticShare ?? 1;
  const watts = board.staticWatts;
  return [
    `Event counts come from the RTL simulation; energy per event from the ${board.family} table in boards/, ` +
      'brackets put together from public figures, not measured on this board.',
    `Static power ${String(watts.low)} to ${String(watts.high)} W (nominal ${String(watts.nominal)} W)` +
      `${share === 1 ? ' of the whole device' : `, ${String(Math.round(share * 100))} % of it,`} ` +
      'is charged over the interval between inferences at full throughput.',
    `LUT outputs toggle ${String(board.energyScales.glitch.nominal)} times as often as a zero-delay simulation ` +
      `counts (${String(board.energyScales.glitch.low)} to ${String(board.energyScales.glitch.high)}): glitches.`,
    'External memory (but for weights that are read from it), host, regulators and fans are not included.',
  ];
}

function bracketOf(at: (corner: keyof Bracket) => number): Bracket {
  return { low: at('low'), nominal: at('nominal'), high: at('high') };
}

function sum(brackets: readonly Bracket[]): Bracket {
  return bracketOf((corner) => brackets.reduce((total, bracket) => total + bracket[corner], 0));
}
