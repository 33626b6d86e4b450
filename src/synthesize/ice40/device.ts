import { fail } from '../../base/diagnostics.ts';
import type { Board, BoardPins } from '../../ir/board.ts';

/** A part as nextpnr-ice40 wants it, and the pins of its board. */
export interface Ice40Device {
  /** `--hx8k`, `--up5k`, … */
  readonly option: string;
  /** `ct256`, `sg48`, … */
  readonly package: string;
  /** What `synth_ice40` times for. */
  readonly synthesis: string;
  readonly pins: BoardPins;
}

/** Series, size and package of a part number: iCE40UP5K-SG48, iCE40HX8K-CT256. */
const partNumber = /^ice40(up|hx|lp)(384|[1458]k)-([a-z]{2}\d{2,3})$/;

/** Throws `UserError` for a board that is no iCE40 board with known pins. */
export function ice40Device({ name, part, family, pins }: Board): Ice40Device {
  const [, series, size, packageName] = partNumber.exec(part.toLowerCase()) ?? [];
  const known = family === 'ice40' || family === 'ice40-ultraplus';
  if (!known || series === undefined || size === undefined || packageName === undefined) {
    return fail('synthesize/ice40-part', `${part} of ${name} is no iCE40 part`, {
      place: '--tool ice40',
      remedy:
        'plan for an iCE40 board, for example ice40hx8k; its part is written as iCE40HX8K-CT256',
    });
  }
  if (pins === null) {
    return fail('synthesize/ice40-pins', `the pins of ${name} are not known`, {
      place: '--tool ice40',
      remedy: 'add `pins` (clock, serialIn, serialOut) to the board file',
    });
  }
  return {
    option: `--${series}${size}`,
    package: packageName,
    synthesis: series === 'up' ? '-device u -dsp' : `-device ${series}`,
    pins,
  };
}
