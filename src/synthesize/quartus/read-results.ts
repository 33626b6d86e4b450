import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import type { Resources } from '../../ir/board.ts';
import type { SynthesisResult } from '../synthesis-result.ts';
import { valuesOf } from '../vendor-run.ts';

/** A line `name : 1,234 / 41,910 ( 3 % )` of a summary: the first number; null where it is not there. */
function amount(summary: string, names: readonly string[]): number | null {
  for (const line of summary.split('\n')) {
    const [name = '', value = ''] = line.split(' : ');
    if (!names.includes(name.trim())) continue;
    // under 0.01 mW it says `< 0.01 mW`
    const number = /^<?\s*([\d,]+(?:\.\d+)?)/.exec(value.trim())?.[1];
    return number === undefined ? null : Number(number.replaceAll(',', ''));
  }
  return null;
}

/** What the fitter used. */
export interface FitterUse {
  /** Adaptive logic modules. */
  readonly alms: number;
  readonly registers: number;
  /** M10K or M20K blocks. */
  readonly memoryBlocks: number;
  readonly dspBlocks: number;
}

/** Reads `nzflow.fit.summary` of the Standard and the Pro edition; null where it cannot be understood. */
export function fitterUse(summary: string): FitterUse | null {
  const alms = amount(summary, ['Logic utilization (in ALMs)']);
  const registers = amount(summary, ['Total registers', 'Total dedicated logic registers']);
  if (alms === null || registers === null) return null;
  return {
    alms,
    registers,
    // rows that are not there are resources the device lacks
    memoryBlocks: amount(summary, ['Total RAM Blocks']) ?? 0,
    dspBlocks: amount(summary, ['Total DSP Blocks']) ?? 0,
  };
}

/**
 * The lowest frequency of `clk` in all corners of `nzflow.sta.rpt`, MHz: the restricted one, which also keeps the
 * shortest pulses that blocks take. Null where there is none.
 */
export function restrictedFmax(report: string): number | null {
  const rows = report.matchAll(/^;\s*[\d.]+ MHz\s*;\s*([\d.]+) MHz\s*;\s*(\S+)\s*;/gm);
  const found = Array.from(rows).flatMap(([, mhz, clock]) =>
    clock === 'clk' ? [Number(mhz)] : [],
  );
  return found.length === 0 ? null : Math.min(...found);
}

/** Watts of `nzflow.pow.summary`; those of pins are left out: the pins of a block are none. */
export function powerOf(summary: string): SynthesisResult['power'] {
  const dynamic = milliwatts(summary, 'Core Dynamic Thermal Power Dissipation');
  const device = milliwatts(summary, 'Core Static Thermal Power Dissipation');
  if (dynamic === null || device === null) return undefined;
  return { dynamicWatts: dynamic / 1000, staticWatts: device / 1000 };
}

function milliwatts(summary: string, name: string): number | null {
  const inMilliwatts = summary
    .split('\n')
    .some((line) => line.startsWith(name) && / mW\s*$/.test(line));
  return inMilliwatts ? amount(summary, [name]) : null;
}

/** As the boards of Intel count: LUTs are adaptive logic modules, block memories M10K or M20K. */
function resourcesOf({ alms, registers, memoryBlocks, dspBlocks }: FitterUse): Resources {
  return { lut: alms, ff: registers, bram36: memoryBlocks, uram: 0, dsp: dspBlocks };
}

/** What a finished run left in `out/`. Throws `UserError` (exit code 3) where it cannot be understood. */
export async function readQuartusResults(folder: string): Promise<SynthesisResult> {
  const read = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').catch((cause: unknown) =>
      unreadable(join(folder, name), cause),
    );
  const values = valuesOf(await read('result.txt'));
  const period = Number(values.get('period') ?? NaN);
  if (!(period > 0)) unreadable(join(folder, 'result.txt'));
  const use = fitterUse(await read('nzflow.fit.summary'));
  if (use === null) unreadable(join(folder, 'nzflow.fit.summary'));
  const maximumClockMHz = restrictedFmax(await read('nzflow.sta.rpt'));
  if (maximumClockMHz === null) unreadable(join(folder, 'nzflow.sta.rpt'));
  const power = powerOf(await read('nzflow.pow.summary'));
  const version = (values.get('quartus') ?? '').replace(/^Version /, '');
  return {
    synthesisVersion: 1,
    tool: `Quartus ${version}`.trim(),
    resources: resourcesOf(use),
    timing: { maximumClockMHz, holds: maximumClockMHz >= 1000 / period, routed: true },
    ...(power === undefined ? {} : { power }),
  };
}

function unreadable(place: string, cause?: unknown): never {
  fail('synthesize/quartus-results', 'the result of Quartus cannot be understood', {
    place,
    remedy: 'quartus.log in the folder above tells whether the run came to its end',
    exitCode: exitCodes.toolFailed,
    cause,
  });
}
