import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Resources } from '../../src/ir/board.ts';
import type { SweepUnit } from './units.ts';
import { sweepUnits } from './units.ts';
import type { CellCounts } from './yosys.ts';
import { countResources } from './yosys.ts';

/** Where the sweep writes what it measured. */
export const resultFile = fileURLToPath(new URL('results.json', import.meta.url));
/** LUTs and flip-flops of the model are at most so far from Yosys'. */
export const tolerance = 0.1;

export interface SweepResult {
  readonly name: string;
  readonly seconds: number;
  /** `verilogHash` of what was synthesised; not there where it was not kept. */
  readonly verilog?: string;
  readonly cells: CellCounts;
}

export interface SweepResults {
  readonly yosys: string;
  readonly family: 'ultrascale-plus';
  readonly results: readonly SweepResult[];
}

/** What is on file. Throws when there is none. */
export function storedResults(): SweepResults {
  return JSON.parse(readFileSync(resultFile, 'utf8')) as SweepResults;
}

/** A unit as it was measured and as the model has it. */
export interface Comparison {
  readonly unit: SweepUnit;
  readonly measured: Resources;
  readonly model: Resources;
  /** (model - measured) / measured. */
  readonly lutError: number;
  readonly ffError: number;
  /** Blocks are equal, LUTs and flip-flops within the tolerance. */
  readonly right: boolean;
}

/** Every unit that was measured, in the order of the sweep. */
export function comparisons({ results }: SweepResults): readonly Comparison[] {
  const cells = new Map(results.map((result) => [result.name, result.cells]));
  return sweepUnits.flatMap((unit): readonly Comparison[] => {
    const found = cells.get(unit.name);
    if (found === undefined) return [];
    const measured = countResources(found);
    const model = unit.model();
    const lutError = model.lut / measured.lut - 1;
    const ffError = model.ff / measured.ff - 1;
    const blocks = (['bram36', 'uram', 'dsp'] as const).every(
      (kind) => measured[kind] === model[kind],
    );
    const right = blocks && Math.max(Math.abs(lutError), Math.abs(ffError)) <= tolerance;
    return [{ unit, measured, model, lutError, ffError, right }];
  });
}

/** Mean and largest error of a kind, without sign. */
export function errorsOf(
  all: readonly Comparison[],
  kind: 'lutError' | 'ffError',
): { readonly mean: number; readonly most: number } {
  const errors = all.map((entry) => Math.abs(entry[kind]));
  const total = errors.reduce((sum, error) => sum + error, 0);
  return { mean: total / errors.length, most: Math.max(...errors) };
}
