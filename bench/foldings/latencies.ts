import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentProgress } from '../../src/base/progress.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { CompileOptions } from '../../src/options.ts';
import { predictRun } from '../../src/simulate/predict-run.ts';
import { predictedLatencies } from '../../src/simulate/predicted-latencies.ts';
import { runSchedule } from '../../src/simulate/run-schedule.ts';
import { verifyDesign } from '../../src/simulate/verify-design.ts';
import { measure } from '../../src/simulate/measurement.ts';
import { forChosen } from '../for-chosen.ts';
import { buildVariant } from './built-variant.ts';
import { studies } from './studies.ts';

/** A network whose samples are sent one at a time. */
interface LatencyStudy {
  readonly network: Omit<CompileOptions, 'variants' | 'targetThroughput' | 'out'>;
  readonly variant: VariantName;
  readonly targetThroughput: number;
}

const samples = 256;

/** With k-WTA, and with ReLU, where the time depends on the data. */
const latencyStudies: Readonly<Record<'keyword' | 'mlp' | 'residual', LatencyStudy>> = {
  keyword: {
    network: { ...studies.keyword.network, samples },
    variant: 'sparse-sparse',
    targetThroughput: 200_000,
  },
  mlp: {
    network: { ...studies.mlp.network, samples },
    variant: 'sparse-sparse',
    targetThroughput: 100_000,
  },
  residual: {
    network: { ...studies.residual.network, samples },
    variant: 'sparse-sparse',
    targetThroughput: 10_000,
  },
};

/** Runs the networks named (all when none is): `forChosen`. */
export async function verifyLatencies(names: readonly string[]): Promise<number> {
  return forChosen('network', latencyStudies, names, verifyNetwork);
}

/** Whether every sample alone takes the cycles that are predicted for it. */
async function verifyNetwork(
  name: string,
  { network, variant, targetThroughput }: LatencyStudy,
  signal: AbortSignal,
): Promise<boolean> {
  const out = await mkdtemp(join(tmpdir(), 'nzflow-latencies-'));
  try {
    const host = { progress: silentProgress, signal };
    const built = await buildVariant({ ...network, targetThroughput, out }, variant, host);
    const { plan, labels, reference, hdlFolder, simFolder } = built;
    const isolatedSamples = Array.from({ length: reference.files.samples }, (_, sample) => sample);
    const schedule = {
      ...runSchedule(plan, reference),
      isolatedSamples,
      predictedLatencies: predictedLatencies(plan, reference, isolatedSamples),
    };
    const runs = await verifyDesign({
      hdlFolder,
      simFolder,
      plan,
      reference,
      weights: null,
      schedule,
      trace: false,
      gapSeeds: [],
      signal,
      onProgress: () => undefined,
    });
    const predicted = predictRun(plan, reference, schedule);
    const { cycles, mismatches } = measure(plan, runs, {
      reference,
      labels,
      classPlaces: null,
      predicted,
      predictedLatencies: schedule.predictedLatencies,
    });
    const alone = schedule.predictedLatencies;
    const right = cycles?.isolatedAsPredicted ?? 0;
    const different = new Set(alone).size;
    console.log(
      `${name}, ${variant}, ${plan.copies} copies: ${right} of ${reference.files.samples} samples alone take the ` +
        `cycles predicted for each (${different} different latencies, ${Math.min(...alone)} to ` +
        `${Math.max(...alone)}); interval ${cycles?.interval ?? NaN}, predicted ${predicted.interval}; ` +
        `${mismatches} differences of values`,
    );
    return (
      mismatches === 0 &&
      right === reference.files.samples &&
      cycles?.interval === predicted.interval
    );
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
