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
  /** Views to be drawn before the next frame. */
  readonly #asked = new Set<View>();

  constructor(data: DashboardData) {
    this.#model = modelOf(data, noFilter);
  }

  get model(): PageModel {
    return this.#model;
  }

  /** Adds a view, made with what draws it alone again. */
  add(make: (redraw: () => void) => View): void {
    const view = make(() => this.#redraw([view]));
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
    this.#redraw(this.#views);
  }

  #redraw(views: readonly View[]): void {
    if (this.#asked.size === 0) requestAnimationFrame(() => this.#draw());
    for (const view of views) this.#asked.add(view);
  }

  #draw(): void {
    const views = [...this.#asked];
    this.#asked.clear();
    for (const view of views) view(this.#model);
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
