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

/** Connector of a module, and what it is plugged into. */
const carrierName = z
  .string()
  .regex(/^\w+ [\w.-]+:[\w.-]+:[\w.-]+:[\d.]+$/, 'use connector vendor:board:connector:version');

const partsOfName = /^[\w.-]+:[\w.-]+:[\w.-]+$/;

/** `BlockDesignRecipe`: ports are those of the kind of processor. */
const blockDesignSchema = z.discriminatedUnion('processor', [
  z.strictObject({
    processor: z.literal('zynq7'),
    boardPart: z.string().regex(partsOfName, 'use vendor:board:part0'),
    carrier: carrierName.optional(),
    controlPort: z.enum(['M_AXI_GP0', 'M_AXI_GP1']),
    memoryPort: z.enum(['S_AXI_HP0', 'S_AXI_HP1', 'S_AXI_HP2', 'S_AXI_HP3']),
    memoryPortBits: z.literal([32, 64]),
    clock: z.enum(['FCLK_CLK0', 'FCLK_CLK1', 'FCLK_CLK2', 'FCLK_CLK3']),
  }),
  z.strictObject({
    processor: z.literal('zynq_ultra_ps_e'),
    boardPart: z.string().regex(partsOfName, 'use vendor:board:part0'),
    carrier: carrierName.optional(),
    controlPort: z.enum(['M_AXI_HPM0_FPD', 'M_AXI_HPM1_FPD']),
    memoryPort: z.enum(['S_AXI_HP0_FPD', 'S_AXI_HP1_FPD', 'S_AXI_HP2_FPD', 'S_AXI_HP3_FPD']),
    memoryPortBits: z.literal([32, 64, 128]),
    clock: z.enum(['pl_clk0', 'pl_clk1', 'pl_clk2', 'pl_clk3']),
  }),
]);

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
  blockDesign: blockDesignSchema.optional(),
  shell: z
    .strictObject({
      platform: z.string().regex(/^\w+$/, 'use letters, digits and underscores'),
      resources: z.strictObject({
        lut: amount,
        ff: amount,
        bram36: amount,
        uram: amount,
        dsp: amount,
      }),
    })
    .optional(),
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
