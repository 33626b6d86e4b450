import type { ParameterValue } from '../../space.ts';
import { cellText } from '../view/selection.ts';
import type { Order } from '../view/sort-rows.ts';
import { sortRows } from '../view/sort-rows.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import { stateLabel, stateOf } from '../view/trial-rows.ts';
import { button, element, part } from './element.ts';
import { drawnAxes } from './parallel-chart.ts';
import type { PageModel, View } from './page-state.ts';

const rowsOfPage = 50;

interface TableColumn {
  readonly title: string;
  readonly isNumber: boolean;
  readonly key: (row: TrialRow) => ParameterValue | null;
  readonly text: (row: TrialRow) => string;
}

const stateOrder = ['front', 'feasible', 'infeasible', 'failed'];

/** The trials that were let through, a page at a time, sorted by a column. */
export function trialTable(redraw: () => void, open: (trial: number) => void): View {
  const table = part('trial-table', HTMLTableElement);
  const pager = part('trial-pager', HTMLElement);
  let order: Order = { column: 'state', descending: false };
  let page = 0;
  const sortBy = (column: string): void => {
    order = { column, descending: order.column === column && !order.descending };
    page = 0;
    redraw();
  };
  const turn = (to: number): void => {
    page = to;
    redraw();
  };
  return (model) => {
    const columns = columnsOf(model);
    const by = columns.find(({ title }) => title === order.column) ?? columns[0];
    if (by === undefined) return;
    const sorted = sortRows(model.selected, by.key, order.descending);
    const pages = Math.max(1, Math.ceil(sorted.length / rowsOfPage));
    page = Math.min(page, pages - 1);
    const focused = focusedTitle(table);
    table.replaceChildren(
      element('thead', {}, element('tr', {}, ...columns.map((one) => heading(one, order, sortBy)))),
      element(
        'tbody',
        {},
        ...sorted
          .slice(page * rowsOfPage, (page + 1) * rowsOfPage)
          .map((row) => tableRow(row, columns, open)),
      ),
    );
    if (focused !== null)
      table.querySelector<HTMLElement>(`button[data-key="${CSS.escape(focused)}"]`)?.focus();
    pager.replaceChildren(
      button('Previous', { disabled: page === 0 }, () => turn(page - 1)),
      element('span', {}, `Page ${String(page + 1)} of ${String(pages)}`),
      button('Next', { disabled: page === pages - 1 }, () => turn(page + 1)),
    );
  };
}

function columnsOf(model: PageModel): readonly TableColumn[] {
  const { tasks } = model.data;
  return [
    {
      title: 'trial',
      isNumber: true,
      key: ({ trial }) => trial,
      text: ({ trial }) => String(trial),
    },
    {
      title: 'state',
      isNumber: false,
      key: (row) => stateOrder.indexOf(stateOf(row)),
      text: (row) => stateLabel[stateOf(row)],
    },
    {
      title: 'task',
      isNumber: false,
      key: ({ task }) => task,
      text: ({ task }) => tasks[task]?.name ?? '',
    },
    ...drawnAxes(model).map((axis): TableColumn => ({
      title: axis.name,
      isNumber: axis.categories === null,
      key: axis.valueOf,
      text: (row) => cellText(axis, row),
    })),
  ];
}

function heading(
  { title, isNumber }: TableColumn,
  { column, descending }: Order,
  sortBy: (column: string) => void,
): HTMLElement {
  const sorted = column !== title ? 'none' : descending ? 'descending' : 'ascending';
  return element(
    'th',
    { scope: 'col', class: isNumber ? 'right' : 'left', 'aria-sort': sorted },
    button(title, { class: 'sort', 'data-key': `sort ${title}` }, () => sortBy(title)),
  );
}

function tableRow(
  row: TrialRow,
  columns: readonly TableColumn[],
  open: (trial: number) => void,
): HTMLElement {
  const cells = columns.map(({ title, isNumber, text }) => {
    const shown = text(row);
    if (title !== 'trial') return element('td', { class: isNumber ? 'right' : 'left' }, shown);
    const act = {
      class: 'open',
      'data-key': `trial ${shown}`,
      'aria-label': `Open trial ${shown}`,
    };
    return element(
      'th',
      { scope: 'row', class: 'right' },
      button(shown, act, () => open(row.trial)),
    );
  });
  const made = element('tr', { class: `state-${stateOf(row)}` }, ...cells);
  made.addEventListener('click', ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) open(row.trial);
  });
  return made;
}

function focusedTitle(table: HTMLElement): string | null {
  const focused = document.activeElement;
  return focused instanceof HTMLElement && table.contains(focused)
    ? (focused.dataset['key'] ?? null)
    : null;
}
