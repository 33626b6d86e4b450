import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dashboardData } from '../../src/explore/dashboard/dashboard-data.ts';
import { renderPage } from '../../src/explore/dashboard/render-page.ts';
import {
  axisScales,
  belowPosition,
  positionOf,
  ticksOf,
  valueAt,
} from '../../src/explore/dashboard/view/axis-scale.ts';
import { bestSoFar } from '../../src/explore/dashboard/view/best-so-far.ts';
import { pairFront } from '../../src/explore/dashboard/view/pair-front.ts';
import { parameterImportance } from '../../src/explore/dashboard/view/parameter-importance.ts';
import { filterBy, noFilter } from '../../src/explore/dashboard/view/selection.ts';
import { sortRows } from '../../src/explore/dashboard/view/sort-rows.ts';
import { stateOf, trialRows } from '../../src/explore/dashboard/view/trial-rows.ts';
import { parseDefinition } from '../../src/explore/definition.ts';
import { repeatingYaml } from '../../src/explore/repeat.ts';
import { hostile, jobsOf, searchDefinition, searchHeader } from './dashboard-fixture.ts';

const data = dashboardData({
  store: 'search.trials',
  definition: searchDefinition,
  header: searchHeader,
  jobs: jobsOf(60),
  reports: [],
});
const rows = trialRows(data);
const scales = axisScales(data, rows);
const axis = (name: string): (typeof scales)[number] => {
  const found = scales.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

describe('the data of the page', () => {
  it('has every trial once, with the outcome of its last task', () => {
    expect(rows).toHaveLength(60);
    for (const row of rows) {
      expect(row.task).toBe(row.trial % 3 === 0 ? 1 : 0);
      expect(row.jobs).toHaveLength(row.task + 1);
      expect(stateOf(row) === 'failed').toBe(row.trial % 10 === 7);
      if (row.onFront) expect([row.feasible, row.task]).toEqual([true, 1]);
    }
    expect(rows.some(({ onFront }) => onFront)).toBe(true);
    expect(data.metrics.map(({ name }) => name)).toEqual([
      'accuracy',
      'throughput',
      'nonZeros',
      'accuracyHeldOut',
    ]);
  });

  it('gives every trial the file that repeats it', () => {
    for (const { trial, point, task } of rows.slice(0, 12)) {
      const known = data.parameters.flatMap(({ name }, index) => {
        const value = point[index] ?? null;
        return value === null ? [] : [[name, value] as const];
      });
      const text = repeatingYaml(data.repeat, known, task);
      const { problem, constants, document } = parseDefinition('repeat.yaml', text);
      const [only] = problem.space.parameters;
      expect(problem.space.parameters).toHaveLength(1);
      expect(only?.domain).toEqual({ kind: 'categorical', values: [known[0]?.[1]] });
      expect(constants).toEqual(new Map([['board', 'zcu104'], ...known.slice(1)]));
      expect(document.tasks).toEqual([searchDefinition.document.tasks[task]]);
      expect(document.budget).toEqual({ trials: 1 });
      expect(problem.metrics, String(trial)).toEqual(searchDefinition.problem.metrics);
    }
  });

  it('writes names and values that YAML would take for something else', () => {
    const point = [
      ['yes', 'null'],
      ['a: b', '- c'],
      ['n', 1e-7],
      ['t', 'true'],
      ['b', true],
    ] as const;
    const read = parse(repeatingYaml({ head: '', constants: [], tasks: [] }, point, 0)) as unknown;
    expect(read).toEqual({
      parameters: {
        yes: { type: 'categorical', values: ['null'] },
        'a: b': '- c',
        n: 1e-7,
        t: 'true',
        b: true,
      },
    });
  });
});

describe('the page', () => {
  const page = renderPage({ data, reports: new Map(), script: 'void 0;', live: false });

  it('holds no tag of a name, and loads nothing', () => {
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page).not.toContain('<img');
    expect(page).toContain("default-src 'none'; script-src 'sha256-");
    expect(page).not.toContain('connect-src');
    expect(page).not.toMatch(/(?:src|href)="(?!data:,")/);
    const json = /id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    expect(JSON.parse(json)).toEqual(data);
    expect(json).toContain('onerror');
  });

  it('may ask its server when it is live', () => {
    const live = renderPage({ data, reports: new Map(), script: '', live: true });
    expect(live).toContain("connect-src 'self'");
    expect(live).toContain('data-live="true"');
  });
});

