import { renderHtml } from '../../../report/html.ts';
import type { Report } from '../../../report/schema.ts';
import { repeatingYaml } from '../../repeat.ts';
import { formatMetric, formatParameter } from '../view/metric-format.ts';
import type { TrialRow } from '../view/trial-rows.ts';
import { stateLabel, stateOf } from '../view/trial-rows.ts';
import { button, element, part } from './element.ts';
import type { PageModel } from './page-state.ts';

/** Gets the report of a trial; null when there is none to be had. */
export type ReportSource = (trial: number) => Promise<Report | null>;

/** Opens all that is known of a trial in a dialog; `#trial-12` in the address does the same. */
export function trialRecord(
  model: () => PageModel,
  reports: ReportSource,
): (trial: number) => void {
  const dialog = part('record', HTMLDialogElement);
  const open = (trial: number): void => {
    const now = model();
    const row = now.rows.find((one) => one.trial === trial);
    if (row === undefined) return;
    dialog.replaceChildren(...recordOf(now, row, reports, () => dialog.close()));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    history.replaceState(null, '', `#trial-${String(trial)}`);
  };
  dialog.addEventListener('close', () => {
    history.replaceState(null, '', location.pathname + location.search);
  });
  // a click beside the dialog
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
  const followAddress = (): void => {
    const number = /^#trial-(\d+)$/.exec(location.hash)?.[1];
    if (number !== undefined) open(Number(number));
  };
  addEventListener('hashchange', followAddress);
  followAddress();
  return open;
}

function recordOf(
  model: PageModel,
  row: TrialRow,
  reports: ReportSource,
  close: () => void,
): readonly HTMLElement[] {
  const { data } = model;
  const title = element('h2', { id: 'record-title' }, `Trial ${String(row.trial)}`);
  const state = element('p', { class: 'quiet' }, stateLabel[stateOf(row)]);
  const head = element(
    'header',
    { class: 'record-head' },
    element('div', {}, title, state),
    button('Close', { class: 'close' }, close),
  );
  const failure =
    row.failure === null ? [] : [element('p', { class: 'warnings' }, `It failed: ${row.failure}`)];
  return [
    head,
    ...failure,
    element(
      'div',
      { class: 'columns two' },
      element('div', {}, element('h3', {}, 'Parameters'), parametersOf(model, row)),
      element('div', {}, element('h3', {}, 'Metrics by task'), metricsOf(model, row)),
    ),
    element('h3', {}, 'Jobs'),
    jobsOf(model, row),
    ...logsOf(model, row),
    element('h3', {}, 'Repeat it'),
    ...repeatOf(model, row),
    element('h3', {}, 'Full report'),
    reportOf(model, row, reports),
    element('h3', {}, 'Made from'),
    facts([
      ['Tool', `${data.tool.name} ${data.tool.version}`],
      ['Search', `${data.name}, seed ${String(data.seed)}, begun ${data.created}`],
      ['Model', data.model],
      ...data.hashes.map(([name, hash]) => [`SHA-256 of the ${name}`, hash] as const),
    ]),
  ];
}

function facts(entries: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    'dl',
    { class: 'record-facts' },
    ...entries.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
}

function parametersOf({ data }: PageModel, { point }: TrialRow): HTMLElement {
  const searched = data.parameters.map(
    ({ name }, index) => [name, formatParameter(point[index] ?? null)] as const,
  );
  const constants = data.repeat.constants.map(
    ([name, value]) => [name, `${String(value)} (constant)`] as const,
  );
  return facts([...searched, ...constants]);
}

function metricsOf({ data }: PageModel, { jobs }: TrialRow): HTMLElement {
  const header = ['metric', ...jobs.map(({ task }) => data.tasks[task]?.name ?? '')];
  const rows = data.metrics.flatMap(({ name, threshold }, index) => {
    const values = jobs.map((job) => job.values?.[index] ?? null);
    if (values.every((value) => value === null)) return [];
    const wanted =
      threshold === null
        ? ''
        : ` (wanted ${threshold.comparison} ${formatMetric(name, threshold.value)})`;
    return [
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, name, element('span', { class: 'quiet' }, wanted)),
        ...values.map((value) =>
          element('td', { class: 'right' }, value === null ? '' : formatMetric(name, value)),
        ),
      ),
    ];
  });
  return table(header, rows);
}

function jobsOf({ data }: PageModel, { jobs }: TrialRow): HTMLElement {
  return table(
    ['task', 'job', 'cost', 'began', 'seconds', 'worker'],
    jobs.map(({ task, number, began, seconds, worker }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, data.tasks[task]?.name ?? ''),
        ...[
          String(number),
          String(data.tasks[task]?.cost ?? ''),
          began,
          seconds.toFixed(2),
          data.workers[worker] ?? '',
        ].map((text) => element('td', { class: 'right' }, text)),
      ),
    ),
  );
}

function table(header: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const titles = header.map((title, index) =>
    element('th', { scope: 'col', class: index === 0 ? 'left' : 'right' }, title),
  );
  return element(
    'div',
    { class: 'scroll' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...titles)),
      element('tbody', {}, ...rows),
    ),
  );
}

function logsOf({ data }: PageModel, { jobs }: TrialRow): readonly HTMLElement[] {
  const said = jobs.flatMap(({ task, log }) =>
    log.map((line) => `${data.tasks[task]?.name ?? ''}: ${line}`),
  );
  return [
    element('h3', {}, 'Log'),
    said.length === 0
      ? element('p', { class: 'quiet' }, 'Nothing was said.')
      : element('pre', { tabindex: '0', 'aria-label': 'Log' }, said.join('\n')),
  ];
}

function repeatOf({ data }: PageModel, row: TrialRow): readonly HTMLElement[] {
  const point = data.parameters.flatMap(({ name }, index) => {
    const value = row.point[index] ?? null;
    return value === null ? [] : [[name, value] as const];
  });
  const yaml = repeatingYaml(data.repeat, point, row.task);
  const file = `trial-${String(row.trial)}.yaml`;
  const text = element('pre', { id: 'record-yaml', tabindex: '0', 'aria-label': file }, yaml);
  const href = `data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`;
  const save = element('a', { class: 'button', download: file, href }, `Save ${file}`);
  const copy = button('Copy', {}, () => {
    const selection = getSelection();
    selection?.selectAllChildren(text);
    navigator.clipboard.writeText(yaml).then(
      () => (copy.textContent = 'Copied'),
      // not allowed: what is selected can be copied by hand
      () => (copy.textContent = 'Selected'),
    );
  });
  const words =
    "In the folder of the search's file (paths are relative to it), this file repeats the trial alone: " +
    `nzflow explore ${file}`;
  return [
    element('p', { class: 'note' }, words),
    text,
    element('p', { class: 'actions' }, save, copy),
  ];
}

function reportOf(model: PageModel, row: TrialRow, reports: ReportSource): HTMLElement {
  const place = element('div', { id: 'record-report' });
  if (!model.data.reports.includes(row.trial)) {
    place.append(
      element(
        'p',
        { class: 'quiet' },
        'None is at hand: reports are kept of trials that went through the last task.',
      ),
    );
    return place;
  }
  const show = button('Show the full report', {}, () => {
    void reports(row.trial)
      .catch(() => null)
      .then((report) => {
        place.replaceChildren(
          report === null
            ? element('p', { class: 'quiet' }, 'The report cannot be read.')
            : element('iframe', {
                title: `Report of trial ${String(row.trial)}`,
                sandbox: '',
                srcdoc: renderHtml(report),
              }),
        );
      });
  });
  place.append(show);
  return place;
}
