import { z } from 'zod';
import { parseConfigDocument } from '../../read/config-document.ts';

const layerSchema = z
  .strictObject({
    density: z.number().gt(0).max(1).describe('share of the weights that stays'),
    setSize: z.int().min(1).describe('kernels of a complementary set'),
    kwta: z
      .number()
      .positive()
      .refine((value) => value < 1 || Number.isInteger(value), {
        message: 'it needs a whole number of winners, or a share below 1',
      })
      .describe(
        'winners of the k-WTA behind the layer: a number from 1, or a share of the channels',
      ),
  })
  .partial()
  .refine(({ density, setSize }) => density === undefined || setSize === undefined, {
    message: 'density and setSize exclude each other: sets of n leave 1 / n of the weights',
  });

const planSchema = z.strictObject({
  layers: z
    .record(z.string(), layerSchema)
    .describe(
      'by name, as `nzflow inspect` prints it; layers that are not named keep their weights',
    ),
});

/** What a plan file says of a layer; what is absent was not said. */
export type LayerEntry = z.output<typeof layerSchema>;

/** Goals by layer name, in the order of the file. */
export interface PlanFile {
  /** For messages. */
  readonly file: string;
  readonly layers: ReadonlyMap<string, LayerEntry>;
}

/** Parses a plan. Throws `UserError` with file:line:column of every mistake. */
export function parsePlanFile(file: string, text: string): PlanFile {
  const { layers } = parseConfigDocument({ file, text, area: 'plan' }, planSchema);
  return { file, layers: new Map(Object.entries(layers)) };
}