describe('axes', () => {
  it('place values, and what has none below', () => {
    const density = axis('density');
    expect(positionOf(density, 0.02)).toBe(0);
    expect(positionOf(density, 0.5)).toBe(1);
    expect(positionOf(density, 0.1)).toBeCloseTo(0.5);
    expect(positionOf(density, null)).toBe(belowPosition);
    expect(valueAt(density, 0.5)).toBeCloseTo(0.1);
    expect(ticksOf(density).map(({ text }) => text)).toEqual(['not active', '0.02', '0.1', '0.5']);
    expect(ticksOf(axis('pattern')).map(({ at }) => at)).toEqual([0, 1]);
    expect(ticksOf(axis('accuracyHeldOut'))).toMatchObject([{ text: 'none' }, { at: 0.5 }]);
  });
});

describe('filters', () => {
  const passing = (filter: Partial<typeof noFilter>): readonly number[] =>
    rows.filter(filterBy({ ...noFilter, ...filter }, scales)).map(({ trial }) => trial);

  it('let through what stands in every brushed axis', () => {
    expect(passing({})).toHaveLength(60);
    const brushed = passing({
      brushes: new Map([
        ['setSize', [[-0.2, -0.1]]],
        ['weightBits', [[0.6, 1]]],
      ]),
    });
    expect(brushed.length).toBeGreaterThan(3);
    for (const row of rows)
      expect(brushed.includes(row.trial)).toBe(
        row.point[0] === 'unstructured' && Number(row.point[3]) >= 6,
      );
    const ends = passing({
      brushes: new Map([
        [
          'weightBits',
          [
            [0, 0],
            [1, 1],
          ],
        ],
      ]),
    });
    for (const row of rows)
      expect(ends.includes(row.trial)).toBe(row.point[3] === 3 || row.point[3] === 8);
  });

  it('look for words and states', () => {
    expect(passing({ words: '#5 misses' })).not.toContain(0);
    expect(passing({ state: 'failed' })).toEqual([7, 17, 27, 37, 47, 57]);
    expect(passing({ words: hostile.toUpperCase() })).toHaveLength(60);
    const good = passing({ state: 'passing' });
    expect(good).toEqual(rows.filter(({ feasible }) => feasible).map(({ trial }) => trial));
  });
});

describe('views', () => {
  it('know the best feasible value so far', () => {
    const steps = bestSoFar(data, 0);
    expect(steps.length).toBeGreaterThan(1);
    for (const [index, { value, job }] of steps.entries()) {
      expect(data.jobs[job]?.task).toBe(1);
      expect(value).toBeGreaterThanOrEqual(Math.max(0.8, steps[index - 1]?.value ?? 0));
    }
    // the fastest of all is not accurate enough
    for (const { job } of bestSoFar(data, 1))
      expect(data.jobs[job]?.values?.[0]).toBeGreaterThanOrEqual(0.8);
    expect(bestSoFar(data, 2)).toEqual([]);
  });

  it('find the front of two metrics', () => {
    const points = [
      { x: 1, y: 5 },
      { x: 2, y: 5 },
      { x: 3, y: 3 },
      { x: 2.5, y: 2 },
      { x: 3, y: 3 },
      { x: 4, y: 1 },
    ];
    expect(pairFront(points, ['maximise', 'maximise'])).toEqual([points[5], points[2], points[1]]);
    expect(pairFront(points, ['minimise', 'minimise'])).toEqual([points[0], points[3], points[5]]);
  });

  it('sort by numbers, with what has none at the end both ways', () => {
    const density = axis('density');
    for (const descending of [false, true]) {
      const sorted = sortRows(rows, density.valueOf, descending).map(density.valueOf);
      const known = sorted.filter((value) => value !== null).map(Number);
      expect(known).toEqual([...known].sort((a, b) => (descending ? b - a : a - b)));
      expect(sorted.slice(known.length).every((value) => value === null)).toBe(true);
    }
  });

  it('rank the parameters of a metric', () => {
    const found = parameterImportance(data, scales, rows, { metric: 2, task: 0 });
    const names = found?.parameters.map(({ name }) => name) ?? [];
    expect(['density', 'setSize', 'pattern']).toContain(names[0]);
    expect(names.slice(-2).sort()).toEqual(['weightBits', hostile].sort());
    expect(found?.samples).toBe(54);
  });
});
