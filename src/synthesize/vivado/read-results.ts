import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, exitCodes } from '../../base/diagnostics.ts';
import type { Resources } from '../../ir/board.ts';
import type { SynthesisResult } from '../synthesis-result.ts';
import { valuesOf } from '../vendor-run.ts';

/** Rows of `report_utilization`, by what older and newer families call them. */
const rows: Readonly<Record<keyof Resources, readonly string[]>> = {
  lut: ['CLB LUTs', 'Slice LUTs'],
  ff: ['CLB Registers', 'Slice Registers'],
  bram36: ['Block RAM Tile'],
  uram: ['URAM'],
  dsp: ['DSPs'],
};

/** `| CLB LUTs* | 1234 | …`: what is used of it; null where there is no such row. */
function used(report: string, names: readonly string[]): number | null {
  for (const line of report.split('\n')) {
    const [, name = '', count = ''] = line.split('|').map((cell) => cell.trim());
    if (!names.includes(name.replace(/\*$/, ''))) continue;
    // a small power is written as <0.001
    const value = Number(count.replace(/^</, ''));
    return count !== '' && Number.isFinite(value) ? value : null;
  }
  return null;
}

/** The resources that `report_utilization` counts. A row that is not there is a resource the part lacks. */
export function utilizationOf(report: string): Resources | null {
  const count = (kind: keyof Resources): number => used(report, rows[kind]) ?? 0;
  if (used(report, rows.lut) === null || used(report, rows.ff) === null) return null;
  return {
    lut: count('lut'),
    ff: count('ff'),
    bram36: count('bram36'),
    uram: count('uram'),
    dsp: count('dsp'),
  };
}

/** Watts of `report_power`: `| Dynamic (W) | 1.234 |`. */
export function powerOf(report: string): SynthesisResult['power'] {
  const [dynamic, device] = [used(report, ['Dynamic (W)']), used(report, ['Device Static (W)'])];
  if (dynamic === null || device === null) return undefined;
  return { dynamicWatts: dynamic, staticWatts: device };
}

/** What a finished run left in `out/`. Throws `UserError` (exit code 3) where it cannot be understood. */
export async function readVivadoResults(folder: string): Promise<SynthesisResult> {
  const read = (name: string): Promise<string> =>
    readFile(join(folder, name), 'utf8').catch((cause: unknown) =>
      unreadable(join(folder, name), cause),
    );
  const values = valuesOf(await read('result.txt'));
  const number = (key: string): number => Number(values.get(key) ?? NaN);
  const resources = utilizationOf(await read('utilization.rpt'));
  if (resources === null) unreadable(join(folder, 'utilization.rpt'));
  const [period, slack, levels] = [number('period'), number('slack'), number('levels')];
  if (![period, slack, levels].every(Number.isFinite) || slack >= period) {
    unreadable(join(folder, 'result.txt'));
  }
  const power = powerOf(await read('power.rpt'));
  return {
    synthesisVersion: 1,
    tool: `Vivado ${values.get('vivado') ?? ''}`.trim(),
    resources,
    timing: {
      maximumClockMHz: 1000 / (period - slack),
      holds: slack >= 0,
      routed: values.get('stage') === 'route',
      logicLevels: levels,
    },
    ...(power === undefined ? {} : { power }),
  };
}

function unreadable(place: string, cause?: unknown): never {
  fail('synthesize/vivado-results', 'the result of Vivado cannot be understood', {
    place,
    remedy: 'vivado.log beside it tells whether the run came to its end',
    exitCode: exitCodes.toolFailed,
    cause,
  });
}
