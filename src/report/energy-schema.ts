import { z } from 'zod';
import { nonNegative } from './schema-numbers.ts';

/** A figure over the draws of the coefficients; `nominal`: all of them nominal. */
const drawn = z.object({
  nominal: nonNegative,
  p10: nonNegative,
  p50: nonNegative,
  p90: nonNegative,
});

/** A figure by what energy takes in, each scope more than the one before it. */
export const scopedFigure = z.object({
  /** Events of the core, reads of memory beside the device among them. */
  dynamic: drawn,
  /** And static power of the device over the time. */
  device: drawn,
  /** Events, and what the whole board draws at rest over the time; null where that is not known. */
  board: drawn.nullable(),
  /** Why `board` is null; null where it is not. */
  boardReason: z.string().nullable(),
});

/**
 * The figure of scope `device` with one quantity at the low and at the high end, all others nominal;
 * largest change first. `quantity` is a key of `energyPicojoules` of board files, `glitch` or
 * `static-watts`.
 */
export const swings = z.array(
  z.object({ quantity: z.string(), low: nonNegative, high: nonNegative }),
);
