import { belowPosition, positionOf } from '../view/axis-scale.ts';
import { cellText } from '../view/selection.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import type { Mark, TrialActions } from './chart.ts';
import { chartIn } from './chart.ts';
import { element, fillSelect, part } from './element.ts';
import { marksOf } from './marks.ts';
import type { PageModel, View } from './page-state.ts';
import { scaleColour, theme } from './theme.ts';
import type { AxisEnds } from './value-axis.ts';
import { axisEnds, valueAxis } from './value-axis.ts';

/** Any metric against any other, coloured by a third or by a parameter. */
export function pairChart(redraw: () => void, actions: TrialActions): View {
  const chart = chartIn(part('pair-chart', HTMLDivElement), actions);
  const [across, up, by] = ['pair-x', 'pair-y', 'pair-colour'].map((id) => {
    const select = part(id, HTMLSelectElement);
    select.addEventListener('change', redraw);
    return select;
  }) as [HTMLSelectElement, HTMLSelectElement, HTMLSelectElement];
  return (model) => {
    const { metrics } = model.data;
    const names = metrics.map(({ name }) => ({ value: name, text: name }));
    const inVain = metrics.find(({ name }) => name === 'nonZeros' || name === 'products');
    const x = metrics.findIndex(
      ({ name }) => name === fillSelect(across, names, (inVain ?? metrics[1])?.name ?? ''),
    );
    const y = metrics.findIndex(
      ({ name }) => name === fillSelect(up, names, metrics[0]?.name ?? ''),
    );
    const axes = model.scales.map(({ name }) => ({ value: name, text: name }));
    const colour = fillSelect(by, axes, axes[0]?.value ?? '');
    const scale = model.scales.find(({ name }) => name === colour);
    const [alongX, alongY] = [metrics[x], metrics[y]];
    if (alongX === undefined || alongY === undefined || scale === undefined) return;
    const colours = theme();
    const colourOf = new Map(
      model.selected.map((row) => {
        const at = positionOf(scale, scale.valueOf(row));
        return [row.trial, at === belowPosition ? colours.infeasible : scaleColour(at)];
      }),
    );
    const others = marksOf(model.others, x, y);
    const selected = marksOf(model.selected, x, y);
    const ends = [0, 1].map((axis) =>
      axisEnds([...others, ...selected].map((point) => point[axis] ?? 0)),
    ) as [AxisEnds, AxisEnds];
    chart.draw(
      {
        grid: { left: 70, right: 24, top: 34, bottom: 46 },
        xAxis: valueAxis(alongX.name, ends[0], colours, true),
        yAxis: valueAxis(alongY.name, ends[1], colours, false),
        series: [
          {
            type: 'scatter',
            data: others,
            symbolSize: 5,
            silent: true,
            large: true,
            largeThreshold: 1000,
            itemStyle: { color: colours.infeasible, opacity: 0.12 },
          },
          {
            type: 'scatter',
            data: selected,
            symbolSize: 7,
            itemStyle: {
              opacity: 0.85,
              color: ({ data }: { readonly data: Mark }) => colourOf.get(data[2]),
            },
          },
        ],
      },
      `${alongY.name} against ${alongX.name} of ${String(selected.length)} trials, coloured by ${scale.name}`,
    );
    drawKey(model, scale);
  };
}

/** What the colours stand for. */
function drawKey(model: PageModel, scale: PageModel['scales'][number]): void {
  const { categories, below } = scale;
  const chip = (color: string, text: string): HTMLElement =>
    element('li', {}, element('i', { class: 'chip', style: `--c: ${color}` }), text);
  const known = model.rows.filter((row) => scale.valueOf(row) !== null);
  const ends = [0, 1].map((at) => {
    const row = known.reduce<TrialRow | null>((best, one) => {
      const [here, there] = [one, best].map((each) =>
        each === null || each === undefined ? null : positionOf(scale, scale.valueOf(each)),
      );
      if (there === null || there === undefined || here === null || here === undefined) return one;
      return (at === 0 ? here < there : here > there) ? one : best;
    }, null);
    return row === null ? '' : cellText(scale, row);
  });
  const entries =
    categories === null
      ? [
          chip(scaleColour(0), `${scale.name} ${ends[0] ?? ''}`),
          element('li', { class: 'ramp', 'aria-hidden': 'true' }),
          chip(scaleColour(1), ends[1] ?? ''),
        ]
      : categories.map((value) => chip(scaleColour(positionOf(scale, value)), String(value)));
  const missing = below === null ? [] : [chip('var(--dense)', below)];
  part('pair-key', HTMLUListElement).replaceChildren(...entries, ...missing);
}
