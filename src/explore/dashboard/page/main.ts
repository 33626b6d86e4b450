import type { Report } from '../../../report/schema.ts';
import type { DashboardData } from '../dashboard-schema.ts';
import type { TrialActions } from './chart.ts';
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
import { trialWords } from './trial-words.ts';
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

const actions: TrialActions = {
  open: trialRecord(() => state.model, reports),
  words: (trial) => {
    const row = state.model.rows.find((one) => one.trial === trial);
    return row === undefined ? '' : trialWords(state.model, row);
  },
};
const brush = (axis: string, intervals: readonly Interval[]): void => {
  state.setFilter({ brushes: new Map([...state.model.filter.brushes, [axis, intervals]]) });
};
state.add(summary);
state.add(() => filterBar((change) => state.setFilter(change)));
state.add((redraw) => frontChart(redraw, actions));
state.add((redraw) => parallelChart(redraw, brush, actions));
state.add(() => axisFilters(brush));
state.add((redraw) => historyChart(redraw, actions));
state.add(importanceBars);
state.add((redraw) => pairChart(redraw, actions));
state.add((redraw) => trialTable(redraw, actions.open));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => state.redraw());
state.redraw();
if (isLive) followSearch((data) => state.setData(data));
