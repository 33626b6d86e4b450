import { z } from 'zod';

/** A net of a module, or a constant (`0`, `1`, `x`, `z`). */
export type Bit = number | string;

const bits = z.array(z.union([z.number(), z.string()]));

const moduleSchema = z.object({
  attributes: z.record(z.string(), z.unknown()),
  ports: z.record(z.string(), z.object({ direction: z.string(), bits })),
  cells: z.record(
    z.string(),
    z.object({
      type: z.string(),
      parameters: z.record(z.string(), z.union([z.string(), z.number()])),
      port_directions: z.record(z.string(), z.string()),
      connections: z.record(z.string(), bits),
    }),
  ),
  netnames: z.record(z.string(), z.object({ hide_name: z.number(), bits })),
});

const netlistSchema = z.object({ modules: z.record(z.string(), moduleSchema) });

/** A module as `write_json` of Yosys gives it: ports, cells and names of nets. */
export type NetlistModule = Readonly<z.infer<typeof moduleSchema>>;
export type NetlistCell = NetlistModule['cells'][string];

/**
 * Modules of a design by name, without the primitives of the device. Throws when the text is not
 * what `write_json` writes.
 */
export function parseNetlist(text: string): ReadonlyMap<string, NetlistModule> {
  const { modules } = netlistSchema.parse(JSON.parse(text));
  const isPrimitive = ({ attributes }: NetlistModule): boolean =>
    'blackbox' in attributes || 'whitebox' in attributes;
  return new Map(Object.entries(modules).filter(([, module]) => !isPrimitive(module)));
}
