import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { present } from '../../src/base/invariant.ts';
import type { BoardFamily } from '../../src/ir/board.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { LayerPlan, Plan } from '../../src/ir/plan.ts';
import { readBoard } from '../../src/read/board.ts';
import { parseReport } from '../../src/report/schema.ts';
import { parseNetlist } from '../../src/synthesize/netlist.ts';
import { amdDefines, readVerilog } from '../../src/synthesize/family-synthesis.ts';
import { unitTree } from './unit-tree.ts';
import type { Unit } from './unit-tree.ts';

const top = 'nzflow_copy';
/** Units with fewer LUTs in all are left out of the tree. */
const leastLuts = 100;

/** Prints the tree of one copy, and what a multiplier and a wired weight come to. */
export async function measureUnits([
  folder,
  variant = 'sparse-sparse',
  netlist,
]: readonly string[]): Promise<void> {
  if (folder === undefined) throw new Error('which build folder?');
  const design = join(folder, variant);
  const plan = JSON.parse(readFileSync(join(design, 'plan.json'), 'utf8')) as Plan;
  const report = parseReport(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')));
  const file = netlist ?? synthesise(design, (await readBoard(plan.board)).family);
  const tree = unitTree(parseNetlist(readFileSync(file, 'utf8')), top);
  printUnit(tree, 0);
  console.log();
  for (const layer of plan.layers) {
    const name = `nzflow_layer${String(layer.index).padStart(2, '0')}`;
    const unit = present(
      tree.below.find((one) => one.name === name),
      name,
    );
    const weights = report.layers.find((one) => one.name === layer.name)?.weights.nonZero ?? 0;
    console.log(`${layer.name}: ${layerLine(layer, unit, weights)}`);
  }
}

function layerLine(layer: LayerPlan, unit: Unit, weights: number): string {
  const { lut } = unit.resources;
  if (!hasEngines(layer)) return `${lut} LUT`;
  if (layer.wired !== undefined) {
    const windows = layer.choice.values;
    const each = (luts: number): string => (luts / weights).toFixed(1);
    const sums = unit.below.filter(({ name }) => name === 'ternary_sum');
    const additions = sums.reduce((sum, { resources }) => sum + resources.lut, unit.ownLuts);
    return (
      `${lut} LUT, ${weights} non-zero weights, ${windows} windows a step: ${each(lut)} LUT a weight, ` +
      `${each(additions)} its additions (${each(additions / windows)} a weight and window)`
    );
  }
  if (layer.multipliers === 0) return `${lut} LUT`;
  const each = (lut / layer.multipliers).toFixed(1);
  return `${lut} LUT, ${layer.multipliers} multipliers: ${each} LUT a multiplier`;
}

function printUnit({ name, count, resources, ownLuts, below }: Unit, depth: number): void {
  const label = `${'  '.repeat(depth)}${name}${count > 1 ? ` x${count}` : ''}`;
  console.log(
    `${label.padEnd(44)} ${String(resources.lut).padStart(7)} LUT ${String(ownLuts).padStart(6)} own ` +
      `${String(resources.ff).padStart(7)} FF ${String(resources.dsp).padStart(4)} DSP ` +
      `${String(resources.bram36).padStart(5)} BRAM36`,
  );
  for (const unit of below) if (unit.resources.lut >= leastLuts) printUnit(unit, depth + 1);
}

/** Synthesises one copy of a design; where the netlist is. */
function synthesise(design: string, family: BoardFamily): string {
  const hdl = join(design, 'hdl');
  const out = resolve(design, 'synth');
  mkdirSync(out, { recursive: true });
  const sources = readdirSync(hdl).filter((name) => name.endsWith('.v'));
  const file = join(out, 'copy-netlist.json');
  const script =
    `${readVerilog(sources, amdDefines)}; ` +
    `synth_xilinx -noiopad -noclkbuf -family ${family === 'series7' ? 'xc7' : 'xcup'} -top ${top}; write_json ${file}`;
  execFileSync('yosys', ['-q', '-T', '-p', script], { cwd: hdl, stdio: 'ignore' });
  return file;
}
