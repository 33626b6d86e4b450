import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resources } from '../../src/ir/board.ts';
import { countKinds } from './unit-kinds.ts';
import { sweepTop, sweepUnits } from './units.ts';
import type { CellCounts } from './yosys.ts';
import { countResources, synthesise, yosysVersion } from './yosys.ts';

const resultFile = fileURLToPath(new URL('results.json', import.meta.url));
/** LUTs and flip-flops of the model are at most so far from Yosys'. */
const tolerance = 0.1;

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

/**
 * Prints the model beside the measurement, a line a unit, then which kinds of units are among
 * those measured. False when the model is off: a block memory, UltraRAM or multiplier block of
 * difference, or LUTs or flip-flops by more than 10 %.
 */
export function compare(): boolean {
  const measured = new Map(readResults().results.map((result) => [result.name, result]));
  const errors: { lut: number[]; ff: number[] } = { lut: [], ff: [] };
  const off: string[] = [];
  const units = sweepUnits.filter(({ name }) => measured.has(name));
  for (const { name, model: modelOf } of units) {
    const result = measured.get(name);
    if (result === undefined) continue;
    const truth = countResources(result.cells);
    const model = modelOf();
    const cell = (kind: keyof Resources): string =>
      `${kind} ${truth[kind]} / ${model[kind]} (${percent(model[kind], truth[kind])})`;
    const shares = (['lut', 'ff'] as const).map((kind) => Math.abs(model[kind] / truth[kind] - 1));
    errors.lut.push(shares[0] ?? NaN);
    errors.ff.push(shares[1] ?? NaN);
    const blocks = (['bram36', 'uram', 'dsp'] as const).every(
      (kind) => truth[kind] === model[kind],
    );
    const right = blocks && shares.every((share) => share <= tolerance);
    if (!right) off.push(name);
    const cells = (['lut', 'ff', 'bram36', 'uram', 'dsp'] as const).map(cell);
    console.log(`${name}: ${cells.join(', ')}${right ? '' : '  <--'}`);
  }
  for (const kind of ['lut', 'ff'] as const) {
    const list = errors[kind];
    const mean = list.reduce((total, error) => total + error, 0) / list.length;
    console.log(
      `${kind}: mean error ${(mean * 100).toFixed(1)} %, most ${(Math.max(...list) * 100).toFixed(1)} %`,
    );
  }
  const plans = units.flatMap(({ plan }) => plan() ?? []);
  const counts = [...countKinds(plans)];
  const of = (kind: string, count: number): string => `${kind} (${count})`;
  console.log(
    `kinds of units measured: ${counts
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => of(kind, count))
      .join(', ')}`,
  );
  const absent = counts.filter(([, count]) => count === 0).map(([kind]) => kind);
  console.log(`not in the sweep: ${absent.join(', ') || 'none'}`);
  console.log(
    `${units.length} units: blocks exact and LUT, FF within ${tolerance * 100} % in ${units.length - off.length}` +
      (off.length === 0 ? '' : `; off: ${off.join('; ')}`),
  );
  return off.length === 0;
}

/** Synthesises the units whose name has `filter` in it and writes the results down. */
export function sweep(filter: string, templates: string): void {
  const version = yosysVersion();
  for (const unit of sweepUnits) {
    if (!unit.name.includes(filter)) continue;
    const begin = Date.now();
    const cells = synthesise(sweepTop, unit.files(), templates, 'ultrascale-plus');
    const seconds = Math.round((Date.now() - begin) / 1000);
    const result = { name: unit.name, seconds, cells };
    const order = new Map(sweepUnits.map(({ name }, index) => [name, index]));
    const results = [...readResults().results.filter(({ name }) => name !== unit.name), result]
      .filter(({ name }) => order.has(name))
      .sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
    const content: SweepResults = { yosys: version, family: 'ultrascale-plus', results };
    writeFileSync(resultFile, `${JSON.stringify(content, null, 2)}\n`);
    console.log(unit.name, seconds, JSON.stringify(countResources(cells)));
  }
}
