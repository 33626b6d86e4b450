import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { powerFolder } from './write-activity.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { inParallel } from '../base/in-parallel.ts';
import { checkImages, forgetResult } from './check-images.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, SimulationOptions } from '../options.ts';
import { measurementFile } from '../report/stored-variant.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import type { Measurement } from '../simulate/measurement.ts';
import { recordActivity } from '../simulate/activity/record-activity.ts';
import { measure } from '../simulate/measurement.ts';
import { predictRun } from '../simulate/predict-run.ts';
import { readReference } from '../simulate/reference-store.ts';
import { runSchedule } from '../simulate/run-schedule.ts';
import { verifyDesign } from '../simulate/verify-design.ts';
import { readWeights } from '../simulate/weight-image.ts';

/** Simulators at work at once; a build takes up to a gigabyte of memory. */
const parallelVariants = 2;

/** What a simulation is made of, which is the same folder unless other weights are loaded. */
export interface SimulationFolders {
  /** `<variant>/hdl/` in it is simulated. */
  readonly design: string;
  /** Its reference and weights are used; results go to `<variant>/sim/`. */
  readonly data: string;
}

/**
 * Verifies designs against a reference and writes `<variant>/sim/result.json`.
 * The results, in the order of `plans`. A failure ends all of them. Where a memory image is not
 * what the plan says, an earlier result is removed: it is not that of this design.
 */
export async function simulateVariants(
  folders: SimulationFolders,
  network: StoredNetwork,
  plans: readonly Plan[],
  options: SimulationOptions & { readonly samples?: number; readonly activity?: number },
  host: Host,
): Promise<readonly Measurement[]> {
  const weights = await Promise.all(
    plans.map((plan) => checkedWeights(folders, plan, options.hashCheck)),
  );
  const samples = Math.min(options.samples ?? network.sizes.samples, network.sizes.samples);
  const reference = await readReference(
    join(folders.data, referenceFolder),
    network.sizes,
    samples,
  );
  host.progress.phase(`simulating ${plans.map(({ variant }) => variant).join(', ')}`);
  const progress = sharedProgress(plans, host);
  return inParallel(parallelVariants, plans, host.signal, async (plan, index, signal) => {
    const labels = network.labels?.slice(0, samples) ?? null;
    const variantFolder = join(folders.data, plan.variant);
    const schedule = runSchedule(plan, reference);
    const runs = await verifyDesign({
      hdlFolder: join(folders.design, plan.variant, 'hdl'),
      simFolder: join(variantFolder, 'sim'),
      plan,
      weights: weights[index] ?? null,
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
      classPlaces: network.classPlaces,
      predicted: predictRun(plan, reference, schedule),
      predictedLatencies: schedule.predictedLatencies,
    });
    await writeFileAtomic(
      join(variantFolder, measurementFile),
      `${JSON.stringify(result, null, 1)}\n`,
    );
    tell(plan, result, host);
    if (options.activity !== undefined && result.cycles !== null) {
      const folder = join(variantFolder, powerFolder);
      await recordActivity({
        hdlFolder: join(folders.design, plan.variant, 'hdl'),
        simFolder: join(variantFolder, 'sim', 'activity'),
        powerFolder: folder,
        plan,
        weights: weights[index] ?? null,
        reference,
        inferences: options.activity,
        loaded: {
          oneCopyInterval: result.cycles.interval * plan.copies,
          latency: result.cycles.latencyLoaded,
        },
        signal,
        onProgress: (done, total) => progress(index, done / total, 'recording activity'),
      });
      host.progress.note(`${plan.variant}: switching activity is in ${folder}`);
    }
    return result;
  });
}

/** The weights to load; those of a design that has them in its memories are only checked. */
export async function checkedWeights(
  { design, data }: SimulationFolders,
  plan: Plan,
  hashCheck: boolean,
): Promise<Uint8Array | null> {
  if (plan.load !== undefined) {
    return readWeights(join(data, plan.variant), plan, plan.load, { hashCheck }).catch(
      async (error: unknown) => {
        await forgetResult(data, plan);
        throw error;
      },
    );
  }
  if (hashCheck) await checkImages(design, plan);
  return null;
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
