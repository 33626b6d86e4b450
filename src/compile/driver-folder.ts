import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emitDriver } from '../emit/driver/emit-driver.ts';
import type { Plan } from '../ir/plan.ts';
import type { DriverFacts } from '../plan/interfaces/driver-facts.ts';

/** `drivers/` of the package: two levels up from src/compile as well as from dist/compile. */
const sources = fileURLToPath(new URL('../../drivers/', import.meta.url));

/** Writes `driver/` of a variant with bus interfaces: what is made for the design, and the drivers. */
export async function writeDriverFolder(
  folder: string,
  plan: Plan,
  facts: DriverFacts,
): Promise<void> {
  if (plan.axi === undefined) return;
  const driver = join(folder, 'driver');
  await mkdir(driver, { recursive: true });
  for (const { name, content } of emitDriver(plan, facts)) {
    await writeFile(join(driver, name), content);
  }
  for (const name of await readdir(sources)) {
    if (name.startsWith('nzflow_xrt') && plan.axi.kernel !== true) continue;
    await copyFile(join(sources, name), join(driver, name));
  }
}
