import type { AxisScale } from '../view/axis-scale.ts';
import { belowPosition, positionOf, ticksOf } from '../view/axis-scale.ts';
import type { Interval } from '../view/selection.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import type { MarkedLine, TrialActions } from './chart.ts';
import { chartIn } from './chart.ts';
import { fillSelect, part } from './element.ts';
import type { PageModel, View } from './page-state.ts';
import { scaleColour, theme } from './theme.ts';

/** Room around the axes, in pixels. */
const margins = { left: 60, right: 96, top: 58, bottom: 24 };
/** An axis is at least so wide. */
const axisPixels = 82;
/** More lines than this say no more. */
const mostLines = 2000;

/** Which axes are drawn: parameters, and the metrics the search is about. */
export function drawnAxes({ data, scales }: PageModel): readonly AxisScale[] {
  const declared = new Set(data.metrics.flatMap(({ name, declared: is }) => (is ? [name] : [])));
  return scales.filter(({ kind, name }) => kind === 'parameter' || declared.has(name));
}

/**
 * A line a trial through all axes. An interval dragged on an axis lets through the trials in it, on this
 * chart and all other views; a click on the axis takes it away.
 */
export function parallelChart(
  redraw: () => void,
  brush: (axis: string, intervals: readonly Interval[]) => void,
  actions: TrialActions,
): View {
  const container = part('parallel-chart', HTMLDivElement);
  const chart = chartIn(container, actions);
  const select = part('parallel-colour', HTMLSelectElement);
  select.addEventListener('change', redraw);
  let axes: readonly AxisScale[] = [];
  chart.library.on('axisareaselected', (event) => {
    const { parallelAxisId, intervals } = event as unknown as Partial<AreaEvent>;
    const axis = axes[Number(parallelAxisId?.replace('axis-', ''))];
    if (axis !== undefined && intervals !== undefined) brush(axis.name, intervals);
  });
  return (model) => {
    axes = drawnAxes(model);
    const options = model.scales.map(({ name }) => ({ value: name, text: name }));
    const first = model.data.metrics.find(({ goal }) => goal !== 'store')?.name ?? '';
    const colour = fillSelect(select, options, first);
    const scale = model.scales.find(({ name }) => name === colour);
    container.style.minWidth = `${String(margins.left + margins.right + (axes.length - 1) * axisPixels)}px`;
    chart.library.resize();
    const colours = theme();
    const brushed = [...model.filter.brushes].filter(([, intervals]) => intervals.length > 0);
    const lines = (rows: readonly TrialRow[], style: (row: TrialRow) => object): MarkedLine[] =>
      thinned(rows).map((row) => ({
        value: axes.map((axis) => positionOf(axis, axis.valueOf(row))),
        trial: row.trial,
        ...style(row),
      }));
    const colourOf = (row: TrialRow): string => {
      const at = scale === undefined ? 0 : positionOf(scale, scale.valueOf(row));
      return at === belowPosition ? colours.infeasible : scaleColour(at);
    };
    const count = model.selected.length;
    const opacity = count > 1000 ? 0.18 : count > 200 ? 0.4 : 0.7;
    // what was brushed is drawn with the axes
    for (const [dim, { name }] of axes.entries()) {
      const intervals = model.filter.brushes.get(name) ?? [];
      const action = { type: 'axisAreaSelect', parallelAxisId: `axis-${String(dim)}`, intervals };
      chart.library.dispatchAction(action, { silent: true });
    }
    chart.draw(
      {
        parallel: { ...margins, axisExpandable: false },
        parallelAxis: axes.map((axis, dim) => axisOption(axis, dim, colours, model)),
        series: [
          {
            type: 'parallel',
            silent: true,
            data:
              brushed.length === 0 && model.filter.words === ''
                ? []
                : lines(model.others, () => ({})),
            lineStyle: { color: colours.infeasible, opacity: 0.1, width: 1 },
            inactiveOpacity: 0.1,
            activeOpacity: 0.1,
            progressive: 500,
          },
          {
            type: 'parallel',
            data: lines(model.selected, (row) => ({
              lineStyle: {
                color: colourOf(row),
                ...(row.onFront ? { width: 2.5, opacity: 0.95 } : {}),
              },
            })),
            lineStyle: { opacity, width: 1.2 },
            inactiveOpacity: 0.04,
            activeOpacity: opacity,
            progressive: 500,
          },
        ],
      },
      `${String(count)} trials as lines through ${axes.map(({ name }) => name).join(', ')}`,
      ['parallelAxis'],
    );
    part('parallel-note', HTMLParagraphElement).textContent =
      count > mostLines
        ? `Every ${String(Math.ceil(count / mostLines))}th of the lines is drawn.`
        : '';
  };
}

interface AreaEvent {
  readonly parallelAxisId: string;
  readonly intervals: readonly Interval[];
}

function axisOption(
  axis: AxisScale,
  dim: number,
  colours: ReturnType<typeof theme>,
  { rows }: PageModel,
): object {
  const ticks = ticksOf(axis);
  const at = ticks.map((tick) => tick.at);
  const text = (value: number): string =>
    ticks.find((tick) => Math.abs(tick.at - value) < 1e-9)?.text ?? '';
  return {
    dim,
    id: `axis-${String(dim)}`,
    name: axis.name,
    type: 'value',
    min: axis.below === null ? 0 : belowPosition,
    max: 1,
    // names of neighbours stand at two heights
    nameGap: dim % 2 === 0 ? 12 : 30,
    nameTextStyle: { color: colours.ink, fontSize: 12 },
    nameTruncate: { maxWidth: 2 * axisPixels - 12 },
    axisLine: { lineStyle: { color: colours.quiet } },
    axisTick: { customValues: at },
    axisLabel: {
      customValues: at,
      color: colours.quiet,
      fontSize: 11,
      formatter: text,
      // readable across the lines
      textBorderColor: colours.surface,
      textBorderWidth: 3,
    },
    // with many lines only when the button is released
    realtime: rows.length <= 1000,
    areaSelectStyle: {
      width: 18,
      borderWidth: 1,
      borderColor: colours.front,
      color: colours.front,
      opacity: 0.25,
    },
  };
}

function thinned(rows: readonly TrialRow[]): readonly TrialRow[] {
  const step = Math.ceil(rows.length / mostLines);
  return step <= 1 ? rows : rows.filter((row, index) => row.onFront || index % step === 0);
}
