import { present } from '../../base/invariant.ts';
import type { Evaluation } from '../../evaluate/quantized.ts';
import { hasEngines } from '../../ir/plan.ts';
import type { LayerPlan, Plan } from '../../ir/plan.ts';
import { intervalOn } from '../cycles/interval-on.ts';
import { enoughOf, fewestPlaces } from './fewest-places.ts';
import { mergeParameters, storeParameters, windowParameters } from '../lower/engine-geometry.ts';

export interface DeeperStores {
  readonly plan: Plan;
  /** How many times as many inferences a copy makes with it; 1 where the plan is the same. */
  readonly gain: number;
}

/**
 * The plan with twice the rows in stores where that shortens the interval by 1 % or more: rows of the
 * next map come in while a layer works on the last ones of a map, and a layer that waited for them
 * goes on at once. What is gained and which stores have to be deeper comes from the cycle model on
 * calibration samples. A loadable plan stays as it is: its stores are part of a structure that is
 * fixed by then.
 */
export function withDeeperStores(plan: Plan, evaluations: readonly Evaluation[]): DeeperStores {
  const same: DeeperStores = { plan, gain: 1 };
  if (evaluations.length === 0 || plan.load !== undefined) return same;
  const interval = intervalOn(plan, evaluations);
  const places = plan.layers.flatMap((layer, index) => (hasEngines(layer) ? index : []));
  const bare = interval(plan);
  const best = interval(withTwiceTheRows(plan, places));
  const enough = enoughOf(bare, best);
  if (enough === null) return same;
  const kept = fewestPlaces(places, enough, (at) => interval(withTwiceTheRows(plan, at)));
  return { plan: withTwiceTheRows(plan, kept.places), gain: bare / (kept.interval ?? best) };
}

/** Twice the rows in the stores of some layers. */
export function withTwiceTheRows(plan: Plan, places: readonly number[]): Plan {
  const layers = plan.layers.map((layer, index): LayerPlan => {
    if (!places.includes(index) || !hasEngines(layer)) return layer;
    const { window, input, choice } = layer;
    const rowsInStore = 2 * layer.rowsInStore;
    const store = storeParameters(window, input, { rowsInStore, ultraStore: choice.ultraStore });
    if (layer.wired !== undefined) {
      // its windows are those of a whole step, so their geometry is its own
      const LeadBits = present(windowParameters(window, 1, rowsInStore)['LeadBits'], 'LeadBits');
      const parameters = { ...layer.parameters, ...store, LeadBits };
      return { ...layer, rowsInStore, parameters };
    }
    const parameters = mergeParameters(
      layer.parameters,
      store,
      windowParameters(window, choice.engines, rowsInStore),
    );
    return { ...layer, rowsInStore, parameters };
  });
  return { ...plan, layers };
}
