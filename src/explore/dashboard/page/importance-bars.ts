import { formatPercent } from '../../../report/format.ts';
import type { ParameterImportance } from '../view/parameter-importance.ts';
import { commonTask, parameterImportance } from '../view/parameter-importance.ts';
import { element, fillSelect, part } from './element.ts';
import type { PageModel, View } from './page-state.ts';

/** Which parameters decide a metric, as bars. */
export function importanceBars(redraw: () => void): View {
  const select = part('importance-metric', HTMLSelectElement);
  select.addEventListener('change', redraw);
  let known: { readonly data: PageModel['data']; readonly metric: number } | null = null;
  return (model) => {
    const { data } = model;
    const options = data.metrics.map(({ name }) => ({ value: name, text: name }));
    const first = data.metrics.find(({ goal }) => goal !== 'store')?.name ?? '';
    const chosen = fillSelect(select, options, first);
    const metric = data.metrics.findIndex(({ name }) => name === chosen);
    if (known?.data === data && known.metric === metric) return;
    known = { data, metric };
    const task = commonTask(data);
    const found = parameterImportance(data, model.scales, model.rows, { metric, task });
    part('importance-bars', HTMLDivElement).replaceChildren(...bars(found));
    part('importance-note', HTMLParagraphElement).textContent = note(
      found,
      data.tasks[task]?.name ?? '',
    );
  };
}

function bars(found: ParameterImportance | null): readonly HTMLElement[] {
  if (found === null) return [];
  const most = Math.max(1e-9, ...found.parameters.map(({ share }) => share));
  return found.parameters.map(({ name, share }) => {
    const width = `${((100 * share) / most).toFixed(1)}%`;
    return element(
      'div',
      { class: 'bar', role: 'listitem' },
      element('span', { class: 'bar-label name', title: name }, name),
      element(
        'span',
        { class: 'track', 'aria-hidden': 'true' },
        element('i', { class: 'fill v-sparse-sparse', style: `width: ${width}` }),
      ),
      element('span', { class: 'bar-text' }, share.toFixed(share < 0.1 ? 3 : 2)),
    );
  });
}

function note(found: ParameterImportance | null, task: string): string {
  if (found === null) return 'Too few different trials to tell.';
  const { explained, samples } = found;
  const trust =
    explained < 0.3 ? ' The forest predicts little of it: do not read much into the order.' : '';
  return `From ${String(samples)} trials through task ${task}; the forest predicts ${formatPercent(Math.max(0, explained), 0)} of the variance of trials it has not seen.${trust}`;
}
