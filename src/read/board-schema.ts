import { z } from 'zod';
import { boardFamilies } from '../ir/board.ts';

const bracket = z
  .strictObject({
    low: z.number().positive(),
    nominal: z.number().positive(),
    high: z.number().positive(),
  })
  .refine((value) => value.low <= value.nominal && value.nominal <= value.high, {
    message: 'needs low <= nominal <= high',
  });

const amount = z.int().nonnegative();

/** Energy per event of `boards/families/*.yaml`; a board file may replace single entries. */
const energyPicojoules = z.strictObject({
  'multiply-dsp': bracket,
  'multiply-dsp-wide': bracket,
  'multiply-lut': bracket,
  'bram-read': bracket,
  'uram-read': bracket,
  'lutram-bit': bracket,
  'lut-toggle': bracket,
  'ff-toggle': bracket,
  'clock-ff-cycle': bracket,
  'dram-bit': bracket,
});

const energyScales = z.strictObject({
  memoryWrite: z.number().positive(),
  memoryIdle: z.number().nonnegative(),
  dspIdle: z.number().nonnegative(),
  glitch: bracket,
});

const resourceName = z.string().regex(/^[\w ×-]{1,12}$/, 'use at most 12 letters and digits');

/** What all parts of a family have in common: `boards/families/<family>.yaml`. */
export const familySchema = z.strictObject({
  family: z.enum(boardFamilies),
  names: z.strictObject({
    lut: resourceName,
    ff: resourceName,
    bram36: resourceName,
    uram: resourceName,
    dsp: resourceName,
  }),
  blockMemory: z.strictObject({ bits: z.int().positive(), readBits: z.int().positive() }),
  dsp: z.strictObject({ int8ProductsPerBlock: z.int().min(1).max(4) }),
  energyPicojoules,
  energyScales,
});

/** Name of a pin or ball of a package: it goes into a constraint file. */
const pin = z.string().regex(/^[A-Za-z0-9_]{1,12}$/, 'use the letters and digits of the package');

/** A board file, ours or the user's. */
export const boardSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'use lower-case letters, digits and dashes'),
  title: z.string().min(1).optional(),
  part: z.string().min(1),
  family: z.enum(boardFamilies),
  resources: z.strictObject({ lut: amount, ff: amount, bram36: amount, uram: amount, dsp: amount }),
  dies: z.int().min(1).max(16).default(1),
  usableShare: z.number().positive().max(1).default(0.8),
  clockMHz: z.number().positive().max(2000),
  dramGigabytesPerSecond: z.number().positive().optional(),
  dramShare: z.number().positive().max(1).default(0.85),
  maximumBeatBits: z.int().min(8).max(4096).multipleOf(8),
  staticWatts: bracket,
  floorWatts: bracket.optional(),
  pins: z
    .strictObject({ clock: pin, serialIn: pin, serialOut: pin, resetButton: pin.optional() })
    .optional(),
  energyPicojoules: energyPicojoules.partial().optional(),
});

/** JSON Schema of a board file, published as schema/board.schema.json. */
export function boardJsonSchema(): object {
  return {
    ...z.toJSONSchema(boardSchema, { target: 'draft-7', io: 'input' }),
    title: 'nzflow board',
    description: 'A device nzflow plans for: its resources, clock and power.',
  };
}
