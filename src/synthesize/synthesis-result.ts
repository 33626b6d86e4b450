import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { fail } from '../base/diagnostics.ts';

const amount = z.number().nonnegative();

const resources = z.object({ lut: amount, ff: amount, bram36: amount, uram: amount, dsp: amount });

const path = z.object({
  levels: amount,
  luts: amount,
  carryBits: amount,
  chains: amount,
  muxes: amount,
  nets: z.array(z.string()).readonly(),
});

/** A layer of one copy, and the templates in it; see `LayerSynthesis`. */
const layer = z.object({
  layer: z.number().int().nonnegative(),
  resources,
  units: z
    .array(z.object({ unit: z.string(), instances: amount, resources, path: path.nullable() }))
    .readonly(),
});

const resultSchema = z.object({
  synthesisVersion: z.literal(1),
  /** For example `Yosys 0.23`. */
  tool: z.string(),
  resources,
  /** Longest way between two registers; results written before it was measured have none. */
  path: path.optional(),
  /** Results written before layers were looked at have none, nor have those of other tools. */
  layers: z.array(layer).readonly().optional(),
  /** What a tool with the delays of the part found. */
  timing: z
    .object({
      maximumClockMHz: z.number().positive(),
      /** No path takes longer than the period that was planned for. */
      holds: z.boolean(),
      /** Placed and routed; else delays of wires are guessed. */
      routed: z.boolean(),
      /** Of the slowest path. */
      logicLevels: amount.optional(),
    })
    .optional(),
  /** As the tool estimates it, without activity of ours. */
  power: z.object({ dynamicWatts: amount, staticWatts: amount }).optional(),
});

/** What a synthesis tool counted: the content of `synth/result.json` of a variant. */
export type SynthesisResult = Readonly<z.infer<typeof resultSchema>>;

function fileIn(variantFolder: string): string {
  return join(variantFolder, 'synth', 'result.json');
}

export async function writeSynthesisResult(
  variantFolder: string,
  result: SynthesisResult,
): Promise<void> {
  await writeFileAtomic(fileIn(variantFolder), `${JSON.stringify(result, null, 2)}\n`);
}

/** Null when there is none. Throws `UserError` when it is damaged. */
export async function readSynthesisResult(variantFolder: string): Promise<SynthesisResult | null> {
  const place = fileIn(variantFolder);
  let text: string;
  try {
    text = await readFile(place, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return resultSchema.parse(JSON.parse(text));
  } catch (cause) {
    return fail('build/synthesis', 'the synthesis result cannot be understood', {
      place,
      remedy: 'run `nzflow synth` on the build folder',
      cause,
    });
  }
}
