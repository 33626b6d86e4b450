import { UserError } from '../base/diagnostics.ts';
import type { Diagnostic } from '../base/diagnostics.ts';
import type { QuantizedGraph } from '../ir/quantized.ts';
import { smallFormsOf } from './search/cheapest-foldings.ts';
import type { PlannerOptions, UnitKind } from './planner-options.ts';
import type { SearchContext } from './search/search-context.ts';

/** Throws a `UserError` for every layer that is to have a unit it cannot have. */
export function refuseUnits(
  { layers }: QuantizedGraph,
  { units, board }: Pick<PlannerOptions, 'units' | 'board'>,
  { queued, wired }: Pick<SearchContext, 'queued' | 'wired'>,
): void {
  if (units === undefined) return;
  const isSmall = smallFormsOf(board) !== null;
  const mistakes = layers.flatMap(({ name }, index): readonly Diagnostic[] => {
    const unit = units.get(name) ?? null;
    const has: Readonly<Record<UnitKind, boolean>> = {
      lockstep: true,
      queues: !isSmall && (queued[index] ?? null) !== null,
      wired: !isSmall && (wired[index] ?? null) !== null,
    };
    if (unit === null || has[unit]) return [];
    return [
      {
        code: 'plan/no-such-unit',
        message: `the unit of this layer cannot be "${unit}": ${reasons[unit]}`,
        place: name,
        remedy: 'leave the choice to the planner, or take another unit',
      },
    ];
  });
  if (mistakes.length > 0) throw new UserError(mistakes);
}

const reasons: Readonly<Record<UnitKind, string>> = {
  lockstep: '',
  queues:
    'no set has two weights for one input, its tokens come in no known order, or the device has no room for queues',
  wired: 'it has too many weights, its input comes as tokens, or the device has no room for them',
};
