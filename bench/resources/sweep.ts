import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resources } from '../../src/ir/board.ts';
import { layerResources } from '../../src/plan/resources/layer-resources.ts';
import { sweepCases } from './cases.ts';
import { planCase } from './plan-case.ts';
import type { CellCounts } from './yosys.ts';
import { countResources, synthesise, yosysVersion } from './yosys.ts';

const resultFile = fileURLToPath(new URL('results.json', import.meta.url));

interface SweepResult {
  readonly name: string;
  readonly seconds: number;
  readonly cells: CellCounts;
}

interface SweepResults {
  readonly yosys: string;
  readonly family: 'ultrascale-plus';
  readonly results: readonly SweepResult[];
}

function readResults(): SweepResults {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8')) as SweepResults;
  } catch {
    return { yosys: yosysVersion(), family: 'ultrascale-plus', results: [] };
  }
}

function percent(model: number, measured: number): string {
  return measured === 0 ? String(model) : `${(((model - measured) / measured) * 100).toFixed(1)}%`;
}

/** Prints the model beside the measurement, one line a case. */
export function compare(): void {
  const measured = new Map(readResults().results.map((result) => [result.name, result]));
  const errors: { lut: number[]; ff: number[] } = { lut: [], ff: [] };
  for (const entry of sweepCases) {
    const result = measured.get(entry.name);
    if (result === undefined) continue;
    const truth = countResources(result.cells);
    const model = layerResources(planCase(entry).plan, 'ultrascale-plus');
    const cell = (kind: keyof Resources): string =>
      `${kind} ${truth[kind]} / ${model[kind]} (${percent(model[kind], truth[kind])})`;
    errors.lut.push(Math.abs(model.lut / truth.lut - 1));
    errors.ff.push(Math.abs(model.ff / truth.ff - 1));
    const wrong = truth.bram36 !== model.bram36 || truth.dsp !== model.dsp ? '  <--' : '';
    console.log(
      `${entry.name}: ${[cell('lut'), cell('ff'), cell('bram36'), cell('dsp')].join(', ')}${wrong}`,
    );
  }
  for (const kind of ['lut', 'ff'] as const) {
    const list = errors[kind];
    const mean = list.reduce((total, error) => total + error, 0) / list.length;
    console.log(
      `${kind}: mean error ${(mean * 100).toFixed(1)} %, most ${(Math.max(...list) * 100).toFixed(1)} %`,
    );
  }
}

/** Synthesises the cases whose name has `filter` in it and writes the results down. */
export function sweep(filter: string, templates: string): void {
  const version = yosysVersion();
  let { results } = readResults();
  for (const entry of sweepCases) {
    if (!entry.name.includes(filter)) continue;
    const { plan, images, verilog } = planCase(entry);
    const files = [verilog, ...images.map((image) => ({ name: image.file, content: image.text }))];
    const begin = Date.now();
    const cells = synthesise('nzflow_layer00', files, templates, 'ultrascale-plus');
    const seconds = Math.round((Date.now() - begin) / 1000);
    const result = { name: entry.name, seconds, cells };
    results = [...results.filter(({ name }) => name !== entry.name), result];
    const order = new Map(sweepCases.map(({ name }, index) => [name, index]));
    results = results
      .filter(({ name }) => order.has(name))
      .sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
    const content: SweepResults = { yosys: version, family: 'ultrascale-plus', results };
    writeFileSync(resultFile, `${JSON.stringify(content, null, 2)}\n`);
    console.log(entry.name, seconds, plan.multipliers, JSON.stringify(countResources(cells)));
  }
}
