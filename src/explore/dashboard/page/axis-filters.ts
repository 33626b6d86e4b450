import type { AxisScale } from '../view/axis-scale.ts';
import { belowPosition, positionOf, valueAt } from '../view/axis-scale.ts';
import type { Interval } from '../view/selection.ts';
import { element, part } from './element.ts';
import { drawnAxes } from './parallel-chart.ts';
import type { PageModel, View } from './page-state.ts';

type Brush = (axis: string, intervals: readonly Interval[]) => void;

/** What the brush does with a mouse, with the keyboard: from and to of each axis, or one of its values. */
export function axisFilters(brush: Brush): View {
  const list = part('axis-filters', HTMLDivElement);
  let shown = '';
  let rows: readonly FilterRow[] = [];
  return (model) => {
    const axes = drawnAxes(model);
    const key = JSON.stringify(
      axes.map(({ name, categories, below }) => [name, categories, below]),
    );
    if (key !== shown) {
      shown = key;
      rows = axes.map((axis) => filterRow(axis, brush));
      list.replaceChildren(...rows.map(({ box }) => box));
    }
    for (const [index, axis] of axes.entries()) rows[index]?.update(axis, model);
  };
}

interface FilterRow {
  readonly box: HTMLElement;
  /** Takes over the axis as it is now, and an interval that came from elsewhere. */
  update(axis: AxisScale, model: PageModel): void;
}

function filterRow(first: AxisScale, brush: Brush): FilterRow {
  return first.categories === null ? numberRow(first, brush) : valueRow(first, brush);
}

/** An interval around a single position. */
function around(position: number): Interval {
  return [position - 0.01, position + 0.01];
}

function valueRow(first: AxisScale, brush: Brush): FilterRow {
  const values = first.categories ?? [];
  const places = [
    ...values.map((value) => ({ text: String(value), at: positionOf(first, value) })),
    ...(first.below === null ? [] : [{ text: first.below, at: belowPosition }]),
  ];
  const select = element(
    'select',
    { 'aria-label': first.name },
    element('option', { value: '' }, 'any'),
    ...places.map(({ text, at }) => element('option', { value: String(at) }, text)),
  );
  select.addEventListener('change', () => {
    brush(first.name, select.value === '' ? [] : [around(Number(select.value))]);
  });
  return {
    box: element('label', { class: 'axis-filter' }, element('span', {}, first.name), select),
    update(_axis, { filter }) {
      const [only, ...more] = filter.brushes.get(first.name) ?? [];
      const inside = places.filter(
        ({ at }) => only !== undefined && only[0] <= at && at <= only[1],
      );
      const [one] = inside;
      select.value = one !== undefined && inside.length + more.length === 1 ? String(one.at) : '';
    },
  };
}

function numberRow(first: AxisScale, brush: Brush): FilterRow {
  let scale = first;
  const [from, to] = ['from', 'to'].map((side) =>
    element('input', {
      type: 'number',
      step: 'any',
      placeholder: side,
      'aria-label': `${first.name} ${side}`,
    }),
  ) as [HTMLInputElement, HTMLInputElement];
  const apply = (): void => {
    if (from.value === '' && to.value === '') {
      brush(first.name, []);
      return;
    }
    const low = from.value === '' ? 0 : positionOf(scale, Number(from.value));
    const high = to.value === '' ? 1 : positionOf(scale, Number(to.value));
    brush(first.name, [[Number.isFinite(low) ? low : 0, Number.isFinite(high) ? high : 1]]);
  };
  for (const input of [from, to]) input.addEventListener('change', apply);
  return {
    box: element('div', { class: 'axis-filter' }, element('span', {}, first.name), from, to),
    update(axis, { filter }) {
      scale = axis;
      const [only] = filter.brushes.get(first.name) ?? [];
      const ends = [from, to] as const;
      for (const [side, input] of ends.entries()) {
        if (document.activeElement === input) continue;
        const at = only?.[side];
        const open = at === undefined || (side === 0 ? at <= 0 : at >= 1);
        input.value = open ? '' : String(Number(valueAt(scale, at).toPrecision(4)));
      }
    },
  };
}
