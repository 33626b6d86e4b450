import { plural } from '../../../report/format.ts';
import { formatMetric } from '../view/metric-format.ts';
import { element, part } from './element.ts';
import type { PageModel, View } from './page-state.ts';

/** Title, facts and the few numbers that say how the search stands. */
export function summary(): View {
  return ({ data, rows }) => {
    document.title = `Search ${data.name}`;
    part('title', HTMLHeadingElement).textContent = `Search ${data.name}`;
    const facts = [
      `Model ${data.model}`,
      `begun ${data.created.slice(0, 16).replace('T', ' ')} UTC`,
      data.method,
      `seed ${String(data.seed)}`,
      `${data.tool.name} ${data.tool.version}`,
    ];
    part('facts', HTMLDivElement).replaceChildren(
      ...facts.map((fact) => element('span', {}, fact)),
    );
    part('tiles', HTMLDivElement).replaceChildren(...tiles({ data, rows }));
  };
}

function tiles({ data, rows }: Pick<PageModel, 'data' | 'rows'>): readonly HTMLElement[] {
  const feasible = rows.filter((row) => row.feasible).length;
  const failed = rows.filter((row) => row.failure !== null).length;
  const front = rows.filter((row) => row.onFront);
  const seconds = data.jobs.reduce((sum, job) => sum + job.seconds, 0);
  const { cost, trials } = data.budget;
  const done = data.tasks.map(({ name }, task) => {
    const count = data.jobs.filter((job) => job.task === task).length;
    return `${name} ${String(count)}`;
  });
  const best = data.metrics.flatMap(({ name, goal }, index) => {
    if (goal === 'store' || front.length === 0) return [];
    const values = front.flatMap(({ values: known }) => known?.[index] ?? []);
    const value = goal === 'maximise' ? Math.max(...values) : Math.min(...values);
    return [`${name} ${formatMetric(name, value)}`];
  });
  return [
    tile(
      'Trials',
      String(rows.length),
      trials === null ? done.join(', ') : `of ${String(trials)}; ${done.join(', ')}`,
    ),
    tile('Feasible', String(feasible), `${String(failed)} failed`),
    tile(
      'On the front',
      String(front.length),
      best.length === 0
        ? 'no feasible trial through the last task yet'
        : `best: ${best.join(', ')}`,
    ),
    tile(
      'Cost',
      data.cost.toFixed(1),
      `${cost === null ? '' : `of ${String(cost)}; `}${plural(Math.round(seconds), 'second')} of work`,
    ),
  ];
}

function tile(title: string, value: string, detail: string): HTMLElement {
  return element(
    'div',
    { class: 'tile' },
    element('div', { class: 'tile-title' }, title),
    element('div', { class: 'tile-value' }, value),
    element('div', { class: 'tile-detail' }, detail),
  );
}
