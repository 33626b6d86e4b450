import { pairFront } from '../view/pair-front.ts';
import type { Direction } from '../view/pair-front.ts';
import { formatMetric } from '../view/metric-format.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import { stateOf } from '../view/trial-rows.ts';
import type { Mark, TrialActions } from './chart.ts';
import { chartIn } from './chart.ts';
import { fillSelect, part } from './element.ts';
import { marksOf } from './marks.ts';
import type { PageModel, View } from './page-state.ts';
import { theme } from './theme.ts';
import type { AxisEnds } from './value-axis.ts';
import { axisEnds, valueAxis } from './value-axis.ts';

type Metric = PageModel['data']['metrics'][number];

/** Two metrics of all trials: thresholds as lines, where all of them hold shaded, the front connected. */
export function frontChart(redraw: () => void, actions: TrialActions): View {
  const chart = chartIn(part('front-chart', HTMLDivElement), actions);
  const selects = ['front-x', 'front-y'].map((id) => part(id, HTMLSelectElement));
  for (const select of selects) select.addEventListener('change', redraw);
  return (model) => {
    const { metrics, tasks } = model.data;
    const options = metrics.map(({ name }) => ({ value: name, text: name }));
    const goals = metrics.filter(({ goal }) => goal !== 'store');
    const [x = 0, y = 0] = selects.map((select, at) => {
      const name = fillSelect(
        select,
        options,
        (goals[1 - at] ?? goals[0] ?? metrics[at])?.name ?? '',
      );
      return metrics.findIndex((metric) => metric.name === name);
    });
    const [alongX, alongY] = [metrics[x], metrics[y]];
    if (alongX === undefined || alongY === undefined) return;
    const mark = (rows: readonly TrialRow[]): readonly Mark[] => marksOf(rows, x, y);
    const shown = mark(model.rows);
    const ends = [alongX, alongY].map(({ threshold }, axis) =>
      axisEnds([
        ...shown.map((point) => point[axis] ?? 0),
        ...(threshold === null ? [] : [threshold.value]),
      ]),
    ) as [AxisEnds, AxisEnds];
    const last = tasks.length - 1;
    const candidates = mark(model.rows.filter((row) => row.feasible && row.task === last)).map(
      ([across, up]) => ({ x: across, y: up }),
    );
    const stairs = pairFront(candidates, [direction(alongX), direction(alongY)]);
    const colours = theme();
    const of = (...states: readonly string[]): readonly Mark[] =>
      mark(model.selected.filter((row) => states.includes(stateOf(row))));
    const dots = (name: string, data: readonly Mark[], style: object, more = {}): object => ({
      ...{ type: 'scatter', name, data, symbolSize: 7, itemStyle: style, ...more },
    });
    chart.draw(
      {
        grid: { left: 70, right: 24, top: 34, bottom: 46 },
        xAxis: valueAxis(alongX.name, ends[0], colours, true),
        yAxis: valueAxis(alongY.name, ends[1], colours, false),
        series: [
          region([alongX, alongY], ends, colours),
          dots(
            'others',
            mark(model.others),
            { color: colours.infeasible, opacity: 0.12 },
            { silent: true, symbolSize: 5, large: true, largeThreshold: 1000 },
          ),
          dots('misses a threshold', of('infeasible'), {
            color: colours.infeasible,
            opacity: 0.55,
          }),
          dots('feasible', of('feasible'), { color: colours.feasible, opacity: 0.75 }),
          {
            type: 'line',
            name: 'best of both',
            data: corners(stairs),
            showSymbol: false,
            silent: true,
            lineStyle: { color: colours.front, width: 1.5 },
          },
          dots(
            'on the front',
            of('front'),
            { color: colours.front, borderColor: colours.surface, borderWidth: 1 },
            { symbolSize: 11, symbol: 'diamond' },
          ),
        ],
      },
      `${alongY.name} against ${alongX.name} of ${String(shown.length)} trials, ${String(stairs.length)} of them on the line that none is beyond`,
    );
    part('front-note', HTMLParagraphElement).textContent = note([alongX, alongY], stairs.length);
  };
}

/** A metric without a goal of its own counts as good when it is small. */
function direction({ goal }: Metric): Direction {
  return goal === 'maximise' ? 'maximise' : 'minimise';
}

/** The line around what the points of a front leave behind. */
function corners(front: readonly { readonly x: number; readonly y: number }[]): number[][] {
  return front.flatMap(({ x, y }, index) => {
    const next = front[index + 1];
    return next === undefined
      ? [[x, y]]
      : [
          [x, y],
          [next.x, y],
        ];
  });
}

/** The part of the picture where both thresholds hold, and the thresholds. */
function region(
  pair: readonly [Metric, Metric],
  ends: readonly [AxisEnds, AxisEnds],
  colours: ReturnType<typeof theme>,
): object {
  const [across, up] = pair.map(({ threshold }, axis) => {
    const { low, high } = ends[axis] ?? { low: 0, high: 1 };
    if (threshold === null) return [low, high];
    return threshold.comparison === '>=' ? [threshold.value, high] : [low, threshold.value];
  });
  const lines = pair.flatMap(({ name, threshold }, axis) =>
    threshold === null
      ? []
      : [
          {
            [axis === 0 ? 'xAxis' : 'yAxis']: threshold.value,
            label: {
              formatter: `${threshold.comparison} ${formatMetric(name, threshold.value)}`,
              position: axis === 0 ? 'end' : 'insideEndTop',
              color: colours.bad,
            },
          },
        ],
  );
  return {
    type: 'scatter',
    data: [],
    silent: true,
    markArea: {
      silent: true,
      itemStyle: { color: colours.region },
      data:
        lines.length === 0
          ? []
          : [
              [
                { xAxis: across?.[0], yAxis: up?.[0] },
                { xAxis: across?.[1], yAxis: up?.[1] },
              ],
            ],
    },
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: colours.bad, type: 'dashed', width: 1 },
      data: lines,
    },
  };
}

function note(pair: readonly [Metric, Metric], members: number): string {
  const without = pair.filter(({ goal }) => goal === 'store').map(({ name }) => name);
  const stairs =
    members === 0
      ? 'No trial through the last task meets all thresholds yet.'
      : `The line joins the ${String(members)} feasible trials that no other beats in these two metrics.`;
  return without.length === 0
    ? stairs
    : `${stairs} ${without.join(' and ')} has no goal: small counts as good here.`;
}
