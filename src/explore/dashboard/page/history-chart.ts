import { bestSoFar } from '../view/best-so-far.ts';
import { formatMetric } from '../view/metric-format.ts';
import type { Mark, TrialActions } from './chart.ts';
import { chartIn } from './chart.ts';
import { element, fillSelect, part } from './element.ts';
import type { View } from './page-state.ts';
import { theme } from './theme.ts';
import { axisEnds, valueAxis } from './value-axis.ts';

const symbols = ['circle', 'triangle', 'rect', 'diamond', 'roundRect', 'pin', 'arrow', 'circle'];

/** A metric of all jobs in the order of the search, tasks told apart, with the best value so far. */
export function historyChart(redraw: () => void, actions: TrialActions): View {
  const chart = chartIn(part('history-chart', HTMLDivElement), actions);
  const select = part('history-metric', HTMLSelectElement);
  select.addEventListener('change', redraw);
  return (model) => {
    const { metrics, tasks, jobs } = model.data;
    const options = metrics.map(({ name }) => ({ value: name, text: name }));
    const chosen = fillSelect(
      select,
      options,
      metrics.find(({ goal }) => goal !== 'store')?.name ?? '',
    );
    const index = metrics.findIndex(({ name }) => name === chosen);
    const metric = metrics[index];
    if (metric === undefined) return;
    const colours = theme();
    const isSelected = new Set(model.selected.map(({ trial }) => trial));
    const byTask = tasks.map((): { inside: Mark[]; outside: Mark[] } => ({
      inside: [],
      outside: [],
    }));
    const all: number[] = [];
    for (const { number, trial, task, values } of jobs) {
      const value = values?.[index] ?? null;
      if (value === null) continue;
      all.push(value);
      byTask[task]?.[isSelected.has(trial) ? 'inside' : 'outside'].push([number, value, trial]);
    }
    const steps = bestSoFar(model.data, index);
    const end = jobs.at(-1)?.number ?? 0;
    const line = [...steps, ...steps.slice(-1).map(({ value }) => ({ job: end, value }))];
    const { threshold } = metric;
    const ends = axisEnds([...all, ...(threshold === null ? [] : [threshold.value])]);
    chart.draw(
      {
        grid: { left: 70, right: 24, top: 34, bottom: 46 },
        xAxis: {
          ...valueAxis('job', { low: 0, high: Math.max(1, end), log: false }, colours, true),
          minInterval: 1,
          axisLabel: { color: colours.quiet, hideOverlap: true, formatter: '{value}' },
        },
        yAxis: valueAxis(metric.name, ends, colours, false),
        series: [
          ...byTask.flatMap(({ inside, outside }, task) => {
            const color = colours.tasks(task, tasks.length);
            const shape = { type: 'scatter', symbol: symbols[task] ?? 'circle' };
            const size = task === tasks.length - 1 ? 8 : 6;
            return [
              {
                ...shape,
                data: outside,
                symbolSize: size - 2,
                silent: true,
                large: true,
                largeThreshold: 1000,
                itemStyle: { color, opacity: 0.12 },
              },
              { ...shape, data: inside, symbolSize: size, itemStyle: { color, opacity: 0.8 } },
            ];
          }),
          {
            type: 'line',
            step: 'end',
            data: line.map(({ job, value }) => [job, value]),
            showSymbol: false,
            silent: true,
            lineStyle: { color: colours.ink, width: 1.5 },
            markLine: {
              silent: true,
              symbol: 'none',
              lineStyle: { color: colours.bad, type: 'dashed', width: 1 },
              label: { show: false },
              data: threshold === null ? [] : [{ yAxis: threshold.value }],
            },
          },
        ],
      },
      words(metric.name, all.length, steps.at(-1)?.value ?? null),
    );
    part('history-key', HTMLUListElement).replaceChildren(
      ...tasks.map(({ name, cost }, task) =>
        element(
          'li',
          {},
          element('i', {
            class: `chip mark-${symbols[task] ?? 'circle'}`,
            style: `--c: ${colours.tasks(task, tasks.length)}`,
          }),
          `${name} (cost ${String(cost)})`,
        ),
      ),
      ...(steps.length === 0
        ? []
        : [element('li', {}, element('i', { class: 'chip stroke' }), 'best feasible so far')]),
      ...(threshold === null
        ? []
        : [element('li', {}, element('i', { class: 'chip stroke dashed' }), 'threshold')]),
    );
  };
}

function words(name: string, count: number, best: number | null): string {
  const said = `${name} of ${String(count)} jobs in the order of the search`;
  return best === null ? said : `${said}; the best feasible one is ${formatMetric(name, best)}`;
}
