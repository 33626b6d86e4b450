import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import type { Resources } from '../../ir/board.ts';

const reportSchema = z.object({
  fmax: z.record(z.string(), z.object({ achieved: z.number().positive(), constraint: z.number() })),
  utilization: z.record(z.string(), z.object({ available: z.number(), used: z.number() })),
});

/** What nextpnr says of a placed and routed design. */
export interface PlacedDesign {
  /** Logic cells, block memories and multipliers; registers are not counted apart (0). */
  readonly resources: Resources;
  readonly maximumClockMHz: number;
}

/** Reads the file of `--report`. Throws `UserError` (exit code 3) where it cannot be understood. */
export async function readPlacedDesign(file: string): Promise<PlacedDesign> {
  try {
    return placedDesign(await readFile(file, 'utf8'));
  } catch (cause) {
    return fail('synthesize/nextpnr-report', 'the report of nextpnr cannot be understood', {
      place: file,
      remedy: 'nextpnr.log beside it tells whether the run came to its end',
      exitCode: exitCodes.toolFailed,
      cause,
    });
  }
}

/** Throws where the text is no such report, or no clock in it was timed. */
export function placedDesign(text: string): PlacedDesign {
  const { fmax, utilization } = reportSchema.parse(JSON.parse(text));
  const clocks = Object.values(fmax).map(({ achieved }) => achieved);
  if (clocks.length === 0) throw new Error('no clock was timed');
  const used = (cell: string): number => utilization[cell]?.used ?? 0;
  return {
    resources: {
      lut: used('ICESTORM_LC'),
      ff: 0,
      bram36: used('ICESTORM_RAM'),
      uram: 0,
      dsp: used('ICESTORM_DSP'),
    },
    maximumClockMHz: Math.min(...clocks),
  };
}
