import type { DashboardData } from '../dashboard-schema.ts';
import type { AxisScale } from '../view/axis-scale.ts';
import { axisScales } from '../view/axis-scale.ts';
import type { Filter } from '../view/selection.ts';
import { filterBy, noFilter } from '../view/selection.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import { trialRows } from '../view/trial-rows.ts';

/** What every view draws. */
export interface PageModel {
  readonly data: DashboardData;
  readonly rows: readonly TrialRow[];
  /** One a parameter, then one a metric. */
  readonly scales: readonly AxisScale[];
  readonly filter: Filter;
  readonly selected: readonly TrialRow[];
  /** The other ones. */
  readonly others: readonly TrialRow[];
}

export type View = (model: PageModel) => void;

/** The data and the filter, and the views to be drawn again when one of them changes. */
export class PageState {
  readonly #views: View[] = [];
  #model: PageModel;
  #isAsked = false;

  constructor(data: DashboardData) {
    this.#model = modelOf(data, noFilter);
  }

  get model(): PageModel {
    return this.#model;
  }

  add(view: View): void {
    this.#views.push(view);
  }

  setData(data: DashboardData): void {
    this.#model = modelOf(data, this.#model.filter);
    this.redraw();
  }

  setFilter(change: Partial<Filter>): void {
    const filter = { ...this.#model.filter, ...change };
    this.#model = { ...this.#model, ...split(this.#model, filter), filter };
    this.redraw();
  }

  /** Draws all views before the next frame, once however often it is asked for. */
  redraw(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      for (const view of this.#views) view(this.#model);
    });
  }
}

function modelOf(data: DashboardData, filter: Filter): PageModel {
  const rows = trialRows(data);
  const scales = axisScales(data, rows);
  return { data, rows, scales, filter, ...split({ rows, scales }, filter) };
}

function split(
  { rows, scales }: Pick<PageModel, 'rows' | 'scales'>,
  filter: Filter,
): Pick<PageModel, 'selected' | 'others'> {
  const passes = filterBy(filter, scales);
  const selected: TrialRow[] = [];
  const others: TrialRow[] = [];
  for (const row of rows) (passes(row) ? selected : others).push(row);
  return { selected, others };
}
