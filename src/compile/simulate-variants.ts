import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeFileAtomic } from '../base/atomic-file.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, SimulationOptions } from '../options.ts';
import { measurementFile } from '../report/stored-variant.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import { checkMemoryHashes } from '../simulate/design-folder.ts';
import type { Measurement } from '../simulate/measurement.ts';
import { measure } from '../simulate/measurement.ts';
import { predictRun } from '../simulate/predict-run.ts';
import { readReference } from '../simulate/reference-store.ts';
import { runSchedule } from '../simulate/run-schedule.ts';
import { verifyDesign } from '../simulate/verify-design.ts';

/** Simulators at work at once; a build takes up to a gigabyte of memory. */
const parallelVariants = 2;

/**
 * Verifies designs in a build folder against its reference and writes `<variant>/sim/result.json`.
 * The results, in the order of `plans`. A failure ends all of them.
 */
export async function simulateVariants(
  folder: string,
  network: StoredNetwork,
  plans: readonly Plan[],
  options: SimulationOptions & { readonly samples?: number },
  host: Host,
): Promise<readonly Measurement[]> {
  if (options.hashCheck) {
    for (const plan of plans) await checkMemoryHashes(join(folder, plan.variant, 'hdl'), plan);
  }
  const samples = Math.min(options.samples ?? network.sizes.samples, network.sizes.samples);
  const reference = await readReference(join(folder, referenceFolder), network.sizes, samples);
  host.progress.phase(`simulating ${plans.map(({ variant }) => variant).join(', ')}`);
  const progress = sharedProgress(plans, host);
  return inParallel(parallelVariants, plans, host.signal, async (plan, index, signal) => {
    const labels = network.labels?.slice(0, samples) ?? null;
    const variantFolder = join(folder, plan.variant);
    const schedule = runSchedule(plan, reference);
    const runs = await verifyDesign({
      folder: variantFolder,
      plan,
      reference,
      schedule,
      trace: options.trace,
      gapSeeds: options.gapSeeds ?? null,
      signal,
      onProgress: (fraction, text) => progress(index, fraction, text),
    });
    await setImmediate();
    signal.throwIfAborted();
    const result = measure(plan, runs, {
      reference,
      labels,
      predicted: predictRun(plan, reference, schedule),
    });
    await writeFileAtomic(
      join(variantFolder, measurementFile),
      `${JSON.stringify(result, null, 1)}\n`,
    );
    tell(plan, result, host);
    return result;
  });
}

function tell(plan: Plan, result: Measurement, host: Host): void {
  const verdict =
    result.mismatches === 0 ? 'equals the reference' : `${result.mismatches} differences`;
  host.progress.note(`${plan.variant}: ${verdict} on ${result.samples} samples`);
  for (const line of result.differences) host.progress.note(`${plan.variant}: ${line}`);
}

/** One fraction for designs that run side by side: the mean of theirs. */
function sharedProgress(
  plans: readonly Plan[],
  host: Host,
): (index: number, fraction: number | null, text: string) => void {
  const fractions = plans.map(() => 0);
  return (index, fraction, text) => {
    if (fraction !== null) fractions[index] = fraction;
    const mean = fractions.reduce((sum, value) => sum + value, 0) / plans.length;
    const building = fraction === null && mean === 0;
    host.progress.update(building ? null : mean, `${plans[index]?.variant ?? ''}: ${text}`);
  };
}

/**
 * Runs `work` on all items, at most `limit` at once; results in order. The first failure aborts
 * the others and is thrown when they have ended.
 */
async function inParallel<Item, Result>(
  limit: number,
  items: readonly Item[],
  outer: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const results = new Map<number, Result>();
  let failure: { readonly error: unknown } | null = null;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failure === null) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item === undefined) return;
      try {
        results.set(index, await work(item, index, signal));
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  throwFailure(failure);
  return items.flatMap((_, index) => results.get(index) ?? []);
}

/** Apart, because the compiler does not see the assignment inside the worker. */
function throwFailure(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
