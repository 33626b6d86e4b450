import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../ir/plan.ts';
import { measurementFile } from '../report/stored-variant.ts';
import { checkMemoryHashes } from '../simulate/design-folder.ts';

/**
 * Compares the memory images of a variant with the hashes in its plan, as `checkMemoryHashes` does.
 * Where they differ, an earlier result is removed: it is not that of this design.
 */
export async function checkImages(buildFolder: string, plan: Plan): Promise<void> {
  await checkMemoryHashes(join(buildFolder, plan.variant, 'hdl'), plan).catch(
    async (error: unknown) => {
      await forgetResult(buildFolder, plan);
      throw error;
    },
  );
}

/** Removes what an earlier simulation of the variant found. */
export async function forgetResult(buildFolder: string, plan: Plan): Promise<void> {
  await rm(join(buildFolder, plan.variant, measurementFile), { force: true });
}
