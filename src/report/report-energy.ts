import { coefficientDraws } from '../estimate/coefficient-draws.ts';
import { energyCategories } from '../estimate/energy-event.ts';
import type { EnergyEstimate } from '../estimate/energy.ts';
import { energyRatio } from '../estimate/energy-ratio.ts';
import type { EnergyScope, EnergySubject, ScopeEnergy } from '../estimate/energy-scopes.ts';
import { energyByScope, scopedEnergy } from '../estimate/energy-scopes.ts';
import { sensitivity } from '../estimate/energy-sensitivity.ts';
import { present } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import type { VariantName } from '../ir/variant.ts';
import type { Measurement } from '../simulate/measurement.ts';
import type { ReportRatios, ReportVariant } from './schema.ts';

type ReportEnergy = NonNullable<ReportVariant['energy']>;
type ReportScopes = NonNullable<ReportEnergy['scopes']>;
type ReportEnergyRatio = NonNullable<ReportRatios['energyRatios']>[number];

/** A variant with what its energy is computed from; null where there is nothing. */
export interface VariantEnergy {
  readonly name: VariantName;
  readonly energy: EnergySubject | null;
}

/** Energy of a variant as report.json has it. */
export function reportEnergy(
  board: Board,
  subject: EnergySubject,
  estimate: EnergyEstimate,
  measurement: Measurement | null,
): ReportEnergy {
  const breakdownUj: Record<string, number> = {};
  for (const category of energyCategories) {
    const { nominal } = estimate.breakdownUj[category];
    // most designs read nothing from there
    if (category !== 'dram' || nominal > 0) breakdownUj[category] = nominal;
  }
  const layers = estimate.layers.map((layer) => ({
    name: layer.layer ?? 'ports and buffers',
    breakdownUj: Object.fromEntries(
      Object.entries(layer.breakdownUj).map(([category, bracket]) => [category, bracket.nominal]),
    ),
  }));
  const staticPower = { name: 'static power', breakdownUj: { static: breakdownUj['static'] ?? 0 } };
  const energy = scopedEnergy(subject, board);
  return {
    activitySource: activitySourceOf(measurement),
    perInferenceUj: estimate.perInferenceUj,
    breakdownUj,
    energyByLayerUj: [...layers, staticPower],
    scopes: reportScopes(board, energyByScope(subject, board)),
    sensitivity: [...sensitivity(board, (draw) => energy(draw, 'device'))],
  };
}

/** Every variant against every one behind it, in the order of the chain. */
export function reportEnergyRatios(
  board: Board,
  variants: readonly VariantEnergy[],
): readonly ReportEnergyRatio[] {
  const draws = coefficientDraws(board);
  return variants.flatMap((first, index) =>
    variants.slice(index + 1).flatMap((second): readonly ReportEnergyRatio[] => {
      const { energy: of } = first;
      const { energy: over } = second;
      if (of === null || over === null) return [];
      const dividend = scopedEnergy(of, board);
      const divisor = scopedEnergy(over, board);
      return [
        {
          of: first.name,
          over: second.name,
          scopes: reportScopes(board, {
            dynamic: energyRatio(of, over, board, 'dynamic', draws),
            device: energyRatio(of, over, board, 'device', draws),
            board: energyRatio(of, over, board, 'board', draws),
          }),
          sensitivity: [
            ...sensitivity(board, (draw) => dividend(draw, 'device') / divisor(draw, 'device')),
          ],
        },
      ];
    }),
  );
}

function reportScopes(
  board: Board,
  scopes: Readonly<Record<EnergyScope, ScopeEnergy | null>>,
): ReportScopes {
  return {
    dynamic: present(scopes.dynamic, 'every board has events'),
    device: present(scopes.device, 'every board has static power'),
    board: scopes.board,
    boardReason:
      scopes.board === null
        ? `nobody has measured what ${board.name} draws at rest: its board file has no floorWatts`
        : null,
  };
}

function activitySourceOf(measurement: Measurement | null): ReportEnergy['activitySource'] {
  if (measurement === null) return 'predicted';
  return measurement.method === 'whole' ? 'design' : 'layers';
}
