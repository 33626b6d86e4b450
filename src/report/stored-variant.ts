import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import type { VariantName } from '../ir/variant.ts';
import { readPlan } from '../read/plan.ts';
import type { Measurement } from '../simulate/measurement.ts';
import { measurementSchema } from '../simulate/measurement.ts';
import { readSynthesisResult } from '../synthesize/synthesis-result.ts';
import type { VariantFacts } from './build-variant.ts';

/** Within the folder of a variant. */
export const measurementFile = join('sim', 'result.json');

/** What a build folder knows about one of its variants. */
export async function readVariant(
  buildFolder: string,
  name: VariantName,
): Promise<Omit<VariantFacts, 'forecast'>> {
  const folder = join(buildFolder, name);
  return {
    plan: await readPlan(join(folder, 'plan.json')),
    measurement: await readMeasurement(join(folder, measurementFile)),
    synthesis: await readSynthesisResult(folder),
  };
}

/** Null when there is none. Throws `UserError` when it is damaged. */
async function readMeasurement(place: string): Promise<Measurement | null> {
  let text: string;
  try {
    text = await readFile(place, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return measurementSchema.parse(JSON.parse(text));
  } catch (cause) {
    return fail('build/result', 'the simulation result cannot be understood', {
      place,
      remedy: 'run `nzflow simulate` on the build folder',
      cause,
    });
  }
}
