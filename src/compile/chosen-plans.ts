import { join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import type { Plan } from '../ir/plan.ts';
import type { VariantName } from '../ir/variant.ts';
import { readPlan } from '../read/plan.ts';
import type { StoredNetwork } from '../report/stored-network.ts';

/** The plans of a build that were asked for, all of them unless named. */
export async function chosenPlans(
  folder: string,
  network: StoredNetwork,
  wanted: readonly VariantName[] | undefined,
): Promise<readonly Plan[]> {
  const missing = wanted?.find((name) => !network.variants.includes(name));
  if (missing !== undefined) {
    fail('build/no-variant', `the build has no variant ${missing}`, {
      place: '--variants',
      remedy: `it has ${network.variants.join(', ')}`,
    });
  }
  const names = wanted ?? network.variants;
  return Promise.all(names.map((name) => readPlan(join(folder, name, 'plan.json'))));
}
