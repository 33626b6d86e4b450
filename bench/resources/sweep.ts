import { writeFileSync } from 'node:fs';
import type { Resources } from '../../src/ir/board.ts';
import type { Comparison, SweepResults } from './comparison.ts';
import { comparisons, errorsOf, resultFile, storedResults, tolerance } from './comparison.ts';
import { resourceTable } from './resource-table.ts';
import { countKinds } from './unit-kinds.ts';
import { sweepTop, sweepUnits } from './units.ts';
import { verilogHash } from './verilog-hash.ts';
import { countResources, synthesise, yosysVersion } from './yosys.ts';

function percent(model: number, measured: number): string {
  return measured === 0 ? String(model) : `${(((model - measured) / measured) * 100).toFixed(1)}%`;
}

function line({ unit, measured, model, right }: Comparison): string {
  const cell = (kind: keyof Resources): string =>
    `${kind} ${measured[kind]} / ${model[kind]} (${percent(model[kind], measured[kind])})`;
  const cells = (['lut', 'ff', 'bram36', 'uram', 'dsp'] as const).map(cell);
  return `${unit.name}: ${cells.join(', ')}${right ? '' : '  <--'}`;
}

/** Names of the units whose Verilog has changed since they were measured. */
function outdated(templates: string): readonly string[] {
  const hashes = new Map(storedResults().results.map(({ name, verilog }) => [name, verilog]));
  return sweepUnits.flatMap(({ name, files }) =>
    hashes.has(name) && hashes.get(name) !== verilogHash(files(), templates) ? [name] : [],
  );
}

/**
 * Prints the model beside the measurement, a line a unit, then which kinds of units are among
 * those measured, which were not or as older Verilog. False when the model is off: a block memory, UltraRAM or multiplier block of
 * difference, or LUTs or flip-flops by more than 10 %.
 */
export function compare(templates: string): boolean {
  const all = comparisons(storedResults());
  for (const comparison of all) console.log(line(comparison));
  for (const [name, kind] of [
    ['lut', 'lutError'],
    ['ff', 'ffError'],
  ] as const) {
    const { mean, most } = errorsOf(all, kind);
    console.log(
      `${name}: mean error ${(mean * 100).toFixed(1)} %, most ${(most * 100).toFixed(1)} %`,
    );
  }
  const counts = [...countKinds(all.flatMap(({ unit }) => unit.plan() ?? []))];
  const of = (kind: string, count: number): string => `${kind} (${count})`;
  console.log(
    `kinds of units measured: ${counts
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => of(kind, count))
      .join(', ')}`,
  );
  const absent = counts.filter(([, count]) => count === 0).map(([kind]) => kind);
  console.log(`not in the sweep: ${absent.join(', ') || 'none'}`);
  const known = new Set(all.map(({ unit }) => unit.name));
  const missing = sweepUnits.flatMap(({ name }) => (known.has(name) ? [] : [name]));
  if (missing.length > 0) console.log(`not measured: ${missing.join('; ')}`);
  const old = outdated(templates);
  if (old.length > 0)
    console.log(`measured as older Verilog, or not known as which: ${old.join('; ')}`);
  const off = all.flatMap(({ unit, right }) => (right ? [] : [unit.name]));
  console.log(
    `${all.length} units: blocks exact and LUT, FF within ${tolerance * 100} % in ${all.length - off.length}` +
      (off.length === 0 ? '' : `; off: ${off.join('; ')}`),
  );
  return off.length === 0 && missing.length === 0;
}

/** docs/resources.md of what is on file. */
export function table(): string {
  return resourceTable(storedResults());
}

function resultsOnFile(): SweepResults {
  try {
    return storedResults();
  } catch {
    return { yosys: yosysVersion(), family: 'ultrascale-plus', results: [] };
  }
}

/** Synthesises the unit of a name, or all that have `filter` in theirs, and writes the results down. */
export function sweep(filter: string, templates: string, keeps: boolean): void {
  const version = yosysVersion();
  const named = sweepUnits.filter(({ name }) => name === filter);
  const chosen = named.length > 0 ? named : sweepUnits.filter(({ name }) => name.includes(filter));
  for (const unit of chosen) {
    const begin = Date.now();
    const files = unit.files();
    const verilog = verilogHash(files, templates);
    const cells = synthesise(sweepTop, files, templates, 'ultrascale-plus');
    const seconds = Math.round((Date.now() - begin) / 1000);
    const result = { name: unit.name, seconds, verilog, cells };
    const order = new Map(sweepUnits.map(({ name }, index) => [name, index]));
    const results = [...resultsOnFile().results.filter(({ name }) => name !== unit.name), result]
      .filter(({ name }) => order.has(name))
      .sort((one, other) => (order.get(one.name) ?? 0) - (order.get(other.name) ?? 0));
    const content: SweepResults = { yosys: version, family: 'ultrascale-plus', results };
    if (keeps) writeFileSync(resultFile, `${JSON.stringify(content, null, 2)}\n`);
    console.log(unit.name, seconds, JSON.stringify(countResources(cells)));
  }
}
