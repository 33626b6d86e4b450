import { join } from 'node:path';
import { compileModel } from '../../src/compile.ts';
import type { Plan } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { CompileOptions, Host } from '../../src/options.ts';
import { readPlan } from '../../src/read/plan.ts';
import type { StoredNetwork } from '../../src/report/stored-network.ts';
import { readNetwork, referenceFolder } from '../../src/report/stored-network.ts';
import { readReference } from '../../src/simulate/reference-store.ts';
import type { StoredReference } from '../../src/simulate/reference-store.ts';

/** A variant that was compiled, with all that its runs are compared with. */
export interface BuiltVariant {
  readonly plan: Plan;
  readonly labels: StoredNetwork['labels'];
  readonly reference: StoredReference;
  readonly hdlFolder: string;
  readonly simFolder: string;
}

/** Compiles one variant into `out`. */
export async function buildVariant(
  options: Omit<CompileOptions, 'variants'>,
  variant: VariantName,
  host: Host,
): Promise<BuiltVariant> {
  const { out } = options;
  await compileModel({ ...options, variants: [variant] }, host);
  const folder = join(out, variant);
  const { sizes, labels } = await readNetwork(out);
  return {
    plan: await readPlan(join(folder, 'plan.json')),
    labels,
    reference: await readReference(join(out, referenceFolder), sizes, sizes.samples),
    hdlFolder: join(folder, 'hdl'),
    simFolder: join(folder, 'sim'),
  };
}
