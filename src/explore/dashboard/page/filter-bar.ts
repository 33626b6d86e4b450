import type { Filter } from '../view/selection.ts';
import { noFilter } from '../view/selection.ts';
import { button, element, part } from './element.ts';
import type { View } from './page-state.ts';

const states: readonly { readonly value: string; readonly text: string }[] = [
  { value: '', text: 'all trials' },
  { value: 'front', text: 'on the front' },
  { value: 'passing', text: 'feasible' },
  { value: 'infeasible', text: 'misses a threshold' },
  { value: 'failed', text: 'failed' },
];

/** How many trials are looked at, words and states to look for, and what was brushed. */
export function filterBar(setFilter: (change: Partial<Filter>) => void): View {
  const words = part('filter-words', HTMLInputElement);
  const state = part('filter-state', HTMLSelectElement);
  state.replaceChildren(...states.map(({ value, text }) => element('option', { value }, text)));
  words.addEventListener('input', () => setFilter({ words: words.value }));
  state.addEventListener('change', () => {
    setFilter({ state: state.value === '' ? null : (state.value as Filter['state']) });
  });
  part('filter-reset', HTMLButtonElement).addEventListener('click', () => {
    words.value = '';
    state.value = '';
    setFilter(noFilter);
  });
  return ({ selected, rows, filter }) => {
    part('filter-count', HTMLElement).textContent =
      `${String(selected.length)} of ${String(rows.length)} trials`;
    const brushed = [...filter.brushes].filter(([, intervals]) => intervals.length > 0);
    part('filter-brushes', HTMLElement).replaceChildren(
      ...brushed.map(([axis]) =>
        button(`${axis} ×`, { class: 'brush', 'aria-label': `Do not filter by ${axis}` }, () => {
          setFilter({ brushes: new Map(brushed.filter(([name]) => name !== axis)) });
        }),
      ),
    );
  };
}
