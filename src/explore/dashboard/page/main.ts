import type { Report } from '../../../report/schema.ts';
import type { DashboardData } from '../dashboard-schema.ts';
import { axisFilters } from './axis-filters.ts';
import { part } from './element.ts';
import { filterBar } from './filter-bar.ts';
import { frontChart } from './front-chart.ts';
import { historyChart } from './history-chart.ts';
import { importanceBars } from './importance-bars.ts';
import { followSearch } from './live.ts';
import { PageState } from './page-state.ts';
import { pairChart } from './pair-chart.ts';
import { parallelChart } from './parallel-chart.ts';
import { summary } from './summary.ts';
import { trialRecord } from './trial-record.ts';
import type { ReportSource } from './trial-record.ts';
import { trialTable } from './trial-table.ts';
import type { Interval } from '../view/selection.ts';

function json(id: string): unknown {
  return JSON.parse(part(id, HTMLScriptElement).textContent);
}

const isLive = document.documentElement.dataset['live'] === 'true';
const state = new PageState(json('data') as DashboardData);
const embedded = json('reports') as Readonly<Record<string, Report>>;
const reports: ReportSource = async (trial) => {
  const known = embedded[String(trial)];
  if (known !== undefined || !isLive) return known ?? null;
  const response = await fetch(`reports/${String(trial)}`);
  return response.ok ? ((await response.json()) as Report) : null;
};

const redraw = (): void => state.redraw();
const open = trialRecord(() => state.model, reports);
const brush = (axis: string, intervals: readonly Interval[]): void => {
  state.setFilter({ brushes: new Map([...state.model.filter.brushes, [axis, intervals]]) });
};
for (const view of [
  summary(),
  filterBar((change) => state.setFilter(change)),
  frontChart(redraw, open),
  parallelChart(redraw, brush, open),
  axisFilters(brush),
  historyChart(redraw, open),
  importanceBars(redraw),
  pairChart(redraw, open),
  trialTable(redraw, open),
])
  state.add(view);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
redraw();
if (isLive) followSearch((data) => state.setData(data));
